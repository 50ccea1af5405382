<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/user/class/user.class.php';

/**
 * Descriptor of a module. Ids and names of rights are those of 22.0.4; what ends in _advance counts only with
 * MAIN_USE_ADVANCED_PERMS.
 */
#[\AllowDynamicProperties]
class DolibarrModules
{
	/** @var DoliDB */
	public $db;
	/** @var int */
	public $numero = 0;
	/** @var string first part of the names of its rights */
	public $rights_class = '';
	/** @var string */
	public $name = '';
	/** @var string constant that is 1 when the module is on */
	public $const_name = '';
	/** @var int 1 = for all companies */
	public $core_enabled = 0;
	/** @var array classes of modules */
	public $depends = array();
	/** @var string[] classes of modules */
	public $requiredby = array();
	/** @var string[] classes of modules that go off when it goes on */
	public $conflictwith = array();
	/** @var string[] folders below documents/ */
	public $dirs = array();
	/** @var array[] constants: name, type, value */
	public $const = array();
	/** @var array[] rights: 0 id, 1 label, 2 type, 3 default, 4 first level, 5 second level */
	public $rights = array();
	/** @var array[] scheduled jobs that it brings: entity, label, jobtype, class, objectname, method, parameters, frequency … */
	public $cronjobs = array();
	/** @var string */
	public $version = 'dolibarr';
	/** @var string */
	public $error = '';

	/** @param DoliDB $db database */
	public function __construct($db)
	{
		$this->db = $db;
		$this->name = preg_replace('/^mod/', '', get_class($this));
		$this->const_name = 'MAIN_MODULE_'.strtoupper($this->name);
	}

	/**
	 * Switches the module on: constant, constants of its own, rights, folders.
	 *
	 * @param string $options kept for callers
	 * @return int 1, or 0 when it failed and nothing was changed
	 */
	public function init($options = '')
	{
		global $conf, $user;

		try {
			$this->db->transaction(function () use ($conf, $user) {
				$entity = $this->core_enabled ? 0 : $conf->entity;
				$this->removeConstant();
				$note = json_encode(array('authorid' => $user instanceof User && $user->id ? $user->id : 0, 'ip' => '', 'lastactivationversion' => $this->version));
				$this->db->insert(MAIN_DB_PREFIX.'const', array('name' => $this->const_name, 'value' => '1', 'visible' => 0, 'note' => $note, 'entity' => $entity));
				foreach ($this->const as $constant) {
					$this->insertConstant($constant[0], $constant[2], $conf->entity);
				}
				$this->insertJobs();
				$this->insert_permissions(1);
				$this->makeFolders();
			});
		} catch (RuntimeException $e) {
			$this->error = $e->getMessage();
			return 0;
		}
		// The constant is read again by setValues() only: a dependency that is on is initialised again in the same process
		$conf->modules[Conf::moduleName($this->name)] = Conf::moduleName($this->name);
		return 1;
	}

	/**
	 * Makes the tables of a module.
	 *
	 * @param string $reldir         folder with a folder tables/, from the document root
	 * @param string $onlywithsuffix what the files' names end in, behind a dash
	 * @return int 1, or 0 when a statement failed
	 */
	protected function _load_tables($reldir, $onlywithsuffix = '')
	{
		foreach (glob(DOL_DOCUMENT_ROOT.$reldir.'tables/llx_*-'.$onlywithsuffix.'.sql') as $file) {
			try {
				$this->db->run(preg_replace('/\bllx_/', MAIN_DB_PREFIX, file_get_contents($file)), array());
			} catch (RuntimeException $e) {
				$this->error = $e->getMessage();
				return 0;
			}
		}
		return 1;
	}

	/**
	 * Switches the module off: the constant and the definitions of its rights go, its data and what users were granted stay.
	 *
	 * @param string $options kept for callers
	 * @return int 1, or 0 when it failed and nothing was changed
	 */
	public function remove($options = '')
	{
		global $conf;

		try {
			$this->db->transaction(function () use ($conf) {
				$this->removeConstant();
				$this->delete_permissions();
			});
		} catch (RuntimeException $e) {
			$this->error = $e->getMessage();
			return 0;
		}
		unset($conf->modules[Conf::moduleName($this->name)]);
		return 1;
	}

