<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * The rights of a user.
 */
trait UserRights
{
	/** @var stdClass module->level1 or module->level1->level2 = 1 */
	public $rights;
	/** @var int */
	public $nb_rights = 0;
	/** @var bool */
	private $rightsLoaded = false;

	/**
	 * Grants a right together with the right to read that it needs, or every right of a module.
	 *
	 * @param int    $rid       id of a right, 0 = by module
	 * @param string $allmodule module of rights, or "allmodules"
	 * @param string $allperms  first level, '' = all
	 * @param int    $entity    company, 0 = the current one
	 * @param int    $notrigger kept for callers
	 * @return int 1, or -1
	 */
	public function addrights($rid, $allmodule = '', $allperms = '', $entity = 0, $notrigger = 0)
	{
		return $this->changeRights($this->rightsToAdd((int) $rid, $allmodule, $allperms, $this->rightsEntity($entity)), true, $this->rightsEntity($entity));
	}

	/**
	 * Takes a right away; with the right to read goes what needs it.
	 *
	 * @param int    $rid       id of a right, 0 = by module
	 * @param string $allmodule module of rights, or "allmodules"
	 * @param string $allperms  first level, '' = all
	 * @param int    $entity    company, 0 = the current one
	 * @param int    $notrigger kept for callers
	 * @return int 1, or -1
	 */
	public function delrights($rid, $allmodule = '', $allperms = '', $entity = 0, $notrigger = 0)
	{
		return $this->changeRights($this->rightsToRemove((int) $rid, $allmodule, $allperms, $this->rightsEntity($entity)), false, $this->rightsEntity($entity));
	}

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

	/** @return int */
	private function rightsEntity($entity)
	{
		global $conf;
		return empty($entity) ? $conf->entity : (int) $entity;
	}

	/** @return int[] */
	private function rightsToAdd($rid, $module, $perms, $entity)
	{
		$right = $rid ? $this->definition($rid, $entity) : null;
		if ($rid) {
			return $right === null ? array() : $this->definitions($entity, static function ($other) use ($right) {
				$reads = static function ($name) {
					return $name === 'lire' || $name === 'read';
				};
				$below = (string) $right->subperms !== '';
				return (int) $other->id === (int) $right->id || ($other->module === $right->module
					&& ($below ? $other->perms === $right->perms && $reads($other->subperms) : $reads($other->perms) && (string) $other->subperms === ''));
			});
		}
		return $this->rightsOfModule($module, $perms, $entity);
	}

	/** @return int[] */
	private function rightsToRemove($rid, $module, $perms, $entity)
	{
		if (!$rid) {
			$ids = $this->rightsOfModule($module, $perms, $entity);
		} else {
			$right = $this->definition($rid, $entity);
			$ids = $right === null ? array() : $this->definitions($entity, static function ($other) use ($right) {
				if ((int) $other->id === (int) $right->id) {
					return true;
				}
				$reads = array('lire', 'read');
				return $other->module === $right->module && (in_array($right->perms, $reads, true)
					|| (in_array($right->subperms, $reads, true) && $other->perms === $right->perms && (string) $other->subperms !== ''));
			});
		}
		if (empty($this->admin)) {
			return $ids;
		}
		// An administrator keeps the rights over users, else nobody could give them back
		return array_values(array_filter($ids, static function ($id) {
			return !in_array($id, array(251, 252, 253, 254, 255, 256, 341, 342, 343, 344, 351, 352, 353, 354, 358), true);
		}));
	}

	/** @return int[] */
	private function rightsOfModule($module, $perms, $entity)
	{
		return $module === '' ? array() : $this->definitions($entity, static function ($other) use ($module, $perms) {
			return $module === 'allmodules' || ($other->module === $module && ($perms === '' || $other->perms === $perms));
		});
	}

	/** @return object|null */
	private function definition($rid, $entity)
	{
		$row = $this->db->run('SELECT id, module, perms, subperms FROM '.MAIN_DB_PREFIX.'rights_def WHERE id = ? AND entity = ?', array($rid, $entity))->fetch();
		return $row ?: null;
	}

	/** @return int[] ids of the definitions that the filter lets through */
	private function definitions($entity, $filter)
	{
		$rows = $this->db->run('SELECT id, module, perms, subperms FROM '.MAIN_DB_PREFIX.'rights_def WHERE entity = ? ORDER BY id', array($entity))->fetchAll();
		return array_map(static function ($row) {
			return (int) $row->id;
		}, array_values(array_filter($rows, $filter)));
	}

	/**
	 * @param int[] $ids    rights
	 * @param bool  $grant  true = give, false = take away
	 * @param int   $entity company
	 * @return int 1, or -1
	 */
	private function changeRights(array $ids, $grant, $entity)
	{
		if (empty($this->id)) {
			$this->error = 'The user has no id';
			return -1;
		}
		try {
			$this->db->transaction(function () use ($ids, $grant, $entity) {
				foreach ($ids as $id) {
					$this->db->run('DELETE FROM '.MAIN_DB_PREFIX.'user_rights WHERE entity = ? AND fk_user = ? AND fk_id = ?', array($entity, (int) $this->id, $id));
					if ($grant) {
						$this->db->insert(MAIN_DB_PREFIX.'user_rights', array('entity' => $entity, 'fk_user' => (int) $this->id, 'fk_id' => $id));
					}
				}
			});
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = $e->getMessage();
			return -1;
		}
		return 1;
	}
}
