<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * A read-only look into the site's database without the application, for the time when the application cannot
 * be started yet: not installed, half installed, or with a broken configuration.
 */
class Connection
{
	const TABLES = array(
		'mysqli' => "SELECT table_name FROM information_schema.tables",
		'pgsql' => 'SELECT c.relname, n.nspname, CURRENT_SCHEMA(), pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace',
	);
	const HERE = array(
		'mysqli' => "table_schema = DATABASE() AND table_type = 'BASE TABLE'",
		'pgsql' => "n.nspname = CURRENT_SCHEMA() AND c.relkind IN ('r', 'p')",
	);

	/** @var \mysqli|null */
	private $mysqli;
	/** @var mixed a resource up to PHP 8.0, an object from 8.1 on */
	private $pgsql;

	/**
	 * @throws Failure `database`
	 */
	public function __construct(Target $target)
	{
		$password = $target->conf('db_pass');
		if (preg_match('/^(crypted|dolcrypt):/', $password) || $target->conf('db_encrypted_pass') !== '') {
			throw new Failure(
				'database',
				'conf.php holds the database password in encoded form.',
				'Write it in clear; the file is readable for the site\'s user only.'
			);
		}
		$type = $target->conf('db_type');
		if ($type === 'mysqli' || $type === 'mysql') {
			$this->connectMysqli($target, $password);
		} elseif ($type === 'pgsql') {
			$this->connectPgsql($target, $password);
		} else {
			throw new Failure('database', "The database type \"$type\" is unknown.", 'Use mysqli or pgsql in conf.php.');
		}
	}

	private function connectMysqli(Target $target, string $password): void
	{
		if (!class_exists('mysqli')) {
			throw new Failure('database', "PHP's mysqli extension is missing.", 'Install the package phpX.Y-mysql.');
		}
		mysqli_report(MYSQLI_REPORT_OFF);
		$link = mysqli_init();
		$link->options(MYSQLI_OPT_CONNECT_TIMEOUT, 10);
		$host = $target->conf('db_host');
		$port = (int) $target->conf('db_port');
		$flags = 0;
		// The application's own sign for an encrypted connection. It trusts any certificate, and so must this look.
		if (strpos($host, 'ssl://') === 0) {
			$host = substr($host, strlen('ssl://'));
			$flags = MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_DONT_VERIFY_SERVER_CERT;
		}
		$done = @$link->real_connect(
			$host,
			$target->conf('db_user'),
			$password,
			$target->conf('db_name'),
			$port ?: null,
			null,
			$flags
		);
		if (!$done) {
			throw self::unreachable($target, 'error '.$link->connect_errno.': '.$link->connect_error);
		}
		$this->mysqli = $link;
	}

	private function connectPgsql(Target $target, string $password): void
	{
		if (!function_exists('pg_connect')) {
			throw new Failure('database', "PHP's pgsql extension is missing.", 'Install the package phpX.Y-pgsql.');
		}
		$settings = array(
			'dbname' => $target->conf('db_name'),
			'user' => $target->conf('db_user'),
			'password' => $password,
			'connect_timeout' => '10',
		);
		// The application's driver takes the host "socket" for the local socket.
		if ($target->conf('db_host') !== 'socket') {
			$settings['host'] = $target->conf('db_host');
			$settings['port'] = $target->conf('db_port') === '' ? '5432' : $target->conf('db_port');
		}
		$words = array();
		foreach ($settings as $name => $value) {
			$words[] = $name."='".addcslashes($value, "\\'")."'";
		}
		error_clear_last();
		$link = @pg_connect(implode(' ', $words), PGSQL_CONNECT_FORCE_NEW);
		if (!$link) {
			$last = error_get_last();
			throw self::unreachable($target, $last === null ? 'no reason given' : $last['message']);
		}
		$this->pgsql = $link;
	}

	private static function unreachable(Target $target, string $seen): Failure
	{
		return new Failure(
			'database',
			'Could not connect to the database "'.$target->conf('db_name').'" on "'.$target->conf('db_host').'" as "'
				.$target->conf('db_user').'": '.Secrecy::tidy($seen, 300),
			'Check that the server runs and that the database, its user and the password in conf.php fit together.'
		);
	}

