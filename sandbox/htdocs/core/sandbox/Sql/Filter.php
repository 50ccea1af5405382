<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Sql;

/**
 * Reads the parameter sqlfilters and turns it into a condition with bound values.
 *
 *   filter    = group { ("and" | "or") group }
 *   group     = "(" filter ")" | "(" criterion ")"
 *   criterion = column ":" operator ":" value
 *   operator  = "=" "<" ">" "<=" ">=" "!=" "<>" "in" "notin" "like" "notlike" "is" "isnot"
 *
 * A whole filter without parentheses around it is taken as if it had them.
 */
class Filter
{
	const OPERATORS = array(
		'=' => '=', '<' => '<', '>' => '>', '<=' => '<=', '>=' => '>=', '!=' => '<>', '<>' => '<>', 'like' => 'LIKE', 'notlike' => 'NOT LIKE',
		'in' => 'IN', 'notin' => 'NOT IN', 'is' => 'IS', 'isnot' => 'IS NOT',
	);

	/** @var string */
	private $text;
	/** @var int */
	private $at = 0;
	/** @var Columns */
	private $columns;
	/** @var array values in order */
	public $values = array();
	/** @var string condition */
	public $sql;

	/**
	 * @param string  $text    the parameter
	 * @param Columns $columns columns that may be named
	 * @throws FilterError    the text is no filter
	 * @throws SqlError       a column does not exist
	 */
	public function __construct($text, Columns $columns)
	{
		$this->text = preg_match('/^\(.*\)$/s', $text) ? $text : '('.$text.')';
		$this->columns = $columns;
		self::checkBalance($this->text);
		$this->sql = $this->sequence();
		if ($this->at < strlen($this->text)) {
			$this->fail();
		}
	}

	/**
	 * @param string $text filter
	 * @return void
	 */
	private static function checkBalance($text)
	{
		$depth = 0;
		foreach (str_split($text) as $char) {
			$depth += $char === '(' ? 1 : ($char === ')' ? -1 : 0);
			if ($depth < 0) {
				break;
			}
		}
		if ($depth !== 0) {
			throw new FilterError('Wrong balance of parenthesis in sqlfilters='.$text);
		}
	}

	/** @return string groups joined by and / or */
	private function sequence()
	{
		$sql = $this->group();
		while (preg_match('/\G\s*(and|or)\s*(?=\()/i', $this->text, $m, 0, $this->at)) {
			$this->at += strlen($m[0]);
			$sql .= ' '.strtoupper($m[1]).' '.$this->group();
		}
		return $sql;
	}

	/** @return string what stands between two parentheses */
	private function group()
	{
		if (!preg_match('/\G\s*\(\s*/', $this->text, $m, 0, $this->at)) {
			$this->fail();
		}
		$this->at += strlen($m[0]);
		$sql = $this->charAt() === '(' ? $this->sequence() : $this->criterion();
		if (!preg_match('/\G\s*\)\s*/', $this->text, $m, 0, $this->at)) {
			$this->fail();
		}
		$this->at += strlen(rtrim($m[0]));
		return '('.$sql.')';
	}

	/** @return string one comparison */
	private function criterion()
	{
		if (!preg_match('/\G([A-Za-z0-9_.]+):([A-Za-z<>!=]+):([^()]+)/', $this->text, $m, 0, $this->at)) {
			$this->fail();
		}
		$operator = strtolower($m[2]);
		if (!isset(self::OPERATORS[$operator])) {
			$this->fail();
		}
		$this->at += strlen($m[0]);
		$column = $this->columns->name($m[1], 'WHERE');
		$sign = self::OPERATORS[$operator];
		$value = trim($m[3]);
		if ($sign === 'IN' || $sign === 'NOT IN') {
			$items = array_map('trim', explode(',', $value));
			$marks = implode(', ', array_map(array($this, 'bind'), $items));
			return $column.' '.$sign.' ('.$marks.')';
		}
		if (strtoupper($value) === 'NULL') {
			return $column.' '.$sign.' NULL';
		}
		if ($sign === 'IS' || $sign === 'IS NOT') {
			$this->fail();
		}
		if ($sign === 'LIKE' || $sign === 'NOT LIKE') {
			return $this->columns->asText($column).' '.$sign.' '.$this->bind($value);
		}
		return $column.' '.$sign.' '.$this->bind($value);
	}

	/**
	 * @param string $text value, between quotes or not
	 * @return string placeholder
	 */
	private function bind($text)
	{
		$this->values[] = preg_match("/^'(.*)'$/s", $text, $m) ? str_replace(array("''", "\\'"), "'", $m[1]) : $text;
		return '?';
	}

	/** @return string */
	private function charAt()
	{
		return (string) substr($this->text, $this->at, 1);
	}

	/**
	 * @return void
	 * @throws FilterError
	 */
	private function fail()
	{
		throw new FilterError('Bad syntax of the search string: '.$this->text);
	}
}
