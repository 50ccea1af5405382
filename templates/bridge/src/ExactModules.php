<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Modules of an inventory that names all of them: everything else goes off, but for what those that stay cannot do
 * without, what the application itself needs, and what the law of the company's country asks for.
 */
class ExactModules
{
	/** Without it nobody can log in. */
	const NEEDED = array('user');

	/** @var Application */
	private $application;
	/** @var Modules */
	private $modules;
	/** @var array<string, array{depends: string[], requiredby: string[], law: string[], always: bool}> */
	private $facts = array();

	public function __construct(Application $application, Modules $modules)
	{
		$this->application = $application;
		$this->modules = $modules;
	}

	/**
	 * What would go off beside what is named.
	 *
	 * @param string[] $names modules that have to be on
	 * @return array{off: array<string, string>, kept: array<string, string>} classes of those that go off; why others stay
	 */
	public function plan(array $names): array
	{
		$on = array_keys($this->modules->enabled());
		$named = array_map('strtolower', $names);
		$kept = array_fill_keys(self::NEEDED, 'the application needs it');
		$country = (string) ((new CompanyFacts($this->application))->read()['country'] ?? '');
		foreach (array_diff($on, $named) as $name) {
			if ($this->of($name)['always']) {
				$kept[$name] = 'the application needs it';
			} elseif ($country !== '' && in_array($country, $this->of($name)['law'], true)) {
				$kept[$name] = "the application has it on in $country";
			}
		}
		$staying = array_merge($named, array_keys($kept));
		while ($staying) {
			$name = array_shift($staying);
			foreach ($this->neededBy($name, $on) as $other) {
				if (!in_array($other, $named, true) && !isset($kept[$other])) {
					$kept[$other] = "$name needs it";
					$staying[] = $other;
				}
			}
		}
		$off = array_diff($on, $named, array_keys($kept));
		$classes = array_intersect_key($this->modules->classes(), array_flip($off));
		foreach (array_diff($off, array_keys($classes)) as $name) {
			$kept[$name] = 'its files are gone';
		}
		return array('off' => $classes, 'kept' => array_intersect_key($kept, array_flip(array_diff($on, $named))));
	}

	/**
	 * @param string[] $names modules that go off
	 * @return string[] those that are on and go with them, as the application has it
	 */
	public function goingWith(array $names): array
	{
		$on = array_keys($this->modules->enabled());
		$found = array();
		$waiting = $names;
		while ($waiting) {
			foreach (array_intersect($this->of((string) array_shift($waiting))['requiredby'], $on) as $other) {
				if (!in_array($other, $found, true) && !in_array($other, $names, true)) {
					$found[] = $other;
					$waiting[] = $other;
				}
			}
		}
		return $found;
	}

	/**
	 * @param string[] $on
	 * @return string[] those without which a module would go off
	 */
	private function neededBy(string $name, array $on): array
	{
		$found = $this->of($name)['depends'];
		foreach ($on as $other) {
			if (in_array($name, $this->of($other)['requiredby'], true)) {
				$found[] = $other;
			}
		}
		return $found;
	}

	/**
	 * @return array{depends: string[], requiredby: string[], law: string[], always: bool}
	 */
	private function of(string $name): array
	{
		if (isset($this->facts[$name])) {
			return $this->facts[$name];
		}
		$facts = array('depends' => array(), 'requiredby' => array(), 'law' => array(), 'always' => false);
		$class = $this->modules->classes()[$name] ?? null;
		try {
			$module = $class === null ? null : Descriptors::load($this->application, $class);
		} catch (\Throwable $problem) {
			$module = null; // One that cannot be loaded says nothing of others.
		}
		if ($module !== null) {
			$facts = array(
				'depends' => self::names($module->depends ?? array()),
				'requiredby' => self::names($module->requiredby ?? array()),
				'law' => array_map('strval', array_keys((array) ($module->automatic_activation ?? array()))),
				'always' => !empty($module->always_enabled),
			);
		}
		return $this->facts[$name] = $facts;
	}

	/**
	 * @param mixed $classes
	 * @return string[]
	 */
	private static function names($classes): array
	{
		$found = array();
		$list = is_array($classes) ? $classes : array();
		// Some are listed under a condition, in a list of their own.
		array_walk_recursive($list, static function ($class) use (&$found): void {
			$found[] = strtolower(substr((string) $class, 3));
		});
		return array_values(array_filter($found));
	}
}
