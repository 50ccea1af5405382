<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/class/commonobject.class.php';

/**
 * Whom the module webhook tells of which events, with the methods and return values that the application's class has.
 */
class Target extends CommonObject
{
	const STATUS_AUTOMATIC_TRIGGER = 1;
	const TYPE_BLOCKING = 0;
	const TYPE_NO_BLOCKING = 1;

	/** @var string */
	public $element = 'target';
	/** @var string */
	public $table_element = 'webhook_target';
	/** @var array */
	public $fields = array(
		'ref' => array('type' => 'varchar(128)'), 'label' => array('type' => 'varchar(255)'), 'type' => array('type' => 'integer'),
		'trigger_codes' => array('type' => 'text'), 'url' => array('type' => 'url'), 'status' => array('type' => 'integer'),
		'date_creation' => array('type' => 'datetime'), 'fk_user_creat' => array('type' => 'integer'),
	);
	/** @var string|null */
	public $ref;
	/** @var string|null */
	public $label;
	/** @var int */
	public $type = self::TYPE_BLOCKING;
	/** @var string|null codes of events, with commas between them */
	public $trigger_codes;
	/** @var string|null */
	public $url;
	/** @var int */
	public $status = 0;
	/** @var int|null seconds since 1970 */
	public $date_creation;
	/** @var int|null */
	public $fk_user_creat;

	/** @param DoliDB $db database */
	public function __construct($db)
	{
		$this->db = $db;
	}

	/**
	 * @param User $user      who does it
	 * @param int  $notrigger nobody listens here
	 * @return int id, or -1
	 */
	public function create(User $user, $notrigger = 0)
	{
		$this->date_creation = dol_now();
		$this->fk_user_creat = (int) $user->id;
		return $this->createCommon($user, $notrigger);
	}

	/**
	 * @param User $user      who does it
	 * @param int  $notrigger nobody listens here
	 * @return int 1, or -1
	 */
	public function update(User $user, $notrigger = 0)
	{
		$values = array('fk_user_modif' => (int) $user->id);
		foreach (array('ref', 'label', 'type', 'trigger_codes', 'url', 'status') as $name) {
			$values[$name] = $this->$name;
		}
		try {
			$this->db->update(MAIN_DB_PREFIX.$this->table_element, $values, (int) $this->id);
		} catch (Sandbox\Sql\SqlError $e) {
			$this->errors[] = $e->getMessage();
			return -1;
		}
		return 1;
	}

	/**
	 * @param User $user      who does it
	 * @param int  $notrigger nobody listens here
	 * @return int 1, or -1
	 */
	public function delete(User $user, $notrigger = 0)
	{
		return $this->deleteCommon($user, $notrigger);
	}

	/**
	 * @param string $sortorder ASC or DESC
	 * @param string $sortfield kept for callers: they come by their ids
	 * @return Target[]|int by id, or -1
	 */
	public function fetchAll($sortorder = '', $sortfield = '')
	{
		$found = array();
		try {
			$rows = $this->db->run('SELECT * FROM '.MAIN_DB_PREFIX.$this->table_element.' ORDER BY rowid', array())->fetchAll();
		} catch (Sandbox\Sql\SqlError $e) {
			$this->errors[] = $e->getMessage();
			return -1;
		}
		foreach ($rows as $row) {
			$target = new self($this->db);
			$target->id = (int) $row->rowid;
			foreach (array('ref', 'label', 'trigger_codes', 'url') as $name) {
				$target->$name = $row->$name;
			}
			$target->type = (int) $row->type;
			$target->status = (int) $row->status;
			$found[$target->id] = $target;
		}
		return $found;
	}
}
