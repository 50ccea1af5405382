<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Sql;

use Sandbox\Install\TableReader;

/**
 * The columns of one table that a client may name, as t.column or column.
 */
class Columns
{
	/** @var \DoliDB */
	private $db;
	/** @var string[] */
	private $names;

	/**
	 * @param \DoliDB $db    database
	 * @param string  $table name without prefix
	 */
	public function __construct($db, $table)
	{
		$this->db = $db;
		$this->names = TableReader::columnsOf($table, DOL_DOCUMENT_ROOT.'/install/tables');
	}

	/**
	 * @param string $text   what the client wrote
	 * @param string $clause WHERE or ORDER BY, for the message
	 * @return string quoted name
	 * @throws SqlError when there is no such column
	 */
	public function name($text, $clause)
	{
		$column = (string) preg_replace('/^t\./', '', $text);
		if (!in_array($column, $this->names, true)) {
			$message = $this->db->type === 'pgsql' ? 'ERROR:  column '.$text.' does not exist' : "Unknown column '".$text."' in '".$clause."'";
			throw new SqlError('DB_ERROR_NOSUCHFIELD', $message);
		}
		return 't.'.$this->db->quoteName($column);
	}

	/**
	 * @param string $column quoted name
	 * @return string expression that can be compared with LIKE
	 */
	public function asText($column)
	{
		return $this->db->type === 'pgsql' ? 'CAST('.$column.' AS text)' : $column;
	}

	/**
	 * @param string $fields fields, separated by commas
	 * @param string $orders ASC or DESC, separated by commas; anything else goes on as before
	 * @return string ORDER BY clause with a space in front, or ''
	 * @throws SqlError when there is no such column
	 */
	public function order($fields, $orders)
	{
		$directions = explode(',', strtoupper($orders));
		$parts = array();
		$direction = 'ASC';
		foreach (explode(',', $fields) as $i => $field) {
			$field = (string) preg_replace('/[^0-9a-z_.]/i', '', $field);
			if ($field === '') {
				continue;
			}
			$asked = isset($directions[$i]) ? trim($directions[$i]) : '';
			$direction = in_array($asked, array('ASC', 'DESC'), true) ? $asked : $direction;
			$parts[] = $this->name($field, 'ORDER BY').' '.$direction;
		}
		return $parts ? ' ORDER BY '.implode(', ', $parts) : '';
	}
}
