<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/class/commonobject.class.php';
require_once __DIR__.'/cronjobrow.trait.php';

/**
 * A scheduled job, with the methods and return values that the application's class has.
 */
class Cronjob extends CommonObject
{
	use CronjobRow;

	const STATUS_DISABLED = 0;
	const STATUS_ENABLED = 1;
	const STATUS_ARCHIVED = 2;

	/** Properties that the table stores under the same name, by what they are. */
	const TEXTS = array(
		'jobtype', 'label', 'command', 'classesname', 'objectname', 'methodename', 'params', 'md5params', 'module_name', 'lastresult', 'lastoutput',
		'unitfrequency', 'libname', 'test', 'email_alert',
	);
	const NUMBERS = array('entity', 'priority', 'frequency', 'status', 'processing', 'nbrun', 'maxrun');
	const DATES = array('datelastrun', 'datenextrun', 'datestart', 'dateend', 'datelastresult');
	/** Seconds that stand for a month, however long it is. */
	const MONTH = 2678400;

	/** @var string */
	public $element = 'cronjob';
	/** @var string */
	public $table_element = 'cronjob';
	/** @var string method, function or command */
	public $jobtype;
	/** @var string */
	public $label;
	/** @var int|string|null seconds since 1970, '' or null for none */
	public $datenextrun = '';
	/** @var int|string|null */
	public $datestart = '';
	/** @var int|string|null */
	public $dateend = '';
	/** @var int|null process in which it runs */
	public $pid;
	/** @var string|null */
	public $note_private;
	/** @var Cronjob[] what fetchAll() has found */
	public $lines = array();

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
	public function create($user, $notrigger = 0)
	{
		global $conf;

		$this->entity = isset($this->entity) ? (int) $this->entity : (int) $conf->entity;
		$lacking = $this->lacking();
		if ((string) $this->datenextrun === '') {
			$lacking[] = 'datenextrun';
		}
		if ($lacking) {
			return $this->refuse($lacking);
		}
		try {
			$values = $this->values() + array('datec' => $this->db->idate(dol_now()), 'fk_user_author' => $user->id ?: null, 'fk_user_mod' => $user->id ?: null);
			$this->id = $this->db->insert($this->table(), $values);
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = $e->getMessage();
			$this->errors[] = $this->error;
			return -1;
		}
		return $this->id;
	}

	/**
	 * @param int    $id         id, or 0 to look by class and method
	 * @param string $objectname class
	 * @param string $methodname method
	 * @return int 1 also when there is none (then the id is not set), -1 error
	 */
	public function fetch($id, $objectname = '', $methodname = '')
	{
		$where = $id > 0 ? ' WHERE rowid = ?' : ' WHERE objectname = ? AND methodename = ?';
		try {
			$row = $this->db->run('SELECT * FROM '.$this->table().$where, $id > 0 ? array((int) $id) : array($objectname, $methodname))->fetch();
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = 'Error '.$e->getMessage();
			return -1;
		}
		if ($row) {
			$this->load($row);
		}
		return 1;
	}

	/**
	 * @param string $sortorder  ASC or DESC, one for each field
	 * @param string $sortfield  columns with t. before them
	 * @param int    $limit      kept for callers
	 * @param int    $offset     kept for callers
	 * @param int    $status     -1 = whatever it is
	 * @param mixed  $filter     kept for callers
	 * @param int    $processing -1 = running or not
	 * @return int 1, or -1; what was found is in lines
	 */
	public function fetchAll($sortorder = 'DESC', $sortfield = 't.rowid', $limit = 0, $offset = 0, $status = 1, $filter = '', $processing = -1)
	{
		$where = array('1 = 1');
		$values = array();
		foreach (array('status' => $status, 'processing' => $processing) as $column => $wanted) {
			if ($wanted >= 0) {
				$where[] = "t.$column = ?";
				$values[] = (int) $wanted;
			}
		}
		$order = array();
		$directions = explode(',', $sortorder);
		foreach (explode(',', $sortfield) as $place => $field) {
			if (preg_match('/^t\.[a-z_]+$/', $field)) {
				$order[] = $field.(isset($directions[$place]) && strtoupper($directions[$place]) === 'DESC' ? ' DESC' : ' ASC');
			}
		}
		$this->lines = array();
		try {
			$sql = 'SELECT t.* FROM '.$this->table().' t WHERE '.implode(' AND ', $where).($order ? ' ORDER BY '.implode(', ', $order) : '');
			foreach ($this->db->run($sql, $values)->fetchAll() as $row) {
				$job = new Cronjob($this->db);
				$job->load($row);
				$this->lines[] = $job;
			}
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = 'Error '.$e->getMessage();
			return -1;
		}
		return 1;
	}

