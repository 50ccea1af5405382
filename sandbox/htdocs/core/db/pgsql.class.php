<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once __DIR__.'/DoliDB.class.php';

/**
 * PostgreSQL.
 */
class DoliDBPgsql extends DoliDB
{
	/** @var string */
	public $type = 'pgsql';

	protected function dsn($host, $name, $port)
	{
		// The application takes host "socket" or "" for the local Unix socket
		$where = $host === 'socket' || $host === '' ? '' : 'host='.$host.';'.($port ? 'port='.$port.';' : '');
		return 'pgsql:'.$where.'dbname='.$name;
	}

	protected function sessionStatements()
	{
		return array("SET TIME ZONE 'UTC'", "SET client_encoding = 'UTF8'", "SET datestyle = 'ISO, YMD'");
	}

	public function quoteName($name)
	{
		return '"'.str_replace('"', '', $name).'"';
	}

	protected function explain(PDOException $e)
	{
		$names = array(
			'42P07' => 'DB_ERROR_TABLE_ALREADY_EXISTS', '42703' => 'DB_ERROR_NOSUCHFIELD', '23505' => 'DB_ERROR_RECORD_ALREADY_EXISTS',
			'42P01' => 'DB_ERROR_NOSUCHTABLE', '42710' => 'DB_ERROR_KEY_NAME_ALREADY_EXISTS',
		);
		$state = isset($e->errorInfo[0]) ? $e->errorInfo[0] : '';
		$text = isset($e->errorInfo[2]) ? $e->errorInfo[2] : $e->getMessage();
		if ($state === '23503') {
			return array(strpos($text, 'is still referenced') !== false ? 'DB_ERROR_CHILD_EXISTS' : 'DB_ERROR_NO_PARENT', $text);
		}
		return array(isset($names[$state]) ? $names[$state] : 'DB_ERROR_'.$state, $text);
	}

	public function last_insert_id($table, $field = 'rowid')
	{
		// No sequence on tables without rowid; asking would abort the transaction
		$name = $this->run('SELECT pg_get_serial_sequence(?, ?) AS name', array($table, $field))->fetch();
		return $name && $name->name !== null ? $this->run('SELECT currval(CAST(? AS regclass)) AS id', array($name->name))->fetch()->id : 0;
	}
}
