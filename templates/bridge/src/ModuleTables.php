<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Tables of one module that another one asks whether the first is on or not. The first one makes them when it is switched
 * on. Without them PostgreSQL ends the other's transaction: on 22 no product can be deleted (Dolibarr#37110).
 */
class ModuleTables
{
	/** By the module whose tables they are: one of them, and the modules that ask it. */
	private const NEEDED = array('variants' => array('product_attribute_combination', array('product', 'service')));

	/** @var Application */
	private $application;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	/**
	 * Has the application make what is missing, in check mode nothing.
	 *
	 * @param string[] $modules names of modules that are on, or are to be
	 * @param array<string, string> $classes of all modules, by name
	 * @return string[] one table of each set that was missing
	 * @throws Failure `module`
	 */
	public function ensure(array $modules, array $classes): array
	{
		$missing = $this->missing($modules, $classes);
		foreach ($this->application->check() ? array() : $missing as $owner => $table) {
			$this->make(Descriptors::load($this->application, $classes[$owner]), $owner);
			if (!$this->there($table)) {
				throw new Failure('module', "The application made no table $table.", 'Switch the module '.$owner.' on: it needs it.');
			}
		}
		return array_values($missing);
	}

	/**
	 * @param string[] $modules
	 * @param array<string, string> $classes
	 * @return array<string, string> tables by the module whose they are
	 */
	private function missing(array $modules, array $classes): array
	{
		if ($this->application->target()->conf('db_type') !== 'pgsql') {
			return array(); // MariaDB goes on after a statement that failed
		}
		$missing = array();
		foreach (self::NEEDED as $owner => list($name, $askers)) {
			$file = DOL_DOCUMENT_ROOT."/install/mysql/tables/llx_$name-$owner.sql";
			$table = $this->application->table($name);
			if (array_intersect($askers, $modules) && isset($classes[$owner]) && is_file($file) && !$this->there($table)) {
				$missing[$owner] = $table;
			}
		}
		return $missing;
	}

	private function there(string $table): bool
	{
		$sql = "SELECT to_regclass('".$this->application->db()->escape($table)."') as name";
		foreach ($this->application->rows($sql) as $row) {
			return (string) $row['name'] !== '';
		}
		return false;
	}

	/** As the module does it when it is switched on, see init() of its descriptor. */
	private function make(object $module, string $owner): void
	{
		(function () use ($owner) {
			$this->_load_tables('/install/mysql/', $owner);
		})->call($module);
	}
}
