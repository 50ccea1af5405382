<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * What switching modules on would do, for a check run, as activateModule() of the application does it: those that they
 * need come along, those that they exclude go, and one that cannot be loaded is found before anything changes.
 */
class ComingModules
{
	/** @var Application */
	private $application;
	/** @var array<string, string> classes by short name, of every module that the code brings */
	private $classes;
	/** @var array<string, string> */
	private $on = array();
	/** @var array<string, true> */
	private $off = array();

	/**
	 * @param array<string, string> $classes
	 */
	public function __construct(Application $application, array $classes)
	{
		$this->application = $application;
		$this->classes = $classes;
	}

	/**
	 * @param array<string, string> $missing classes by short name, of what is asked for and is off
	 * @param array<string, string> $before  what is on
	 * @return array{on: array<string, string>, off: array<string, true>} classes of what would be on besides
	 * @throws Failure `module`
	 */
	public function of(array $missing, array $before): array
	{
		foreach ($missing as $name => $class) {
			$this->add((string) $name, $class, $before);
		}
		ksort($this->on);
		return array('on' => $this->on, 'off' => array_diff_key(array_intersect_key($this->off, $before), $this->on));
	}

	/**
	 * @param array<string, string> $before
	 */
	private function add(string $name, string $class, array $before): void
	{
		if (isset($this->on[$name]) || isset($before[$name])) {
			return;
		}
		ModuleTrial::ofApi($name, $class);
		try {
			$module = Descriptors::load($this->application, $class);
		} catch (\Throwable $problem) {
			throw ModuleTrial::dies($name, $problem);
		}
		$this->requireVersions($name, $module);
		$this->on[$name] = $class;
		foreach ($this->needed($module) as $needed) {
			$short = strtolower(substr($needed, 3));
			if (!isset($this->classes[$short])) {
				throw new Failure(
					'module',
					"The module \"$name\" could not be switched on: it needs \"$short\", which is not there.",
					'Mend the cause; what it depends on has to be there as well.'
				);
			}
			$this->add($short, $this->classes[$short], $before);
		}
		foreach ((array) ($module->conflictwith ?? array()) as $other) {
			$this->off[strtolower(substr((string) $other, 3))] = true;
		}
	}

	/**
	 * @param object $module
	 */
	private function requireVersions(string $name, $module): void
	{
		$seen = array(
			'PHP' => array($module->phpmin ?? 0, explode('.', PHP_VERSION)),
			'version' => array($module->need_dolibarr_version ?? 0, preg_split('/[.-]/', DOL_VERSION)),
		);
		foreach ($seen as $what => list($least, $there)) {
			if (is_array($least) && versioncompare($there, $least) < 0) {
				throw new Failure(
					'module',
					"The module \"$name\" could not be switched on: it needs $what ".implode('.', $least).', and this is '.implode('.', $there).'.',
					'Take a release of the module that is made for it.'
				);
			}
		}
	}

	/**
	 * @param object $module
	 * @return string[] classes of the modules that it needs; some stand under the country that needs them
	 */
	private function needed($module): array
	{
		$country = (string) ($this->application->plannedCountry() ?? ($GLOBALS['mysoc']->country_code ?? ''));
		$found = array();
		foreach (is_array($module->depends ?? null) ? $module->depends : array() as $key => $classes) {
			if (is_int($key) || strpos($key, 'always') === 0 || $country === '' || strpos($key, $country) === 0) {
				$found = array_merge($found, array_map('strval', array_filter((array) $classes)));
			}
		}
		return $found;
	}
}
