<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Modules by the short lower-case names that operators use (societe, product, commande, facture, stock, api).
 */
class Modules
{
	/** @var Application */
	private $application;
	/** @var array<string, string>|null class names by short name */
	private $classes;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	/**
	 * @return array<string, string> short name => class, of every module that the code brings
	 */
	public function classes(): array
	{
		if ($this->classes === null) {
			$this->classes = array();
			foreach (dolGetModulesDirs() as $folder) {
				foreach (glob(rtrim($folder, '/').'/mod*.class.php') ?: array() as $file) {
					$class = basename($file, '.class.php');
					$name = strtolower(substr($class, 3));
					if (!isset($this->classes[$name])) {
						$this->classes[$name] = $class;
					}
				}
			}
			ksort($this->classes);
		}
		return $this->classes;
	}

	/**
	 * @throws Failure `unknown_module`
	 */
	public function classOf(string $name): string
	{
		$short = strtolower($name);
		$classes = $this->classes();
		if (!isset($classes[$short])) {
			throw new Failure(
				'unknown_module',
				"There is no module \"$name\" in this version (".DOL_VERSION.').',
				'Near names: '.implode(', ', Nearness::of($short, array_keys($classes))).'.'
			);
		}
		return $classes[$short];
	}

	/** @return array<string, string> names of modules that are on => the constant's name, read from the database */
	public function enabled(): array
	{
		$known = $this->classes();
		$sql = 'SELECT '.$this->application->db()->decrypt('name').' as name, '.$this->application->db()->decrypt('value').' as value FROM '
			.$this->application->table('const')." WHERE entity IN (0, ".$this->application->entity().') ORDER BY entity';
		$names = array();
		foreach ($this->application->rows($sql) as $row) {
			// With an underscore in it, it is a setting of a module (MAIN_MODULE_X_TRIGGERS), or a module that has one in its name.
			if (
				preg_match('/^MAIN_MODULE_([A-Z0-9_]+)$/i', (string) $row['name'], $found)
				&& (strpos($found[1], '_') === false || isset($known[strtolower($found[1])]))
			) {
				if ((string) $row['value'] === '1') {
					$names[strtolower($found[1])] = (string) $row['name'];
				} else {
					unset($names[strtolower($found[1])]);
				}
			}
		}
		ksort($names);
		return $names;
	}

	/**
	 * @param string[]|null $declared what the inventory asks for now; null: the caller has none
	 * @return array<string, mixed>
	 */
	public function list(?array $declared): array
	{
		$answer = array(
			'changed' => false,
			'enabled' => array_keys($this->enabled()),
			'available' => array_keys($this->classes()),
		);
		if ($declared === null) {
			return $answer;
		}
		$on = array_intersect_key($this->classes(), array_intersect_key($this->enabled(), array_flip(array_map('strtolower', $declared))));
		return $answer + array(
			'left' => (new AskedModules($this->application, $this))->left($declared),
			'folders' => (new ModuleFolders($this->application))->missing($on),
		);
	}

	/**
	 * @param string[] $names
	 * @param bool     $asked whether it is an inventory that asks for them, which is kept on record
	 * @param bool     $exact whether all others go off, see ExactModules
	 * @return array<string, mixed>
	 * @throws Failure
	 */
	public function enable(array $names, bool $asked = false, bool $exact = false): array
	{
		$wanted = $exact && !$names ? array() : $this->resolve($names);
		$answer = $this->switchOn($wanted);
		if ($exact) {
			$plan = (new ExactModules($this->application, $this))->plan(array_keys($wanted));
			$answer = $this->also($answer, $plan['off'] ? $this->disable(array_keys($plan['off'])) : null);
			$answer['kept'] = $plan['kept'];
		}
		$kept = array_intersect_key($wanted, array_flip(array_diff($answer['enabled'], $answer['switched_on'])));
		$answer = $this->made($answer, 'folders', (new ModuleFolders($this->application))->ensure($kept));
		$answer = $this->made($answer, 'tables', (new ModuleTables($this->application))->ensure(array_keys($wanted), $this->classes()));
		if ($asked && (new AskedModules($this->application, $this))->keep(array_keys($wanted))) {
			$answer['changed'] = $answer['recorded'] = true;
		}
		return $answer;
	}

	/**
	 * @param array<string, mixed> $answer
	 * @param string[]             $names what was missing, and was made
	 * @return array<string, mixed>
	 */
	private function made(array $answer, string $what, array $names): array
	{
		$answer[$what] = $names;
		if ($names) {
			$answer['changed'] = true;
			$answer['diff']['before'][$what] = array();
			$answer['diff']['after'][$what] = $names;
		}
		return $answer;
	}

	/**
	 * @param array<string, mixed>      $first
	 * @param array<string, mixed>|null $then
	 * @return array<string, mixed> what both have done, one after the other
	 */
	private function also(array $first, ?array $then): array
	{
		if ($then === null) {
			return $first;
		}
		$after = array_values(array_diff(array_merge($first['diff']['after']['modules'], $then['switched_on']), $then['switched_off']));
		sort($after);
		return array(
			'changed' => $first['changed'] || $then['changed'],
			'switched_on' => array_values(array_diff($first['switched_on'], $then['switched_off'])),
			'switched_off' => array_values(array_unique(array_merge($first['switched_off'], $then['switched_off']))),
			'came_along' => array_values(array_unique(array_merge($first['came_along'], $then['came_along']))),
			'enabled' => $after,
			'route_cache_dropped' => $first['route_cache_dropped'] || $then['route_cache_dropped'],
			'diff' => array('before' => $first['diff']['before'], 'after' => array('modules' => $after)),
		);
	}

