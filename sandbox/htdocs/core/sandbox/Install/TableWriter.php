<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Install;

/**
 * Turns table descriptions into the statements of MariaDB or PostgreSQL.
 */
class TableWriter
{
	/** @var \DoliDB */
	private $db;
	/** @var string */
	private $prefix;
	/** @var string */
	private $collation;

	/**
	 * @param \DoliDB $db        decides the dialect
	 * @param string  $prefix    of every table
	 * @param string  $charset   of MariaDB's tables
	 * @param string  $collation of MariaDB's tables
	 */
	public function __construct($db, $prefix, $charset, $collation)
	{
		$this->db = $db;
		$this->prefix = $prefix;
		$this->collation = $db->type === 'mysqli' ? ' ENGINE=InnoDB DEFAULT CHARSET='.preg_replace('/\W/', '', $charset).' COLLATE='.preg_replace('/\W/', '', $collation) : '';
	}

	/**
	 * @param string $name  table without prefix
	 * @param array  $table what TableReader read
	 * @return string
	 */
	public function createTable($name, array $table)
	{
		$parts = array();
		foreach ($table['columns'] as $column => $spec) {
			$parts[] = $this->db->quoteName($column).' '.$this->type($spec);
		}
		foreach ($table['keys'] as $key) {
			if ($key['kind'] === 'primary') {
				$parts[] = 'PRIMARY KEY ('.$this->names($key['columns']).')';
			}
		}
		return 'CREATE TABLE IF NOT EXISTS '.$this->table($name)." (\n  ".implode(",\n  ", $parts)."\n)".$this->collation;
	}

	/**
	 * @param string $name table without prefix
	 * @param array  $key  unique, index or foreign
	 * @return string
	 */
	public function createKey($name, array $key)
	{
		if ($key['kind'] === 'foreign') {
			return 'ALTER TABLE '.$this->table($name).' ADD CONSTRAINT '.$this->keyName($name, $key).' FOREIGN KEY ('.$this->names($key['columns']).') REFERENCES '
				.$this->table($key['table']).' ('.$this->names(array($key['column'])).')';
		}
		$unique = $key['kind'] === 'unique' ? 'UNIQUE ' : '';
		return 'CREATE '.$unique.'INDEX '.$this->keyName($name, $key).' ON '.$this->table($name).' ('.$this->names($key['columns']).')';
	}

	/**
	 * @param string $name table without prefix
	 * @param array  $key  unique, index or foreign
	 * @return bool whether a key of that name is there already
	 */
	public function hasKey($name, array $key)
	{
		if ($this->db->type === 'pgsql') {
			$sql = 'SELECT 1 AS found FROM pg_class WHERE relname = ? UNION SELECT 1 FROM pg_constraint WHERE conname = ?';
			return (bool) $this->db->run($sql, array($this->plainKeyName($name, $key), $this->plainKeyName($name, $key)))->fetch();
		}
		$sql = 'SELECT 1 AS found FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ?'
			.' UNION SELECT 1 FROM information_schema.table_constraints WHERE table_schema = DATABASE() AND table_name = ? AND constraint_name = ?';
		return (bool) $this->db->run($sql, array($this->prefix.$name, $key['name'], $this->prefix.$name, $key['name']))->fetch();
	}

	/** @return string */
	private function plainKeyName($table, array $key)
	{
		// Names of indexes are unique in a schema of PostgreSQL, and two sites may share one: so the prefix counts
		return $this->db->type === 'pgsql' && $this->prefix !== 'llx_' ? $this->prefix.$key['name'] : $key['name'];
	}

	/** @return string */
	private function keyName($table, array $key)
	{
		return $this->db->quoteName($this->plainKeyName($table, $key));
	}

	/** @return string */
	private function table($name)
	{
		// "user" is a reserved word only without the prefix; quoting keeps odd prefixes working
		return $this->db->quoteName($this->prefix.$name);
	}

	/** @return string */
	private function names(array $columns)
	{
		return implode(', ', array_map(array($this->db, 'quoteName'), $columns));
	}

	/**
	 * @param array $spec type, size, null, default
	 * @return string
	 */
	private function type(array $spec)
	{
		$postgres = $this->db->type === 'pgsql';
		if ($spec['type'] === 'serial') {
			return $postgres ? 'SERIAL PRIMARY KEY' : 'integer NOT NULL AUTO_INCREMENT PRIMARY KEY';
		}
		if ($spec['type'] === 'tms') {
			return $postgres ? 'timestamp DEFAULT CURRENT_TIMESTAMP' : 'timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP';
		}
		$names = $postgres
			? array('int' => 'integer', 'float' => 'double precision', 'datetime' => 'timestamp', 'longtext' => 'text', 'decimal' => 'numeric')
			: array('int' => 'integer', 'float' => 'double');
		$type = (isset($names[$spec['type']]) ? $names[$spec['type']] : $spec['type']).($spec['size'] === '' ? '' : '('.$spec['size'].')');
		$type .= $spec['null'] ? '' : ' NOT NULL';
		if ($spec['default'] !== null) {
			$default = trim($spec['default'], "'");
			$type .= ' DEFAULT '.(is_numeric($default) ? $default : "'".$this->db->escape($default)."'");
		}
		return $type;
	}
}