	/**
	 * @param User $user      who does it
	 * @param int  $notrigger nobody listens here
	 * @return int 1, or -1
	 */
	public function update($user = null, $notrigger = 0)
	{
		$lacking = $this->lacking();
		if (!$this->datenextrun) {
			if (Sandbox\Version::wantsNextRun()) {
				$lacking[] = 'datenextrun';
			} else {
				$this->datenextrun = dol_now();
			}
		}
		if ($lacking) {
			return $this->refuse($lacking);
		}
		try {
			$this->db->update($this->table(), $this->values() + array('fk_user_mod' => $user ? $user->id : null), (int) $this->id);
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = 'Error '.$e->getMessage();
			$this->errors[] = $this->error;
			return -1;
		}
		return 1;
	}

	/**
	 * @param User $user      who does it
	 * @param int  $notrigger nobody listens here
	 * @return int 1, or -1
	 */
	public function delete($user, $notrigger = 0)
	{
		return $this->deleteCommon($user, $notrigger);
	}

	/**
	 * Runs the job now; when it comes next says reprogram_jobs().
	 *
	 * @param string $userlogin in whose name
	 * @return int 1, or -1 when it failed
	 */
	public function run_jobs($userlogin)
	{
		global $conf;

		$entity = $conf->entity;
		$conf->setEntityValues($this->db, (int) $this->entity);
		try {
			$user = new User($this->db);
			if ($userlogin === '' || $user->fetch(0, $userlogin) <= 0) {
				$this->error = 'User login: '.$userlogin.' does not exist';
				return -1;
			}
			return $this->runAs($user);
		} finally {
			$conf->setEntityValues($this->db, $entity);
		}
	}

	/**
	 * @param string $userlogin in whose name
	 * @param int    $now       seconds since 1970
	 * @return int 1, or -1
	 */
	public function reprogram_jobs($userlogin, $now)
	{
		$user = new User($this->db);
		if ($user->fetch(0, $userlogin) <= 0) {
			$this->error = 'User login: '.$userlogin.' does not exist';
			return -1;
		}
		if (!$this->datenextrun) {
			$this->datenextrun = $this->later((int) $this->datestart ?: $now);
		}
		while ($this->datenextrun < $now && $this->frequency > 0 && $this->unitfrequency) {
			$this->datenextrun = $this->later((int) $this->datenextrun);
		}
		return $this->update($user);
	}

	/** @return int 1, or -1 */
	private function runAs($user)
	{
		$this->datelastrun = dol_now();
		$this->datelastresult = null;
		$this->lastoutput = '';
		$this->lastresult = '';
		$this->processing = 1;
		$this->pid = getmypid();
		$this->nbrun = (int) $this->nbrun + 1;
		if ($this->update($user) < 0) {
			return -1;
		}
		if (Sandbox\Version::endsDeadJobs()) {
			Sandbox\Jobs\Work::watch($this->db, (int) $this->id, $this->pid);
		}
		$work = new Sandbox\Jobs\Work($this->db, $this);
		if (!$work->run()) {
			// As the application has it: the row says for ever that it runs
			$this->error = $work->error;
			return -1;
		}
		$this->error = $work->error;
		$this->lastoutput = $work->output;
		$this->lastresult = $work->result;
		$this->datelastresult = dol_now();
		$this->processing = 0;
		$this->pid = null;
		return $this->update($user) < 0 || $work->failed ? -1 : 1;
	}

	/** @return int when it comes after a moment */
	private function later($moment)
	{
		if (!is_numeric($this->unitfrequency) || (int) $this->unitfrequency === self::MONTH || (int) $this->unitfrequency <= 0) {
			return (int) strtotime('+'.max(1, (int) $this->frequency).' month', $moment);
		}
		return $moment + (int) $this->frequency * (int) $this->unitfrequency;
	}
}
