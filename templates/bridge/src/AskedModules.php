<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Which modules the inventory has asked for so far: those that left it stay on, and are told from people's own by this.
 */
class AskedModules
{
	const CONSTANT = 'MICLINIK_MODULES';

	/** @var Application */
	private $application;
	/** @var Modules */
	private $modules;

	public function __construct(Application $application, Modules $modules)
	{
		$this->application = $application;
		$this->modules = $modules;
	}

	/**
	 * Puts modules on record; those that are off by now leave it.
	 *
	 * @param string[] $names
	 * @return bool whether that is new
	 */
	public function keep(array $names): bool
	{
		$before = $this->asked();
		$after = array_unique(array_merge(array_intersect($before, array_keys($this->modules->enabled())), $names));
		sort($after);
		return $after !== $before && (new Constants($this->application))->set(self::CONSTANT, implode(' ', $after), 0)['changed'];
	}

	/**
	 * The modules that were asked for once, are not any more, and are on without another that needs them.
	 *
	 * @param string[] $declared what the inventory asks for now
	 * @return string[]
	 */
	public function left(array $declared): array
	{
		$on = array_keys($this->modules->enabled());
		$left = array_diff(array_intersect($this->asked(), $on), array_map('strtolower', $declared));
		$needed = array();
		foreach ($left ? array_diff($on, $left) : array() as $name) {
			$needed = array_merge($needed, $this->needs($name));
		}
		return array_values(array_diff($left, $needed));
	}

	/** @return string[] */
	private function asked(): array
	{
		return array_values(array_filter(explode(' ', (string) (new Constants($this->application))->get(self::CONSTANT, 0)['value'])));
	}

	/** @return string[] names of the modules that one depends on */
	private function needs(string $name): array
	{
		$class = $this->modules->classes()[$name] ?? null;
		if ($class === null) {
			return array();
		}
		try {
			$depends = (array) Descriptors::load($this->application, $class)->depends;
		} catch (\Throwable $problem) {
			return array(); // One that cannot be loaded says nothing of others.
		}
		// Some are listed under a condition, in a list of their own.
		$names = array();
		array_walk_recursive($depends, static function ($needed) use (&$names): void {
			$names[] = strtolower(substr((string) $needed, 3));
		});
		return $names;
	}
}