	/**
	 * Defines the rights that are not defined yet.
	 *
	 * @param int      $reinitadminperms 1 = gives them to every administrator
	 * @param int|null $force_entity     kept for callers
	 * @param int      $notrigger        kept for callers
	 * @return int 0
	 */
	public function insert_permissions($reinitadminperms = 0, $force_entity = null, $notrigger = 0)
	{
		global $conf;
		foreach ($this->rights as $right) {
			$this->insertRight($right, $conf->entity, $reinitadminperms);
		}
		return 0;
	}

	/** @return int 0 */
	public function delete_permissions()
	{
		global $conf;
		$this->db->run('DELETE FROM '.MAIN_DB_PREFIX.'rights_def WHERE module = ? AND entity = ?', array($this->rights_class, $conf->entity));
		return 0;
	}

	/** @return void */
	private function removeConstant()
	{
		global $conf;
		$this->db->run('DELETE FROM '.MAIN_DB_PREFIX.'const WHERE name = ? AND entity IN (0, ?)', array($this->const_name, $conf->entity));
	}

	/** @return void */
	private function insertConstant($name, $value, $entity)
	{
		global $conf;
		if (!$this->db->run('SELECT rowid FROM '.MAIN_DB_PREFIX.'const WHERE name = ? AND entity = ?', array($name, $entity))->fetch()) {
			$this->db->insert(MAIN_DB_PREFIX.'const', array('name' => $name, 'value' => $value, 'type' => 'chaine', 'visible' => 0, 'note' => '', 'entity' => $entity));
			$conf->global->$name = $value;
		}
	}

	/**
	 * Defines a right and gives it to every administrator where that is asked for.
	 *
	 * @return void
	 */
	private function insertRight(array $right, $entity, $toadmins)
	{
		if (!$this->db->run('SELECT id FROM '.MAIN_DB_PREFIX.'rights_def WHERE id = ? AND entity = ?', array($right[0], $entity))->fetch()) {
			$sql = 'INSERT INTO '.MAIN_DB_PREFIX.'rights_def (id, entity, libelle, module, module_origin, type, bydefault, perms, subperms, enabled) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';
			$this->db->run($sql, array($right[0], $entity, $right[1], $this->rights_class, '', $right[2], $right[3], $right[4], isset($right[5]) ? $right[5] : '', '1'));
		}
		foreach ($toadmins ? $this->db->run('SELECT rowid FROM '.MAIN_DB_PREFIX.'user WHERE admin = 1')->fetchAll() : array() as $row) {
			$admin = new User($this->db);
			$admin->id = (int) $row->rowid;
			$admin->addrights($right[0], '', '', 0, 1);
		}
	}

	/**
	 * Brings the scheduled jobs that are not there yet, by their labels.
	 *
	 * @return void
	 */
	private function insertJobs()
	{
		$table = MAIN_DB_PREFIX.'cronjob';
		foreach ($this->cronjobs as $job) {
			if ($this->db->run("SELECT rowid FROM $table WHERE label = ? AND entity = ?", array($job['label'], $job['entity']))->fetch()) {
				continue;
			}
			$due = Sandbox\Version::hasNewJobsDue();
			$this->db->insert($table, array(
				'entity' => $job['entity'], 'datec' => $this->db->idate(dol_now()), 'jobtype' => $job['jobtype'], 'label' => $job['label'],
				'classesname' => $job['class'], 'objectname' => $job['objectname'], 'methodename' => $job['method'], 'params' => $job['parameters'],
				'module_name' => $this->rights_class, 'priority' => $job['priority'], 'datenextrun' => $due ? $this->db->idate(dol_now()) : null,
				'nbrun' => $due ? 0 : null, 'unitfrequency' => (string) $job['unitfrequency'], 'frequency' => $job['frequency'],
				'status' => $job['status'], 'test' => $job['test'],
			));
		}
	}

	/** @return void */
	private function makeFolders()
	{
		foreach ($this->dirs as $dir) {
			if (dol_mkdir(DOL_DATA_ROOT.$dir) < 0) {
				throw new RuntimeException('The folder '.DOL_DATA_ROOT.$dir.' could not be made');
			}
		}
	}
}
