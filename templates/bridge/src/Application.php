<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The application after its bootstrap: its global objects, and what every command needs of them.
 */
class Application
{
	/** @var Target */
	private $target;
	/** @var bool report only */
	private $check;
	/** @var array<string, string> classes of modules that a check run would have switched on, by short name */
	private $planned = array();
	/** @var string|null country that a check run would have given the company */
	private $country;
	/** @var string[] groups that a check run would have made */
	private $plannedGroups = array();
	/** @var array<string, array<int, string>> what a check run would have stored, by what it is and the id of what has it */
	private $plans = array();
	/** @var array<int, string> rights that were defined anew, or would be */
	private $definedRights = array();
	/** @var \User|null */
	private $administrator;

	public function __construct(Target $target, bool $check)
	{
		$this->target = $target;
		$this->check = $check;
		foreach (array('admin', 'functions2', 'security', 'security2', 'files') as $library) {
			$file = DOL_DOCUMENT_ROOT.'/core/lib/'.$library.'.lib.php';
			if (is_file($file)) {
				require_once $file;
			}
		}
		require_once DOL_DOCUMENT_ROOT.'/user/class/user.class.php';
		// Some modules refuse to be switched on when the browser has no JavaScript; there is no browser here.
		$this->conf()->use_javascript_ajax = 1;
		$this->actAs($this->administrator());
	}

	public function target(): Target
	{
		return $this->target;
	}

	public function check(): bool
	{
		return $this->check;
	}

	/** @return object the application's database handler */
	public function db()
	{
		return $GLOBALS['db'];
	}

	/** @return object the application's configuration */
	public function conf()
	{
		return $GLOBALS['conf'];
	}

	public function entity(): int
	{
		return (int) $this->conf()->entity;
	}

	public function table(string $name): string
	{
		return MAIN_DB_PREFIX.$name;
	}

	public function quote(string $value): string
	{
		return "'".$this->db()->escape($value)."'";
	}

	/**
	 * All rows of a SELECT.
	 *
	 * Read to the end before anything else is asked: on PHP 8 with PostgreSQL some versions of the application lose
	 * the rest of a result as soon as another query runs.
	 *
	 * @return array<int, array<string, string|null>>
	 * @throws Failure `database`
	 */
	public function rows(string $sql): array
	{
		if (stripos($sql, 'SELECT ') !== 0) {
			throw new \LogicException('The database is changed through the application\'s classes only.');
		}
		$result = $this->db()->query($sql);
		if (!$result) {
			throw new Failure(
				'database',
				'The database refused a query: '.Secrecy::tidy((string) $this->db()->lasterror(), 300),
				'Check the tables and the privileges of the database user.'
			);
		}
		$rows = array();
		while (($row = $this->db()->fetch_object($result))) {
			$rows[] = (array) $row;
		}
		$this->db()->free($result);
		return $rows;
	}

	/** Reads the application's constants anew, after something has changed them. */
	public function reload(): void
	{
		$this->conf()->setValues($this->db());
		$this->conf()->use_javascript_ajax = 1;
	}

	/**
	 * The administrator in whose name changes are made: an administrator of all entities if there is one.
	 *
	 * @throws Failure `no_administrator`
	 */
	public function administrator(): \User
	{
		if ($this->administrator === null) {
			$this->administrator = $this->anAdministrator(0);
		}
		if ($this->administrator === null) {
			throw new Failure(
				'no_administrator',
				'There is no enabled administrator in whose name to work.',
				'Enable one in the application\'s pages.'
			);
		}
		return $this->administrator;
	}

	private function anAdministrator(int $except): ?\User
	{
		$rows = $this->rows(
			'SELECT rowid FROM '.$this->table('user')." WHERE admin = 1 AND statut = 1 AND rowid <> $except ORDER BY entity, rowid"
		);
		$user = new \User($this->db());
		return $rows && $user->fetch((int) $rows[0]['rowid']) > 0 ? $user : null;
	}

	/**
	 * Makes sure that somebody can still set things when this user is no administrator any more, and works as another.
	 *
	 * @param string $becomes what would become of the user, in words
	 * @throws Failure `last_administrator`
	 */
	public function doWithout(\User $user, string $becomes): void
	{
		if (!(int) $user->admin || !Versions::isEnabled($user)) {
			return;
		}
		$other = $this->anAdministrator((int) $user->id);
		if ($other === null) {
			throw new Failure(
				'last_administrator',
				'"'.$user->login."\" is the only administrator who can log in, and would be $becomes.",
				'Enable or make another administrator first.'
			);
		}
		if ((int) $this->administrator()->id === (int) $user->id) {
			$this->administrator = $other;
			$this->actAs($other);
		}
	}

	/** The application's classes take the acting user from the global variable. */
	private function actAs(\User $user): void
	{
		Versions::loadRights($user);
		$GLOBALS['user'] = $user;
	}

	public function planGroup(string $name): void
	{
		$this->plannedGroups[] = $name;
	}

	public function isPlannedGroup(string $name): bool
	{
		return in_array($name, $this->plannedGroups, true);
	}

	public function planModule(string $name, string $class): void
	{
		$this->planned[$name] = $class;
	}

	/** @return array<string, string> */
	public function plannedModules(): array
	{
		return $this->planned;
	}

	/** Keeps what a check run would have stored, for the commands after it. */
	public function plan(string $what, int $id, string $value): void
	{
		$this->plans[$what][$id] = $value;
	}

	/** @return array<int, string> by id */
	public function planned(string $what): array
	{
		return $this->plans[$what] ?? array();
	}

	/**
	 * @param array<int, string> $names by id
	 */
	public function defineRights(array $names): void
	{
		$this->definedRights += $names;
	}

	/** @return array<int, string> */
	public function definedRights(): array
	{
		return $this->definedRights;
	}

	public function planCountry(string $code): void
	{
		$this->country = $code;
	}

	public function plannedCountry(): ?string
	{
		return $this->country;
	}
}
