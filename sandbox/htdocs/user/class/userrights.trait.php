<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once __DIR__.'/heldrights.trait.php';

/**
 * The rights of a user.
 */
trait UserRights
{
	use HeldRights;

	/** @var stdClass module->level1 or module->level1->level2 = 1 */
	public $rights;
	/** @var int */
	public $nb_rights = 0;
	/** @var bool */
	private $rightsLoaded = false;

	/**
	 * @param string $module     module
	 * @param string $permlevel1 first level
	 * @param string $permlevel2 second level
	 * @return int 1 or 0; 0 when the module is off
	 */
	public function hasRight($module, $permlevel1, $permlevel2 = '')
	{
		$classes = array('product' => 'produit', 'propal' => 'propale', 'order' => 'commande', 'invoice' => 'facture');
		$class = isset($classes[$module]) ? $classes[$module] : $module;
		if (!isModEnabled($class === 'propale' ? 'propal' : $class)) {
			return 0;
		}
		$older = array('read' => 'lire', 'write' => 'creer', 'delete' => 'supprimer');
		$level = isset($this->rights->$class) ? $this->rights->$class : null;
		foreach ($permlevel2 === '' ? array($permlevel1) : array($permlevel1, $permlevel2) as $name) {
			$old = isset($older[$name]) ? $older[$name] : $name;
			$level = is_object($level) ? (isset($level->$name) ? $level->$name : (isset($level->$old) ? $level->$old : null)) : null;
		}
		return $level === 1 ? 1 : 0;
	}

	/**
	 * Reads the rights of the user and of the groups.
	 *
	 * @param string $moduletag   kept for callers
	 * @param int    $forcereload 1 = again
	 * @return void
	 */
	public function loadRights($moduletag = '', $forcereload = 0)
	{
		global $conf;

		if ($this->rightsLoaded && !$forcereload) {
			return;
		}
		$this->clearrights();
		$sql = 'SELECT r.module, r.perms, r.subperms FROM '.MAIN_DB_PREFIX.'rights_def r WHERE r.entity = ? AND (r.id IN'
			.' (SELECT ur.fk_id FROM '.MAIN_DB_PREFIX.'user_rights ur WHERE ur.fk_user = ? AND ur.entity = ?) OR r.id IN'
			.' (SELECT gr.fk_id FROM '.MAIN_DB_PREFIX.'usergroup_rights gr JOIN '.MAIN_DB_PREFIX.'usergroup_user gu ON gu.fk_usergroup = gr.fk_usergroup WHERE gu.fk_user = ? AND gr.entity = ?))';
		foreach ($this->db->run($sql, array($conf->entity, (int) $this->id, $conf->entity, (int) $this->id, $conf->entity))->fetchAll() as $row) {
			if (substr((string) $row->perms, -8) !== '_advance' || getDolGlobalString('MAIN_USE_ADVANCED_PERMS')) {
				$this->setRight($row->module, (string) $row->perms, (string) $row->subperms);
			}
		}
		if (!empty($this->admin)) {
			foreach (array('user' => array('lire', 'creer', 'password', 'supprimer', 'export'), 'self' => array('creer', 'password')) as $level => $names) {
				foreach ($names as $name) {
					$this->setRight('user', $level, $name);
				}
			}
		}
		$this->rightsLoaded = true;
	}

	/** @return void */
	public function getrights($moduletag = '', $forcereload = 0)
	{
		$this->loadRights($moduletag, $forcereload);
	}

	/** @return void */
	public function clearrights()
	{
		$this->rights = new stdClass();
		$this->rights->user = new stdClass();
		$this->nb_rights = 0;
		$this->rightsLoaded = false;
	}

	/** @return string[] */
	protected function rightsTable()
	{
		return array('user_rights', 'fk_user');
	}

	/** @return void */
	protected function grantDefaults()
	{
		global $conf;
		$rows = $this->db->run('SELECT id FROM '.MAIN_DB_PREFIX.'rights_def WHERE bydefault = 1 AND entity = ?', array($conf->entity))->fetchAll(PDO::FETCH_COLUMN);
		$this->changeRights(array_map('intval', $rows), true, $conf->entity);
	}

	/** @return void */
	private function setRight($module, $perms, $subperms)
	{
		if (!isset($this->rights->$module)) {
			$this->rights->$module = new stdClass();
		}
		$target = $this->rights->$module;
		if ($subperms !== '') {
			if (!isset($target->$perms) || !is_object($target->$perms)) {
				$target->$perms = new stdClass();
			}
			$target = $target->$perms;
			$perms = $subperms;
		}
		if ($perms !== '' && empty($target->$perms)) {
			$target->$perms = 1;
			$this->nb_rights++;
		}
	}
}
