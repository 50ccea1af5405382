<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/class/commonobject.class.php';
require_once __DIR__.'/heldrights.trait.php';

/**
 * A group of users, with the methods and return values that the application's class has.
 */
class UserGroup extends CommonObject
{
	use HeldRights;

	/** @var string */
	public $element = 'usergroup';
	/** @var string */
	public $table_element = 'usergroup';
	/** @var array */
	public $fields = array(
		'entity' => array('type' => 'integer'), 'nom' => array('type' => 'varchar(180)'), 'note' => array('type' => 'html'),
		'datec' => array('type' => 'datetime'),
	);
	/** @var string|null */
	public $name;
	/** @var string|null the same, as the table has it */
	public $nom;
	/** @var string|null */
	public $note;
	/** @var int|null seconds since 1970 */
	public $datec;

	/** @param DoliDB $db database */
	public function __construct($db)
	{
		$this->db = $db;
	}

	/**
	 * @param int    $id           id, or 0 to look by name
	 * @param string $groupname    name
	 * @param bool   $load_members kept for callers
	 * @return int 1 found, -1 not found
	 */
	public function fetch($id = 0, $groupname = '', $load_members = false)
	{
		global $conf;

		list($where, $value) = $groupname !== '' ? array('nom', $groupname) : array('rowid', (int) $id);
		$row = $this->db->run('SELECT * FROM '.MAIN_DB_PREFIX."usergroup WHERE $where = ? AND entity IN (0, ?)", array($value, (int) $conf->entity))->fetch();
		if (!$row) {
			return -1;
		}
		foreach (array('nom', 'note', 'entity') as $name) {
			$this->$name = $row->$name;
		}
		$this->id = $row->rowid;
		$this->name = $row->nom;
		$this->datec = $this->db->jdate($row->datec);
		return 1;
	}

	/**
	 * @param int $notrigger kept for callers
	 * @return int id, or -1
	 */
	public function create($notrigger = 0)
	{
		global $user, $conf;

		$this->datec = dol_now();
		$this->nom = $this->name;
		$this->entity = isset($this->entity) ? (int) $this->entity : $conf->entity;
		return $this->createCommon($user, $notrigger);
	}

	/**
	 * @param int $notrigger kept for callers
	 * @return int 1, or -1
	 */
	public function update($notrigger = 0)
	{
		try {
			$this->db->update(MAIN_DB_PREFIX.'usergroup', array('nom' => $this->name, 'note' => $this->note), $this->id);
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = $e->getMessage();
			return -1;
		}
		return 1;
	}

	/**
	 * Takes the group away, and with it its rights and who is in it.
	 *
	 * @param User $user who does it
	 * @return int 1, or -1
	 */
	public function delete(User $user)
	{
		foreach (array('usergroup_rights', 'usergroup_user') as $table) {
			$this->db->run('DELETE FROM '.MAIN_DB_PREFIX.$table.' WHERE fk_usergroup = ?', array((int) $this->id));
		}
		return $this->deleteCommon($user);
	}

	/** @return string[] */
	protected function rightsTable()
	{
		return array('usergroup_rights', 'fk_usergroup');
	}
}