	/**
	 * @param array<string, string> $wanted classes by short name
	 * @return array<string, mixed>
	 * @throws Failure
	 */
	private function switchOn(array $wanted): array
	{
		$before = $this->enabled();
		$missing = array_diff_key($wanted, $before);
		if ($this->application->check()) {
			$coming = (new ComingModules($this->application, $this->classes()))->of($missing, $before);
			foreach ($coming['on'] as $name => $class) {
				$this->application->planModule($name, $class);
			}
			return $this->answer($before, array_diff_key($before, $coming['off']) + $coming['on'], array_keys($missing), false);
		}
		foreach ($missing as $name => $class) {
			$this->activate($name, $class);
		}
		// One that excludes another has switched it off, which may have been asked for as well.
		foreach (array_diff_key($wanted, $this->enabled()) as $name => $class) {
			$this->activate($name, $class);
		}
		$off = array_keys(array_diff_key($wanted, $this->enabled()));
		if ($off) {
			throw new Failure(
				'module',
				'Of the modules that are asked for, others switch off: '.implode(', ', $off).'.',
				'Ask for one of those that exclude each other.'
			);
		}
		return $this->finish($before, array_keys($missing));
	}

	/**
	 * @throws Failure `module`
	 */
	private function activate(string $name, string $class): void
	{
		ModuleTrial::ofApi($name, $class);
		// A module may exclude what it depends on, as mailmanspip does: switched on while that is on, both stay.
		for ($attempt = 0; $attempt < 2 && !isset($this->enabled()[$name]); $attempt++) {
			try {
				$result = activateModule($class);
			} catch (\Throwable $problem) {
				throw ModuleTrial::dies($name, $problem);
			}
			$errors = is_array($result) ? array_filter($result['errors'] ?? array()) : array('no answer');
			$this->application->reload();
			if ($errors) {
				break;
			}
		}
		if (!empty($errors) || !isset($this->enabled()[$name])) {
			throw new Failure(
				'module',
				"The module \"$name\" could not be switched on: "
					.(!empty($errors) ? Secrecy::tidy(implode('; ', $errors)) : 'the application reported success, but it is off').'.',
				'Mend the cause; what it depends on has to be there as well.'
			);
		}
	}

	/**
	 * @param string[] $names
	 * @return array<string, mixed>
	 * @throws Failure
	 */
	public function disable(array $names): array
	{
		$wanted = $this->resolve($names);
		if (isset($wanted['user'])) {
			throw new Failure('kept_module', 'The module "user" is needed by the application itself.', 'Leave it on.');
		}
		$before = $this->enabled();
		$superfluous = array_intersect_key($wanted, $before);
		if ($this->application->check()) {
			$with = array_flip((new ExactModules($this->application, $this))->goingWith(array_keys($superfluous)));
			return $this->answer($before, array_diff_key($before, $superfluous, $with), array_keys($superfluous), false);
		}
		foreach ($superfluous as $name => $class) {
			if (!isset($this->enabled()[$name])) {
				continue;
			}
			$error = unActivateModule($class);
			$this->application->reload();
			if ($error || isset($this->enabled()[$name])) {
				throw new Failure(
					'module',
					"The module \"$name\" could not be switched off: ".Secrecy::tidy((string) $error).'.',
					'Mend the cause.'
				);
			}
		}
		return $this->finish($before, array_keys($superfluous));
	}

	/**
	 * @param string[] $names
	 * @return array<string, string>
	 */
	private function resolve(array $names): array
	{
		if (!$names) {
			throw new Failure('usage', 'No module is named.', 'See: miclinikctl help');
		}
		$classes = array();
		foreach ($names as $name) {
			$class = $this->classOf((string) $name);
			$classes[strtolower(substr($class, 3))] = $class;
		}
		return $classes;
	}

	/**
	 * @param array<string, string> $before
	 * @param string[]              $asked
	 * @return array<string, mixed>
	 */
	private function finish(array $before, array $asked): array
	{
		$after = $this->enabled();
		$dropped = array_keys($before) !== array_keys($after) && RouteCache::drop($this->application->target()->dataRoot());
		return $this->answer($before, $after, $asked, $dropped);
	}

	/**
	 * @param array<string, string> $before
	 * @param array<string, string> $after
	 * @param string[]              $asked the modules of the call that had to change
	 * @return array<string, mixed>
	 */
	private function answer(array $before, array $after, array $asked, bool $dropped): array
	{
		$on = array_keys(array_diff_key($after, $before));
		$off = array_keys(array_diff_key($before, $after));
		ksort($after);
		return array(
			'changed' => $on || $off,
			'switched_on' => $on,
			'switched_off' => $off,
			'came_along' => array_values(array_diff(array_merge($on, $off), $asked)),
			'enabled' => array_keys($after),
			'route_cache_dropped' => $dropped,
			'diff' => array(
				'before' => array('modules' => array_keys($before)),
				'after' => array('modules' => array_keys($after)),
			),
		);
	}
}
