<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Sql;

/**
 * Reads the parameter sqlfilters and turns it into a condition with bound values.
 *
 *   filter    = group { ("and" | "or") group }
 *   group     = "(" filter ")" | "(" criterion ")"
 *   criterion = column ":" operator ":" value
 *
 * A whole filter without parentheses around it is taken as if it had them. What consists of criteria, parentheses, "and" and
 * "or", but in another order, the application hands on to the database, which refuses it.
 */
class Filter
{
	const CRITERION = '\(([a-z0-9_.]+):([<>!=insotlke]+):([^()]+)\)';

	/** @var \DoliDB */
	private $db;
	/** @var Columns */
	private $columns;
	/** @var string */
	private $text;
	/** @var int */
	private $at = 0;
	/** @var array values in order */
	public $values = array();
	/** @var string condition */
	public $sql;

	/**
	 * @param \DoliDB $db      database
	 * @param Columns $columns columns that may be named
	 * @param string  $text    the parameter
	 * @throws FilterError the text is no filter
	 * @throws SqlError    a column does not exist, or no database takes the condition
	 */
	public function __construct($db, Columns $columns, $text)
	{
		$this->db = $db;
		$this->columns = $columns;
		$this->text = preg_match('/^\(.*\)$/D', $text) ? $text : '('.$text.')';
		$this->checkBalance();
		$this->checkWords();
		$this->sql = $this->sequence();
		if ($this->at < strlen($this->text)) {
			$this->refuse();
		}
	}

	/** @return void */
	private function checkBalance()
	{
		$depth = 0;
		foreach (str_split($this->text) as $char) {
			$depth += $char === '(' ? 1 : ($char === ')' ? -1 : 0);
			if ($depth < 0) {
				break;
			}
		}
		if ($depth !== 0) {
			throw new FilterError('Wrong balance of parenthesis in sqlfilters='.$this->text);
		}
	}

	/** @return void */
	private function checkWords()
	{
		$rest = preg_replace('/'.self::CRITERION.'/i', '()', $this->text);
		$rest = str_ireplace(array('and', 'or', ' '), '', (string) $rest);
		if (trim($rest, '()') !== '') {
			throw new FilterError('Bad syntax of the search string: '.$this->text);
		}
	}

	/** @return string groups joined by and / or */
	private function sequence()
	{
		$sql = $this->group();
		while (preg_match('/\G *(and|or)(?= *\()/i', $this->text, $m, 0, $this->at)) {
			$this->at += strlen($m[0]);
			$sql .= ' '.strtoupper($m[1]).' '.$this->group();
		}
		return $sql;
	}

	/** @return string a criterion, or what stands between two parentheses */
	private function group()
	{
		if (preg_match('/\G *'.self::CRITERION.' */i', $this->text, $m, 0, $this->at)) {
			$this->at += strlen($m[0]);
			$criterion = new Criterion($this->db, $this->columns, $m[1], $m[2], $m[3]);
			$this->values = array_merge($this->values, $criterion->values);
			return '('.$criterion->sql.')';
		}
		$this->expect('/\G *\(/');
		$sql = $this->sequence();
		$this->expect('/\G *\) */');
		return '('.$sql.')';
	}

	/**
	 * @param string $pattern what has to come next
	 * @return void
	 */
	private function expect($pattern)
	{
		if (!preg_match($pattern, $this->text, $m, 0, $this->at)) {
			$this->refuse();
		}
		$this->at += strlen($m[0]);
	}

	/**
	 * @return void
	 * @throws SqlError
	 */
	private function refuse()
	{
		throw SqlError::syntax($this->db->type, (string) substr($this->text, $this->at));
	}
}
