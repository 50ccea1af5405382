<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Store;

use Sandbox\Sql\Columns;
use Sandbox\Sql\Filter;

/**
 * The rows of one table as objects of the API: which property is which column, and what the lists may ask for.
 */
abstract class Records
{
	/** @var \DoliDB */
	protected $db;
	/** @var array<string, array> shapes that were read */
	private static $shapes = array();

	/** @param \DoliDB $db database */
	public function __construct($db)
	{
		$this->db = $db;
	}

	/** @return string table without prefix */
	abstract protected function table();

	/** @return string file in Data/shapes */
	abstract protected function shape();

	/**
	 * @return array property => column; a column with @ holds a moment, which the API tells in seconds since 1970
	 */
	abstract protected function map();

	/**
	 * @param object $row row
	 * @return array properties that are more than a column
	 */
	protected function derived($row)
	{
		return array();
	}

	/** @return string table with prefix */
	protected function name()
	{
		return MAIN_DB_PREFIX.$this->table();
	}

	/**
	 * @param string $column column to look at
	 * @param mixed  $value  its value
	 * @param bool   $lock   whether the row is kept from others until the transaction ends
	 * @return object|null row of this company
	 */
	public function row($column, $value, $lock = false)
	{
		if (self::isBeyondKeys($value)) {
			return null;
		}
		$sql = 'SELECT * FROM '.$this->name().' WHERE '.$this->db->quoteName($column).' = ? AND entity = ?'.($lock ? ' FOR UPDATE' : '');
		return $this->db->run($sql, array($value, $this->entity()))->fetch() ?: null;
	}

	/**
	 * Whether no row can have this key: PostgreSQL refuses to compare it, and the call would end in 500.
	 *
	 * @param mixed $value
	 * @return bool
	 */
	protected static function isBeyondKeys($value)
	{
		return is_int($value) && abs($value) > 2147483647;
	}

	/**
	 * @param object $row row
	 * @return array object as the API answers it
	 */
	public function present($row)
	{
		$object = self::template($this->shape());
		foreach ($this->map() as $property => $column) {
			$moment = $column[0] === '@';
			$value = $row->{ltrim($column, '@')};
			if ($moment) {
				$value = $this->db->jdate($value);
			}
			if ($value !== null) {
				$object[$property] = $value;
			}
		}
		return array_replace($object, $this->derived($row));
	}

	/**
	 * @param object $row row
	 * @return array object as a list tells it, which differs in a few keys
	 */
	public function presentInList($row)
	{
		return $this->present($row);
	}

	/**
	 * @param array  $where      conditions with values: sql => list of values
	 * @param string $filters    sqlfilters, '' = none
	 * @param string $sortfield  columns
	 * @param string $sortorder  directions
	 * @param int    $limit      rows, 0 or less = all
	 * @param int    $page       from 0
	 * @return array{0: object[], 1: int} rows, number of rows without limit
	 * @throws \Sandbox\Sql\FilterError when the filter can't be read
	 * @throws \Sandbox\Sql\SqlError    when a column does not exist, a value does not fit, or no database takes the condition
	 */
	public function find(array $where, $filters, $sortfield, $sortorder, $limit, $page)
	{
		$columns = new Columns($this->db, $this->table(), $this->listed(), $this->isExtended());
		$conditions = array();
		$values = array();
		foreach ($this->companies() + $where as $sql => $bound) {
			$conditions[] = $sql;
			$values = array_merge($values, $bound);
		}
		if ($filters !== '') {
			$filter = new Filter($this->db, $columns, $filters);
			$conditions[] = '('.$filter->sql.')';
			$values = array_merge($values, $filter->values);
		}
		$from = ' FROM '.$this->name().' t WHERE '.implode(' AND ', $conditions ?: array('1 = 1'));
		$order = $columns->order($sortfield, $sortorder);
		$total = (int) $this->db->run('SELECT COUNT(*) AS nb'.$from, $values)->fetch()->nb;
		if ($limit > 0) {
			$order .= ' LIMIT ? OFFSET ?';
			$values[] = $limit;
			$values[] = $limit * max(0, $page);
		}
		return array($this->db->run('SELECT t.*'.$from.$order, $values)->fetchAll(), $total);
	}

	/**
	 * @param array $given properties that a client sent, cleaned
	 * @return array columns with their values, only those that may be written
	 */
	protected function columnsFrom(array $given)
	{
		$values = array();
		foreach ($this->writable() as $property => $column) {
			if (array_key_exists($property, $given) && !is_array($given[$property])) {
				$values[$column] = $given[$property] === '' ? $this->emptyValue($column) : $given[$property];
			}
		}
		return $values;
	}

	/** @return array property => column that clients may write */
	abstract protected function writable();

	/**
	 * @param string $column column
	 * @return string|null what an empty text is stored as: numbers have no empty text
	 */
	protected function emptyValue($column)
	{
		return null;
	}

	/** @return string[] columns that an order may name by their position in the application's own list */
	protected function listed()
	{
		return array('rowid');
	}

	/** @return bool whether the application joins extra fields to its list */
	protected function isExtended()
	{
		return true;
	}

	/** @return array conditions with values that hold lists to this company */
	protected function companies()
	{
		return array('t.entity = ?' => array($this->entity()));
	}

	/** @return int company */
	protected function entity()
	{
		global $conf;
		return $conf->entity;
	}

	/**
	 * @param string $name file in Data/shapes
	 * @return array
	 */
	public static function template($name)
	{
		if (!isset(self::$shapes[$name])) {
			self::$shapes[$name] = require __DIR__.'/../Data/shapes/'.$name.'.php';
		}
		return self::$shapes[$name];
	}
}
