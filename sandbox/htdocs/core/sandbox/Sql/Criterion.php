<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Sql;

/**
 * One comparison of a filter, column:operator:value, as a condition with bound values. Both sides may be a number, a column
 * or one of a few words; a text stands between quotes, and with the operators "like" and "notlike" everything is a text.
 */
class Criterion
{
	const OPERATORS = array(
		'=' => '=', '<' => '<', '>' => '>', '<=' => '<=', '>=' => '>=', '!=' => '<>', '<>' => '<>', 'like' => 'LIKE', 'notlike' => 'NOT LIKE',
		'in' => 'IN', 'notin' => 'NOT IN', 'is' => 'IS', 'isnot' => 'IS NOT',
	);
	/** What the application lets through to the database, and a database understands. */
	const WORDS = array('null' => 'NULL', 'true' => 'TRUE', 'false' => 'FALSE', 'current_date' => 'CURRENT_DATE', 'current_timestamp' => 'CURRENT_TIMESTAMP');

	/** @var \DoliDB */
	private $db;
	/** @var Columns */
	private $columns;
	/** @var array values in order */
	public $values = array();
	/** @var string condition */
	public $sql;

	/**
	 * @param \DoliDB $db       database
	 * @param Columns $columns  columns that may be named
	 * @param string  $left     [A-Za-z0-9_.]+
	 * @param string  $operator [A-Za-z<>=!]+
	 * @param string  $right    anything without parentheses
	 * @throws SqlError a column does not exist, or no database takes the comparison
	 */
	public function __construct($db, Columns $columns, $left, $operator, $right)
	{
		$this->db = $db;
		$this->columns = $columns;
		$sign = $this->sign(strtolower($operator));
		$this->sql = $this->operand($left).' ';
		// MariaDB's LIKE has no cases either
		$this->sql .= ($db->type === 'pgsql' ? str_replace('LIKE', 'ILIKE', $sign) : $sign).' '.$this->right($sign, $right);
	}

	/** @return bool whether a database takes the text for a number; numbers here have no sign of their own */
	public static function isNumber($text)
	{
		return (bool) preg_match('/^(\d+\.?\d*|\.\d+)(e\d+)?$/iD', $text);
	}

	/**
	 * @param string $operator lower case
	 * @return string operator of the database
	 */
	private function sign($operator)
	{
		if (isset(self::OPERATORS[$operator])) {
			return self::OPERATORS[$operator];
		}
		if ($operator === '<=>' && $this->db->type === 'mysqli') {
			return $operator;
		}
		throw $this->syntax($operator);
	}

	/**
	 * @param string $sign  operator of the database
	 * @param string $value what the client wrote
	 * @return string
	 */
	private function right($sign, $value)
	{
		switch ($sign) {
			case 'LIKE':
			case 'NOT LIKE':
				return $this->text(preg_match("/^'([^']*)'$/", $value, $m) ? $m[1] : $value);
			case 'IN':
			case 'NOT IN':
				return '('.implode(', ', array_map(array($this, 'item'), explode(',', $value))).')';
			case 'IS':
			case 'IS NOT':
				$word = strtolower((string) preg_replace('/\W/', '', $value));
				if (preg_match("/^'.*'$/", $value) || !in_array($word, array('null', 'true', 'false'), true)) {
					throw $this->syntax($value);
				}
				return self::WORDS[$word];
		}
		if (preg_match("/^'(.*)'$/", $value, $m)) {
			return $this->text($m[1]);
		}
		return is_numeric($value) ? $this->number($value) : $this->operand((string) preg_replace('/[^a-z0-9_]/i', '', $value));
	}

	/**
	 * @param string $item item of a list
	 * @return string
	 */
	private function item($item)
	{
		$item = trim($item);
		if (preg_match("/^'(.*)'$/", $item, $m)) {
			return $this->text((string) preg_replace("/[^0-9_\-.\p{L}=' ]/u", '', $m[1]));
		}
		if (is_numeric($item)) {
			return $this->number($item);
		}
		$word = (string) preg_replace('/[^a-z0-9_<>=!\s]/i', '', $item);
		if (!preg_match('/^\w+$/D', $word)) {
			// The application hands expressions and whole subqueries on to the database; this must never do so
			throw $this->syntax($word);
		}
		return $this->operand($word);
	}

	/**
	 * @param string $text number, word or column, [A-Za-z0-9_.]*
	 * @return string
	 */
	private function operand($text)
	{
		if (self::isNumber($text)) {
			return $this->number($text);
		}
		if ($text === '__NOW__') {
			return $this->text($this->db->idate(dol_now()));
		}
		$word = strtolower($text);
		return isset(self::WORDS[$word]) ? self::WORDS[$word] : $this->columns->name($text, 'WHERE');
	}

	/**
	 * @param string $text number
	 * @return string placeholder of this type: a text that looks like a number is not compared as one
	 */
	private function number($text)
	{
		if (is_infinite((float) $text)) {
			return $this->columns->name('INF', 'WHERE');
		}
		$this->values[] = trim($text);
		return $this->db->type === 'pgsql' ? 'CAST(? AS numeric)' : '(? + 0)';
	}

	/**
	 * @param string $text text
	 * @return string placeholder
	 */
	private function text($text)
	{
		if (strpos($text, '__NOW__') !== false) {
			// The application puts a second pair of quotes in here
			throw $this->syntax($text);
		}
		$this->values[] = $text;
		return '?';
	}

	/** @return SqlError */
	private function syntax($near)
	{
		return SqlError::syntax($this->db->type, $near);
	}
}
