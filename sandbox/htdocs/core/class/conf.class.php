<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Configuration of the running page: conf.php and the table of constants.
 */
#[\AllowDynamicProperties]
class Conf
{
	/** @var stdClass constants by name */
	public $global;
	/** @var stdClass */
	public $db;
	/** @var stdClass */
	public $file;
	/** @var stdClass */
	public $api;
	/** @var int company */
	public $entity = 1;
	/** @var string[] enabled modules, name => name */
	public $modules = array();
	/** @var int */
	public $use_javascript_ajax = 1;

	public function __construct()
	{
		$this->global = new stdClass();
		$this->db = new stdClass();
		$this->file = new stdClass();
		$this->file->instance_unique_id = '';
		$this->file->dolcrypt_key = '';
		$this->file->character_set_client = 'UTF-8';
		$this->api = new stdClass();
	}

	/**
	 * Reads the constants again.
	 *
	 * @param DoliDB $db database
	 * @return int 1, or -1 when they can't be read
	 */
	public function setValues($db)
	{
		$this->global = new stdClass();
		$this->modules = array();
		$this->api->dir_temp = DOL_DATA_ROOT.'/api/temp';
		try {
			$rows = $db->run('SELECT name, value, entity FROM '.MAIN_DB_PREFIX.'const WHERE entity IN (0, ?) ORDER BY entity', array($this->entity))->fetchAll();
		} catch (Sandbox\Sql\SqlError $e) {
			return -1;
		}
		foreach ($rows as $row) {
			$name = $row->name;
			$this->global->$name = dolDecrypt($row->value);
			if ($row->value && preg_match('/^MAIN_MODULE_([A-Z0-9]+)$/', $name, $parts)) {
				$module = self::moduleName($parts[1]);
				$this->modules[$module] = $module;
			}
		}
		return 1;
	}

	/**
	 * @param DoliDB $db     database
	 * @param int    $entity company whose constants count from now on
	 * @return int 1, 0 when it is that one already, -1 when they can't be read
	 */
	public function setEntityValues($db, $entity)
	{
		if ((int) $this->entity === (int) $entity) {
			return 0;
		}
		$this->entity = (int) $entity;
		return $this->setValues($db);
	}

	/**
	 * @param string $name module as its constant has it
	 * @return string module as isModEnabled() takes it
	 */
	public static function moduleName($name)
	{
		$name = strtolower($name);
		$others = array('propale' => 'propal', 'supplierproposal' => 'supplier_proposal');
		return isset($others[$name]) ? $others[$name] : $name;
	}
}
