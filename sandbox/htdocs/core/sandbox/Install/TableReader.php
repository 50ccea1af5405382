<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Install;

/**
 * Reads the table descriptions in install/tables/. A line is one of
 *   <column> serial | tms | int | bigint | smallint | float | text | longtext | date | datetime | varchar(n) | decimal(p,s)
 *            [not null] [default <value>]
 *   primary (<columns>)     unique <name> (<columns>)     index <name> (<columns>)
 *   foreign <name> (<column>) references <table> (<column>)
 */
class TableReader
{
	/** Order matters: a table comes after those that its foreign keys name. */
	const FILES = array('user', 'system', 'societe', 'product', 'commande', 'facture', 'cron', 'webhook', 'settings');

	/**
	 * @param string $folder install/tables
	 * @return array[] table without prefix => array{columns: array, keys: array}
	 */
	public static function all($folder)
	{
		$tables = array();
		foreach (self::FILES as $file) {
			foreach (require $folder.'/'.$file.'.php' as $name => $text) {
				$tables[$name] = self::parse($text);
			}
		}
		return $tables;
	}

	/**
	 * @param string $table  name without prefix
	 * @param string $folder install/tables
	 * @return string[] names of its columns
	 */
	public static function columnsOf($table, $folder)
	{
		static $known = null;
		if ($known === null) {
			$known = self::all($folder);
		}
		return array_keys($known[$table]['columns']);
	}

	/**
	 * @param string $text description of one table
	 * @return array
	 */
	private static function parse($text)
	{
		$columns = array();
		$keys = array();
		foreach (explode("\n", trim($text)) as $line) {
			if (preg_match('/^(primary|unique|index|foreign)\s+(?:(\w+)\s+)?\(([\w, ]+)\)(?:\s+references\s+(\w+)\s+\((\w+)\))?$/', $line, $m)) {
				$keys[] = array('kind' => $m[1], 'name' => $m[2], 'columns' => explode(', ', $m[3]), 'table' => isset($m[4]) ? $m[4] : '', 'column' => isset($m[5]) ? $m[5] : '');
			} elseif (preg_match('/^(\w+) ([a-z]+)(?:\(([\d,]+)\))?( not null)?(?: default (.*))?$/', $line, $m)) {
				$columns[$m[1]] = array('type' => $m[2], 'size' => isset($m[3]) ? $m[3] : '', 'null' => empty($m[4]), 'default' => isset($m[5]) ? $m[5] : null);
			} else {
				throw new \UnexpectedValueException('Unknown line in a table description: '.$line);
			}
		}
		return array('columns' => $columns, 'keys' => $keys);
	}
}
