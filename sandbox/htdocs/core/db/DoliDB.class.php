<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once __DIR__.'/names.trait.php';

/**
 * Database handler over PDO. The sandbox itself only uses run(), insert() and update(), which bind every value; the other
 * methods are the names that callers of the application know.
 */
abstract class DoliDB
{
	use DoliDBNames;

	/** @var string mysqli or pgsql */
	public $type = '';
	/** @var bool */
	public $connected = false;
	/** @var bool */
	public $database_selected = false;
	/** @var string */
	public $database_name = '';
	/** @var string text of the last error */
	public $error = '';
	/** @var PDO|null */
	protected $pdo;
	/** @var int */
	private $depth = 0;
	/** @var string driver-independent name of the last error */
	protected $errorCode = '';
	/** @var string */
	protected $lastQuery = '';

	/**
	 * @param string $type ignored, kept for callers
	 * @param string $host host, or "socket" or a path for a Unix socket
	 * @param string $user login
	 * @param string $pass clear text
	 * @param string $name database
	 * @param int    $port TCP port, 0 = the engine's own
	 */
	public function __construct($type, $host, $user, $pass, $name = '', $port = 0)
	{
		$this->database_name = $name;
		try {
			$this->pdo = new PDO($this->dsn($host, $name, (int) $port), $user, $pass, array(
				PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
				PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_OBJ,
				PDO::ATTR_EMULATE_PREPARES => false,
				PDO::ATTR_STRINGIFY_FETCHES => true,
			));
			foreach ($this->sessionStatements() as $statement) {
				$this->pdo->exec($statement);
			}
			$this->connected = true;
			$this->database_selected = true;
		} catch (PDOException $e) {
			$this->pdo = null;
			$this->error = 'host='.$host.', port='.$port.', user='.$user.', databasename='.$name.', Failed to connect';
		}
	}

	/**
	 * @param string $host host or socket
	 * @param string $name database
	 * @param int    $port TCP port
	 * @return string PDO data source name
	 */
	abstract protected function dsn($host, $name, $port);

	/**
	 * @return string[] statements that every connection begins with
	 */
	abstract protected function sessionStatements();

	/**
	 * @param PDOException $e what the driver said
	 * @return array{0: string, 1: string} driver-independent name and text
	 */
	abstract protected function explain(PDOException $e);

	/**
	 * @param string $name name of a table or a column
	 * @return string the name quoted for this engine
	 */
	abstract public function quoteName($name);

	/**
	 * Runs one statement with bound values.
	 *
	 * @param string $sql    statement with ? for each value
	 * @param array  $values values in order; null, int, float and string keep their type
	 * @return PDOStatement
	 * @throws Sandbox\Sql\SqlError when the database refuses it
	 */
	public function run($sql, array $values = array())
	{
		$this->lastQuery = $sql;
		if ($this->pdo === null) {
			throw new Sandbox\Sql\SqlError('DB_ERROR_CONNECT', $this->error);
		}
		try {
			$statement = $this->pdo->prepare($sql);
			foreach (array_values($values) as $i => $value) {
				$type = $value === null ? PDO::PARAM_NULL : (is_int($value) ? PDO::PARAM_INT : PDO::PARAM_STR);
				$statement->bindValue($i + 1, is_bool($value) ? (int) $value : $value, $type);
			}
			$statement->execute();
			return $statement;
		} catch (PDOException $e) {
			list($this->errorCode, $this->error) = $this->explain($e);
			throw new Sandbox\Sql\SqlError($this->errorCode, $this->error);
		}
	}

	/**
	 * @param string $table  name with prefix
	 * @param array  $values column => value
	 * @return int id of the new row
	 */
	public function insert($table, array $values)
	{
		$names = implode(', ', array_map(array($this, 'quoteName'), array_keys($values)));
		$marks = implode(', ', array_fill(0, count($values), '?'));
		$this->run('INSERT INTO '.$table.' ('.$names.') VALUES ('.$marks.')', array_values($values));
		return (int) $this->last_insert_id($table);
	}

	/**
	 * @param string $table  name with prefix
	 * @param array  $values column => value
	 * @param int    $rowid  id of the row
	 * @return int rows found
	 */
	public function update($table, array $values, $rowid)
	{
		$sets = array();
		foreach (array_keys($values) as $name) {
			$sets[] = $this->quoteName($name).' = ?';
		}
		$bound = array_values($values);
		$bound[] = (int) $rowid;
		return $this->run('UPDATE '.$table.' SET '.implode(', ', $sets).' WHERE rowid = ?', $bound)->rowCount();
	}

	/**
	 * Runs a callback in a transaction: all of it or nothing.
	 *
	 * @param callable $work gets nothing, its result is returned
	 * @return mixed
	 */
	public function transaction($work)
	{
		$this->begin();
		try {
			$result = $work();
		} catch (Exception $e) {
			$this->rollback();
			throw $e;
		}
		$this->commit();
		return $result;
	}

	/** @return int */
	public function begin()
	{
		if ($this->depth++ === 0) {
			$this->pdo->beginTransaction();
		}
		return 1;
	}

	/** @return int */
	public function commit()
	{
		if ($this->depth > 0 && --$this->depth === 0 && $this->pdo->inTransaction()) {
			$this->pdo->commit();
		}
		return 1;
	}

	/** @return int */
	public function rollback()
	{
		$this->depth = 0;
		if ($this->pdo !== null && $this->pdo->inTransaction()) {
			$this->pdo->rollBack();
		}
		return 1;
	}

	/** @return void */
	public function close()
	{
		$this->pdo = null;
		$this->connected = false;
	}

	/** @return string */
	public function getVersion()
	{
		return $this->pdo === null ? '' : (string) $this->pdo->getAttribute(PDO::ATTR_SERVER_VERSION);
	}

	/** @return string|int */
	abstract public function last_insert_id($table, $field = 'rowid');
}