	public function engine(): string
	{
		return $this->mysqli !== null ? 'mysqli' : 'pgsql';
	}

	public function version(): string
	{
		return (string) $this->value('SELECT version()');
	}

	/** Why the server takes no writes of the site's: the name of the switch that is on, or null when it takes them. */
	public function readOnly(): ?string
	{
		if ($this->mysqli !== null) {
			return $this->value('SELECT @@global.read_only') === '1' ? 'read_only is on' : null;
		}
		if ($this->value('SELECT pg_is_in_recovery()::int') === '1') {
			return 'the server is a replica';
		}
		$switch = "SELECT current_setting('default_transaction_read_only')";
		return $this->value($switch) === 'on' ? 'default_transaction_read_only is on' : null;
	}

	/**
	 * @return array<int, array<int, string|null>>
	 * @throws Failure `database` when the query fails
	 */
	public function rows(string $sql): array
	{
		if (stripos($sql, 'SELECT ') !== 0) {
			throw new \LogicException('Only SELECT is sent to the database from here.');
		}
		$rows = array();
		if ($this->mysqli !== null) {
			$result = $this->mysqli->query($sql);
			if (!$result instanceof \mysqli_result) {
				throw self::refused($this->mysqli->error);
			}
			while (($row = $result->fetch_row()) !== null) {
				$rows[] = $row;
			}
			return $rows;
		}
		$result = @pg_query($this->pgsql, $sql);
		if (!$result) {
			throw self::refused(pg_last_error($this->pgsql));
		}
		while (($row = pg_fetch_row($result)) !== false) {
			$rows[] = $row;
		}
		return $rows;
	}

	public function value(string $sql): ?string
	{
		$rows = $this->rows($sql);
		return $rows ? $rows[0][0] : null;
	}

	/**
	 * The tables that start with the prefix, whoever owns them: information_schema would hide those that the site's user
	 * may not touch, and a database full of data would look empty.
	 *
	 * @return string[] names in lower case
	 */
	public function tables(string $prefix): array
	{
		$names = array();
		foreach ($this->rows(self::TABLES[$this->engine()].' WHERE '.self::HERE[$this->engine()]) as $row) {
			$name = strtolower((string) $row[0]);
			if (strpos($name, strtolower($prefix)) === 0) {
				$names[] = $name;
			}
		}
		sort($names);
		return $names;
	}

	/**
	 * Tables of the database that are not the application's: with another prefix, or in another schema.
	 *
	 * @return string[]
	 */
	public function foreignTables(string $prefix): array
	{
		$ours = $this->tables($prefix);
		$names = array();
		// Those of an extension come and go with it.
		$where = $this->mysqli !== null ? ' WHERE '.self::HERE['mysqli'] : " WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
			." AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') AND c.relkind IN ('r', 'p')";
		foreach ($this->rows(self::TABLES[$this->engine()].$where) as $row) {
			$here = $this->mysqli !== null || $row[1] === $row[2];
			if (!$here || !in_array(strtolower((string) $row[0]), $ours, true)) {
				$names[] = $here ? (string) $row[0] : $row[1].'.'.$row[0];
			}
		}
		return $names;
	}

	/**
	 * Roles, beside the site's own, that own tables with the prefix; always none on MariaDB, where tables have no owner.
	 *
	 * @return array<string, int> number of tables by owner
	 */
	public function otherOwners(string $prefix): array
	{
		$owners = array();
		if ($this->pgsql !== null) {
			$sql = self::TABLES['pgsql'].' WHERE '.self::HERE['pgsql']." AND NOT pg_has_role(c.relowner, 'USAGE')";
			foreach ($this->rows($sql) as $row) {
				if (strpos(strtolower((string) $row[0]), strtolower($prefix)) === 0) {
					$owners[(string) $row[3]] = ($owners[(string) $row[3]] ?? 0) + 1;
				}
			}
		}
		return $owners;
	}

	private static function refused(string $seen): Failure
	{
		return new Failure(
			'database',
			'The database refused a query: '.Secrecy::tidy($seen, 300),
			'Check the tables and the privileges of the database user.'
		);
	}
}
