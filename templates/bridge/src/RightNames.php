<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The rights that there are, by their names: `produit.lire` or `societe.client.voir`.
 */
class RightNames
{
	/** @var Application */
	private $application;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	/** @return array<int, string> names of all rights that the enabled modules define, by id */
	public function defined(): array
	{
		$rows = $this->application->rows(
			'SELECT id, module, perms, subperms FROM '.$this->application->table('rights_def')
				.' WHERE entity = '.$this->application->entity().' AND perms IS NOT NULL ORDER BY id'
		);
		$names = array();
		foreach ($rows as $row) {
			$names[(int) $row['id']] = self::name((string) $row['module'], (string) $row['perms'], (string) $row['subperms']);
		}
		return $names;
	}

	private static function name(string $module, string $perms, string $subperms): string
	{
		return $module.'.'.$perms.($subperms === '' ? '' : '.'.$subperms);
	}

	/**
	 * The ids of the named rights. Those that modules define and nobody has stored are stored first.
	 *
	 * @param string[] $names
	 * @return array<int, string> names by id
	 * @throws Failure `unknown_right`
	 */
	public function resolve(array $names): array
	{
		$known = $this->planned() + $this->defined();
		if ($missing = array_diff($names, $known)) {
			// Before the others: its id may have been that of a right that is gone.
			$known = $this->defineAnew($missing, $known) + $known;
		}
		$ids = array_flip($known);
		$found = array();
		foreach ($names as $name) {
			if (!isset($ids[$name])) {
				throw $this->unknown((string) $name, $known);
			}
			$found[$ids[$name]] = (string) $name;
		}
		ksort($found);
		return $found;
	}

	/**
	 * Has the application store rights that modules describe which are on.
	 *
	 * It does so when a module is switched on, and not again when its files are replaced, or when somebody has deleted
	 * the definitions. Whoever has such a right has nothing of it until then, so that it counts as given by us.
	 *
	 * @param string[]           $names that are not stored
	 * @param array<int, string> $known
	 * @return array<int, string>
	 * @throws Failure `unknown_right`
	 */
	private function defineAnew(array $names, array $known): array
	{
		$modules = new Modules($this->application);
		$described = array();
		foreach (array_intersect_key($modules->classes(), $modules->enabled()) as $class) {
			$rights = $this->ofClass($class);
			if (array_intersect($rights, $names)) {
				$described[$class] = $rights;
			}
		}
		$all = array_merge($known, ...array_values($described));
		foreach (array_diff($names, $all) as $name) {
			throw $this->unknown((string) $name, $all);
		}
		$found = array();
		foreach ($described as $class => $rights) {
			$new = $this->application->check() ? array_diff($rights, $known) : $this->store($class, array_intersect($rights, $names));
			$this->application->defineRights($new);
			$found += $new;
		}
		return $found;
	}

	/**
	 * @param array<int, string> $wanted those that are missing
	 * @return array<int, string> those that were not there before
	 */
	private function store(string $class, array $wanted): array
	{
		$before = $this->defined();
		$module = Descriptors::load($this->application, $class);
		$module->insert_permissions(0, null, 1);
		if (array_diff($wanted, $this->defined())) {
			// Their ids are those of rights that the module has no more.
			$module->delete_permissions();
			$module->insert_permissions(0, null, 1);
		}
		return array_diff($this->defined(), $before);
	}

	/**
	 * What the modules define that a check run would have switched on, and what it would have defined anew.
	 *
	 * @return array<int, string>
	 */
	public function planned(): array
	{
		$names = $this->application->definedRights();
		foreach ($this->application->plannedModules() as $class) {
			$names += $this->ofClass($class);
		}
		return $names;
	}

	/**
	 * @return array<int, string> the rights that a module's class describes
	 */
	private function ofClass(string $class): array
	{
		$names = array();
		try {
			$module = Descriptors::load($this->application, $class);
		} catch (\Throwable $problem) {
			// A foreign module that cannot be loaded has no rights that could be asked for.
			return $names;
		}
		foreach (is_array($module->rights ?? null) ? $module->rights : array() as $right) {
			if (!empty($right[0]) && !empty($right[4])) {
				$owner = empty($module->rights_class) ? strtolower(substr($class, 3)) : (string) $module->rights_class;
				// Newer versions let a module bring a right of another one.
				if (defined('DolibarrModules::KEY_MODULE') && isset($right[\DolibarrModules::KEY_MODULE])) {
					$owner = (string) $right[\DolibarrModules::KEY_MODULE];
				}
				$names[(int) $right[0]] = self::name($owner, (string) $right[4], (string) ($right[5] ?? ''));
			}
		}
		return $names;
	}

	/**
	 * @param string[] $known
	 */
	private function unknown(string $name, array $known): Failure
	{
		$owner = explode('.', $name)[0];
		$same = array_values(array_filter($known, static function (string $candidate) use ($owner): bool {
			return strpos($candidate, $owner.'.') === 0;
		}));
		if ($same) {
			return new Failure(
				'unknown_right',
				"There is no right \"$name\".",
				"The rights of \"$owner\" are: ".implode(', ', $same).'.'
			);
		}
		$modules = new Modules($this->application);
		foreach (array_diff_key($modules->classes(), $modules->enabled()) as $short => $class) {
			foreach ($this->ofClass($class) as $candidate) {
				if (strpos($candidate, $owner.'.') === 0) {
					return new Failure(
						'module_off',
						"The right \"$name\" belongs to the module \"$short\", which is off.",
						"Switch the module on first: miclinikctl module enable $short"
					);
				}
			}
		}
		return new Failure(
			'unknown_right',
			"There is no right \"$name\", and no module of this version has rights of \"$owner\".",
			'Near names: '.implode(', ', Nearness::of($name, $known)).'.'
		);
	}
}
