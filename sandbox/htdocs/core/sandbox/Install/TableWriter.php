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
			if (!$this->standsAlone($key)) {
				$parts[] = $this->keyInTable($name, $key);
			}
		}
		return 'CREATE TABLE IF NOT EXISTS '.$this->table($name)." (\n  ".implode(",\n  ", $parts)."\n)".$this->collation;
	}

	/**
	 * @param string $name table without prefix
	 * @param array  $key  unique, index or foreign
	 * @return string statement that adds a key to a table that is there
	 */
	public function createKey($name, array $key)
	{
		if ($this->standsAlone($key)) {
			return 'CREATE INDEX '.$this->keyName($name, $key).' ON '.$this->table($name).' ('.$this->names($key['columns']).')';
		}
		return 'ALTER TABLE '.$this->table($name).' ADD '.$this->keyInTable($name, $key);
	}

	/**
	 * @param string $name table without prefix
	 * @param array  $key  unique, index or foreign
	 * @return string name by which existing() knows it
	 */
	public function knownAs($name, array $key)
	{
		return $this->prefix.$name.'.'.$this->plainKeyName($name, $key);
	}

	/**
	 * @return array<string, bool> keys that are there, as table.key
	 */
	public function existing()
	{
		$sql = $this->db->type === 'pgsql'
			? 'SELECT tablename, indexname FROM pg_indexes WHERE schemaname = current_schema()'
			: 'SELECT table_name, index_name FROM information_schema.statistics WHERE table_schema = DATABASE()';
		$constraints = 'SELECT table_name, constraint_name FROM information_schema.table_constraints WHERE '
			.($this->db->type === 'pgsql' ? 'table_schema = current_schema()' : 'table_schema = DATABASE()');
		$known = array();
		foreach (array($sql, $constraints) as $statement) {
			foreach ($this->db->run($statement)->fetchAll(\PDO::FETCH_NUM) as $row) {
				$known[$row[0].'.'.$row[1]] = true;
			}
		}
		return $known;
	}

	/** @return bool whether a key has a statement of its own: PostgreSQL has no plain index inside CREATE TABLE */
	private function standsAlone(array $key)
	{
		return $key['kind'] === 'index' && $this->db->type === 'pgsql';
	}

	/** @return string key as it stands inside CREATE TABLE or behind ADD */
	private function keyInTable($name, array $key)
	{
		$columns = ' ('.$this->names($key['columns']).')';
		switch ($key['kind']) {
			case 'primary':
				return 'PRIMARY KEY'.$columns;
			case 'foreign':
				return 'CONSTRAINT '.$this->keyName($name, $key).' FOREIGN KEY'.$columns.' REFERENCES '.$this->table($key['table']).' ('.$this->names(array($key['column'])).')';
			case 'unique':
				return 'CONSTRAINT '.$this->keyName($name, $key).' UNIQUE'.$columns;
		}
		return 'KEY '.$this->keyName($name, $key).$columns;
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
