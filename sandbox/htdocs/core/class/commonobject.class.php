<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * A record whose class says in `fields` which columns it has: as much as is needed to write one and to take it away.
 */
#[\AllowDynamicProperties]
abstract class CommonObject
{
	/** @var DoliDB */
	public $db;
	/** @var int|null */
	public $id;
	/** @var int|null company */
	public $entity;
	/** @var string */
	public $element;
	/** @var string table without prefix */
	public $table_element;
	/** @var array column => what it is, with `type` */
	public $fields = array();
	/** @var string|null */
	public $error;
	/** @var string[] */
	public $errors = array();

	/**
	 * @param User $user      who does it
	 * @param int  $notrigger nobody listens here
	 * @return int id of the new row, or -1
	 */
	public function createCommon(User $user, $notrigger = 0)
	{
		$values = array();
		foreach ($this->fields as $name => $facts) {
			$values[$name] = $facts['type'] === 'datetime' ? $this->db->idate($this->$name) : $this->$name;
		}
		try {
			$this->id = $this->db->insert(MAIN_DB_PREFIX.$this->table_element, $values);
		} catch (Sandbox\Sql\SqlError $e) {
			$this->errors[] = $e->getMessage();
			return -1;
		}
		return $this->id;
	}

	/**
	 * @param User $user      who does it
	 * @param int  $notrigger nobody listens here
	 * @return int 1, or -1
	 */
	public function deleteCommon(User $user, $notrigger = 0)
	{
		try {
			$this->db->run('DELETE FROM '.MAIN_DB_PREFIX.$this->table_element.' WHERE rowid = ?', array((int) $this->id));
		} catch (Sandbox\Sql\SqlError $e) {
			$this->errors[] = $e->getMessage();
			return -1;
		}
		return 1;
	}
}
