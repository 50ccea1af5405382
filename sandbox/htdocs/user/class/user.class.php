<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once __DIR__.'/memberships.trait.php';
require_once __DIR__.'/userrights.trait.php';

/**
 * A user, with the methods and return values that the application's class has.
 */
#[\AllowDynamicProperties]
class User
{
	use Memberships;
	use UserRights;

	const STATUS_DISABLED = 0;
	const STATUS_ENABLED = 1;

	/** Properties that the table stores under the same name. */
	const COLUMNS = array(
		'lastname', 'firstname', 'employee', 'gender', 'job', 'email', 'personal_email', 'signature', 'office_phone', 'office_fax', 'user_mobile',
		'personal_mobile', 'address', 'zip', 'town', 'note_private', 'note_public', 'lang', 'color', 'photo', 'ref_employee', 'national_registration_number',
		'accountancy_code', 'accountancy_code_user_general',
	);

	/** @var DoliDB */
	public $db;
	/** @var int|null */
	public $id;
	/** @var string */
	public $login = '';
	/** @var string|null clear text; set it to change the password with create() or update() */
	public $pass;
	/** @var string|null */
	public $pass_indatabase_crypted;
	/** @var string clear text; stored encrypted */
	public $api_key = '';
	/** @var int */
	public $admin = 0;
	/** @var int|null company, 0 = all */
	public $entity;
	/** @var int */
	public $employee = 1;
	/** @var int|null */
	public $statut;
	/** @var int|null */
	public $status;
	/** @var int|null third party of an external user */
	public $socid;
	/** @var string */
	public $error = '';
	/** @var string[] */
	public $errors = array();

	/** @param DoliDB $db database */
	public function __construct($db)
	{
		$this->db = $db;
		$this->rights = new stdClass();
	}

	/**
	 * @param int    $id               id, or 0 to look by login or e-mail
	 * @param string $login            login
	 * @param string $sid              kept for callers
	 * @param int    $loadpersonalconf kept for callers
	 * @param int    $entity           company, -1 = every one
	 * @param string $email            e-mail
	 * @return int 1 found, 0 not found, -1 error
	 */
	public function fetch($id = 0, $login = '', $sid = '', $loadpersonalconf = 0, $entity = -1, $email = '')
	{
		if ($id > 0) {
			list($where, $values) = array('u.rowid = ?', array((int) $id));
		} elseif (trim($login) !== '') {
			list($where, $values) = array('u.login = ?', array(trim($login)));
		} else {
			list($where, $values) = array('u.email = ?', array($email));
		}
		if ($id <= 0 && $entity >= 0) {
			$where .= ' AND u.entity IN (0, ?)';
			$values[] = (int) $entity;
		}
		try {
			$rows = $this->db->run('SELECT u.* FROM '.MAIN_DB_PREFIX.'user u WHERE '.$where.' ORDER BY u.entity', $values)->fetchAll();
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = $e->getMessage();
			return -1;
		}
		if (count($rows) !== 1) {
			$this->error = $rows ? 'USERDUPLICATEFOUND' : 'USERNOTFOUND';
			return 0;
		}
		$this->load($rows[0]);
		return 1;
	}

	/**
	 * @param User $user      who does it
	 * @param int  $notrigger kept for callers
	 * @return int id; -1 login missing or not allowed, -2 database, -4 password, -6 login or e-mail is taken
	 */
	public function create($user, $notrigger = 0)
	{
		global $conf;

		$this->login = trim((string) $this->login);
		if (!$this->loginIsAllowed()) {
			return -1;
		}
		$this->entity = isset($this->entity) ? (int) $this->entity : $conf->entity;
		foreach (array('login' => 'ErrorLoginAlreadyExists', 'email' => 'ErrorEmailAlreadyExists') as $field => $text) {
			if (!empty($this->$field) && $this->taken($field, $this->$field)) {
				$this->error = $this->text($text, $this->$field);
				return -6;
			}
		}
		try {
			return $this->db->transaction(function () use ($user) {
				$this->id = $this->db->insert(MAIN_DB_PREFIX.'user', array('datec' => $this->db->idate(dol_now()), 'login' => $this->login, 'entity' => $this->entity));
				$this->grantDefaults();
				$result = $this->update($user, 1);
				if ($result < 0) {
					throw new Sandbox\Sql\SqlError($result === -5 ? 'PASSWORD' : 'DB_ERROR', $this->error);
				}
				return $this->id;
			});
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = $e->getMessage();
			$this->id = null;
			return $e->name === 'PASSWORD' ? -4 : -2;
		}
	}

