<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Store;

/**
 * Numbers such as SO2007-0001: a prefix, year and month, a counter that goes on within the month.
 */
class Numbers
{
	/** @var \DoliDB */
	private $db;

	/** @param \DoliDB $db database */
	public function __construct($db)
	{
		$this->db = $db;
	}

	/**
	 * Call it in a transaction and before any plain SELECT of it: whoever asks at the same time waits until it ends.
	 *
	 * @param string $table  name with prefix
	 * @param string $column column of the number
	 * @param string $prefix letters in front
	 * @param int    $date   seconds since 1970
	 * @param int    $digits of the counter
	 * @return string
	 */
	public function next($table, $column, $prefix, $date, $digits)
	{
		global $conf;

		$this->db->run('SELECT rowid FROM '.MAIN_DB_PREFIX.'const WHERE name = ? FOR UPDATE', array('MAIN_VERSION_FIRST_INSTALL'))->fetchAll();
		$start = $prefix.gmdate('ym', $date).'-';
		$name = $this->db->quoteName($column);
		$sql = 'SELECT MAX('.$name.') AS last FROM '.$table.' WHERE '.$name.' LIKE ? AND entity = ?';
		$row = $this->db->run($sql, array($start.str_repeat('_', $digits), $conf->entity))->fetch();
		return $start.sprintf('%0'.$digits.'d', $row && $row->last !== null ? (int) substr($row->last, strlen($start)) + 1 : 1);
	}
}
