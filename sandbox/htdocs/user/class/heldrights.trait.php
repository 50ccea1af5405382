<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Rights that are given and taken away, of a user or of a group.
 */
trait HeldRights
{
	/** @return string[] table without prefix, and its column that says whose they are */
	abstract protected function rightsTable();

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
	protected function changeRights(array $ids, $grant, $entity)
	{
		if (empty($this->id)) {
			$this->error = 'It has no id';
			return -1;
		}
		list($table, $column) = $this->rightsTable();
		try {
			$this->db->transaction(function () use ($ids, $grant, $entity, $table, $column) {
				foreach ($ids as $id) {
					$this->db->run('DELETE FROM '.MAIN_DB_PREFIX."$table WHERE entity = ? AND $column = ? AND fk_id = ?", array($entity, (int) $this->id, $id));
					if ($grant) {
						$this->db->insert(MAIN_DB_PREFIX.$table, array('entity' => $entity, $column => (int) $this->id, 'fk_id' => $id));
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