	/**
	 * @param User $user      who does it; only an administrator changes the flag admin
	 * @param int  $notrigger kept for callers
	 * @return int rows changed; -1 login not allowed, -2 database, -5 password
	 */
	public function update($user, $notrigger = 0)
	{
		$this->login = trim((string) $this->login);
		if (!$this->loginIsAllowed()) {
			return -1;
		}
		$values = array('login' => $this->login, 'tms' => $this->db->idate(dol_now()));
		foreach (self::COLUMNS as $name) {
			$values[$name] = $name === 'employee' ? (int) $this->employee : trim(isset($this->$name) ? (string) $this->$name : '');
		}
		$key = trim((string) $this->api_key);
		$values['api_key'] = $key === '' ? null : dolEncrypt($key, '', '', 'dolibarr');
		if (!empty($user->admin)) {
			$values['admin'] = $this->admin > 0 ? 1 : 0;
		}
		if (!empty($user->admin) && empty($user->entity) && $user->id != $this->id) {
			$values['entity'] = (int) $this->entity;
		}
		try {
			$changed = $this->db->transaction(function () use ($values, $user) {
				$changed = $this->db->update(MAIN_DB_PREFIX.'user', $values, $this->id);
				if (!empty($this->pass) && !dol_verifyHash($this->pass, $this->pass_indatabase_crypted) && is_int($this->setPassword($user, $this->pass))) {
					throw new Sandbox\Sql\SqlError('PASSWORD', $this->error);
				}
				return $changed;
			});
			return max(1, $changed);
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = $e->getMessage();
			return $e->name === 'PASSWORD' ? -5 : -2;
		}
	}

	/**
	 * @param User   $user     who does it
	 * @param string $password clear text, '' = a random one
	 * @return string|int the password, or -1
	 */
	public function setPassword($user, $password = '')
	{
		if ($password === '') {
			require_once DOL_DOCUMENT_ROOT.'/core/lib/security2.lib.php';
			$password = getRandomPassword();
		}
		if (strlen($password) < 12 && getDolGlobalString('USER_PASSWORD_GENERATED', 'standard') !== '') {
			$this->error = 'Your password must have at least 12 chars';
			return -1;
		}
		$hash = dol_hash($password);
		$now = dol_now();
		$values = array('pass_crypted' => $hash, 'pass' => null, 'pass_temp' => null, 'datelastpassvalidation' => $this->db->idate($now), 'flagdelsessionsbefore' => $this->db->idate($now - 5));
		try {
			$this->db->update(MAIN_DB_PREFIX.'user', $values, $this->id);
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = $e->getMessage();
			return -1;
		}
		$this->pass = $password;
		$this->pass_indatabase_crypted = $hash;
		return $password;
	}

	/**
	 * @param int $status 1 enabled, 0 disabled
	 * @return int 1 changed, 0 it was so, -1 error
	 */
	public function setstatus($status)
	{
		if ((int) $this->statut === (int) $status && $this->statut !== null) {
			return 0;
		}
		try {
			$this->db->update(MAIN_DB_PREFIX.'user', array('statut' => (int) $status), $this->id);
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = $e->getMessage();
			return -1;
		}
		$this->statut = (int) $status;
		$this->status = (int) $status;
		return 1;
	}

	/** @return bool whether today is outside the dates between which the login is valid */
	public function isNotIntoValidityDateRange()
	{
		$now = dol_now();
		return (!empty($this->datestartvalidity) && $this->datestartvalidity > $now) || (!empty($this->dateendvalidity) && $this->dateendvalidity < $now);
	}

	/**
	 * @param object $row row of the table
	 * @return void
	 */
	private function load($row)
	{
		foreach (self::COLUMNS as $name) {
			$this->$name = $row->$name;
		}
		$this->id = $row->rowid;
		$this->ref = $row->rowid;
		$this->login = $row->login;
		$this->admin = $row->admin;
		$this->entity = $row->entity;
		$this->statut = $row->statut;
		$this->status = $row->statut;
		$this->pass = $row->pass;
		$this->pass_indatabase_crypted = $row->pass_crypted;
		$this->api_key = dolDecrypt($row->api_key);
		$this->socid = $row->fk_soc;
		foreach (array('datec', 'datestartvalidity', 'dateendvalidity', 'datelastlogin', 'datepreviouslogin', 'flagdelsessionsbefore') as $name) {
			$this->$name = $this->db->jdate($row->$name);
		}
		$this->datem = $this->db->jdate($row->tms);
		$this->datelastpassvalidation = $row->datelastpassvalidation;
	}

	/**
	 * @param string $field login or email
	 * @param string $value its value
	 * @return bool
	 */
	private function taken($field, $value)
	{
		$sql = 'SELECT rowid FROM '.MAIN_DB_PREFIX.'user WHERE entity IN (0, ?) AND '.($field === 'login' ? 'login' : 'email').' = ?';
		return (bool) $this->db->run($sql, array((int) $this->entity, $value))->fetch();
	}

	/** @return bool */
	private function loginIsAllowed()
	{
		if ($this->login === '') {
			$this->error = $this->text('ErrorFieldRequired', 'Login');
			return false;
		}
		if (preg_match('/[,@<>"\']/', $this->login)) {
			$this->error = $this->text('ErrorBadCharIntoLoginName', 'Login');
			return false;
		}
		return true;
	}

	/** @return string */
	private function text($key, $value)
	{
		global $langs;
		return $langs->trans($key, $value);
	}
}
