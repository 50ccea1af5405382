<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Sql;

use Sandbox\Install\TableReader;

/**
 * What a client may name in a filter and in an order: the columns of one table, as t.column or column, and those that the
 * application finds in the table of extra fields beside it, as ef.column. Here such a table has no rows.
 */
class Columns
{
	/** Columns of every table of extra fields, further than those of the installation's own fields. */
	const EXTRA = array('rowid', 'tms', 'fk_object', 'import_key');

	/** @var \DoliDB */
	private $db;
	/** @var string[] */
	private $names;
	/** @var string[] */
	private $listed;
	/** @var string[] */
	private $extra;

	/**
	 * @param \DoliDB  $db       database
	 * @param string   $table    name without prefix
	 * @param string[] $listed   columns that an order may name by their position, the first one as 1
	 * @param bool     $extended whether the application joins extra fields to this list
	 */
	public function __construct($db, $table, array $listed, $extended)
	{
		$this->db = $db;
		$this->names = TableReader::columnsOf($table, DOL_DOCUMENT_ROOT.'/install/tables');
		$this->listed = $listed;
		$this->extra = $extended ? self::EXTRA : array();
	}

	/**
	 * @param string $text   what the client wrote, [A-Za-z0-9_.]+
	 * @param string $clause WHERE or ORDER BY, for the message
	 * @return string quoted name, or NULL for an extra field
	 * @throws SqlError when there is no such column, or one in both tables
	 */
	public function name($text, $clause)
	{
		if (in_array('', explode('.', $text), true)) {
			throw SqlError::syntax($this->db->type, $text);
		}
		$dot = (int) strrpos($text, '.');
		$column = strtolower($dot > 0 ? substr($text, $dot + 1) : $text);
		$alias = substr($text, 0, $dot);
		if ($this->db->type === 'pgsql') {
			// MariaDB tells the cases of an alias apart
			$alias = strtolower($alias);
		}
		$own = in_array($alias, array('', 't'), true) && in_array($column, $this->names, true);
		$beside = in_array($alias, array('', 'ef'), true) && in_array($column, $this->extra, true);
		if ($own && $beside && !($clause === 'ORDER BY' && in_array($column, $this->listed, true))) {
			throw $this->error('DB_ERROR_AMBIGUOUS', "Column '".$text."' in ".$clause.' is ambiguous', 'column reference "'.$text.'" is ambiguous');
		}
		if (!$own && !$beside) {
			throw $this->error('DB_ERROR_NOSUCHFIELD', "Unknown column '".$text."' in '".$clause."'", 'column '.$text.' does not exist');
		}
		return $own ? 't.'.$this->db->quoteName($column) : 'NULL';
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
		foreach (explode(',', $fields) as $field) {
			$field = (string) preg_replace('/[^0-9a-z_.]/i', '', $field);
			if ($field === '' || $field === '0') {
				continue;
			}
			$asked = trim((string) array_shift($directions));
			$direction = in_array($asked, array('ASC', 'DESC'), true) ? $asked : $direction;
			$name = $this->isConstant($field) ? $this->position($field) : $this->name($field, 'ORDER BY');
			if ($name !== 'NULL') {
				$parts[] = $name.' '.$direction;
			}
		}
		return $parts ? ' ORDER BY '.implode(', ', $parts) : '';
	}

	/** @return bool whether the database takes the text for a constant: a number, NULL */
	private function isConstant($text)
	{
		return Criterion::isNumber($text) || strtolower($text) === 'null';
	}

	/**
	 * @param string $text constant
	 * @return string quoted name of the column that stands there, NULL for a constant that is no position
	 * @throws SqlError no column stands there; PostgreSQL orders by no other constant
	 */
	private function position($text)
	{
		$at = ctype_digit($text) && strlen(ltrim($text, '0')) < 10 ? (int) $text : 0;
		if (isset($this->listed[$at - 1])) {
			return 't.'.$this->db->quoteName($this->listed[$at - 1]);
		}
		if ($at > 0 || $this->db->type === 'pgsql') {
			$postgresql = ctype_digit($text) ? 'ORDER BY position '.$text.' is not in select list' : 'non-integer constant in ORDER BY';
			throw $this->error('DB_ERROR_NOSUCHFIELD', "Unknown column '".$text."' in 'ORDER BY'", $postgresql);
		}
		return 'NULL';
	}

	/** @return SqlError */
	private function error($name, $mariadb, $postgresql)
	{
		return new SqlError($name, $this->db->type === 'pgsql' ? 'ERROR:  '.$postgresql : $mariadb);
	}
}
