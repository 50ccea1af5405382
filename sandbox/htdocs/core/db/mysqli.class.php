<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once __DIR__.'/DoliDB.class.php';

/**
 * MariaDB.
 */
class DoliDBMysqli extends DoliDB
{
	/** @var string */
	public $type = 'mysqli';

	protected function dsn($host, $name, $port)
	{
		$host = preg_replace('/^p:/', '', $host);
		$where = strpos($host, '/') === 0 ? 'unix_socket='.$host : 'host='.$host.($port ? ';port='.$port : '');
		return 'mysql:'.$where.';dbname='.$name.';charset=utf8mb4';
	}

	protected function sessionStatements()
	{
		return array("SET time_zone = '+00:00'", "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'");
	}

	public function quoteName($name)
	{
		return '`'.str_replace('`', '', $name).'`';
	}

	protected function explain(PDOException $e)
	{
		$number = isset($e->errorInfo[1]) ? (int) $e->errorInfo[1] : 0;
		$names = array(
			1050 => 'DB_ERROR_TABLE_ALREADY_EXISTS', 1054 => 'DB_ERROR_NOSUCHFIELD', 1061 => 'DB_ERROR_KEY_NAME_ALREADY_EXISTS',
			1062 => 'DB_ERROR_RECORD_ALREADY_EXISTS', 1146 => 'DB_ERROR_NOSUCHTABLE', 1451 => 'DB_ERROR_CHILD_EXISTS', 1452 => 'DB_ERROR_NO_PARENT',
		);
		$text = isset($e->errorInfo[2]) ? $e->errorInfo[2] : $e->getMessage();
		return array(isset($names[$number]) ? $names[$number] : 'DB_ERROR_'.$number, $text);
	}

	public function last_insert_id($table, $field = 'rowid')
	{
		return $this->pdo->lastInsertId();
	}
}
