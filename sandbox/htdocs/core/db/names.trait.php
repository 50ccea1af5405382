<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Methods that callers of the application's database handler know; the sandbox itself binds its values with run().
 */
trait DoliDBNames
{
	/**
	 * For callers that bring a whole statement (the bridge's SELECTs); values in it are the caller's to escape.
	 *
	 * @param string $sql statement
	 * @return PDOStatement|false
	 */
	public function query($sql)
	{
		try {
			return $this->run($sql);
		} catch (Sandbox\Sql\SqlError $e) {
			return false;
		}
	}

	/** @return object|null */
	public function fetch_object($result)
	{
		$row = $result ? $result->fetch(PDO::FETCH_OBJ) : false;
		return $row === false ? null : $row;
	}

	/** @return array|null */
	public function fetch_array($result)
	{
		$row = $result ? $result->fetch(PDO::FETCH_BOTH) : false;
		return $row === false ? null : $row;
	}

	/** @return array|null */
	public function fetch_row($result)
	{
		$row = $result ? $result->fetch(PDO::FETCH_NUM) : false;
		return $row === false ? null : $row;
	}

	/** @return int */
	public function num_rows($result)
	{
		return $result ? $result->rowCount() : 0;
	}

	/** @return int */
	public function affected_rows($result)
	{
		return $result ? $result->rowCount() : 0;
	}

	/** @return void */
	public function free($result = null)
	{
		if ($result) {
			$result->closeCursor();
		}
	}

	/** @return string the text as it goes between two quotes */
	public function escape($text)
	{
		return $this->pdo === null ? addslashes((string) $text) : substr($this->pdo->quote((string) $text), 1, -1);
	}

	/** @return string */
	public function prefix()
	{
		return MAIN_DB_PREFIX;
	}

	/** @return string the column as it is read: nothing is encrypted in the database itself */
	public function decrypt($column)
	{
		return $column;
	}

	/** @return string quoted value */
	public function encrypt($value)
	{
		return "'".$this->escape($value)."'";
	}

	/** @return string time as a column stores it, UTC */
	public function idate($time)
	{
		return gmdate('Y-m-d H:i:s', (int) $time);
	}

	/** @return int|string seconds since 1970, '' for none */
	public function jdate($text)
	{
		return $text === null || $text === '' ? '' : strtotime($text.' UTC');
	}

	/** @return string */
	public function error()
	{
		return $this->error;
	}

	/** @return string */
	public function lasterror()
	{
		return $this->error;
	}

	/** @return string */
	public function errno()
	{
		return $this->errorCode;
	}

	/** @return string */
	public function lasterrno()
	{
		return $this->errorCode;
	}

	/** @return string */
	public function lastquery()
	{
		return $this->lastQuery;
	}
}
