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
	 * The ids of the named rights.
	 *
	 * @param string[] $names
	 * @return array<int, string> names by id
	 * @throws Failure `unknown_right`
	 */
	public function resolve(array $names): array
	{
		$ids = array_flip($this->defined() + $this->planned());
		if (array_diff($names, array_keys($ids))) {
			$ids += array_flip($this->describedAnew(array_diff($names, array_keys($ids))));
		}
		$found = array();
		foreach ($names as $name) {
			if (!isset($ids[$name])) {
				throw $this->unknown((string) $name, array_keys($ids));
			}
			$found[$ids[$name]] = (string) $name;
		}
		ksort($found);
		return $found;
	}

	/**
	 * Rights that the files of modules describe which were switched on when their files were older.
	 *
	 * The application stores a module's rights when it is switched on, and not again when its files are replaced.
	 *
	 * @param string[] $names rights that are not stored
	 * @return array<int, string>
	 */
	private function describedAnew(array $names): array
	{
		$modules = new Modules($this->application);
		$found = array();
		foreach (array_intersect_key($modules->classes(), $modules->enabled()) as $class) {
			$described = array_intersect($this->ofClass($class), $names);
			if ($described && !$this->application->check()) {
				$described = array_intersect($this->store($class, $described), $names);
			}
			$found += $described;
		}
		return $found;
	}

	/**
	 * Has the application store the rights of a module that is on.
	 *
	 * @param array<int, string> $wanted those that are missing
	 * @return array<int, string> all that are stored
	 */
	private function store(string $class, array $wanted): array
	{
		$module = Descriptors::load($this->application, $class);
		$module->insert_permissions(0, null, 1);
		if (array_diff($wanted, $this->defined())) {
			// Their ids are those of rights that the module has no more.
			$module->delete_permissions();
			$module->insert_permissions(0, null, 1);
		}
		return $this->defined();
	}

	/**
	 * What the modules would define that a check run would have switched on.
	 *
	 * @return array<int, string>
	 */
	public function planned(): array
	{
		$names = array();
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
