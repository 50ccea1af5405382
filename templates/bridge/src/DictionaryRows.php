<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The rows of one dictionary, read and written.
 *
 * The application has no class for most dictionaries: its page admin/dict.php writes them with statements of its own, by
 * the application's database handler. So does this one, with the same columns, ids and entities, and nothing else does.
 */
class DictionaryRows
{
	/** @var Application */
	private $application;
	/** @var array<string, string[]> columns by table */
	private $columns = array();
	/** @var array<int, string>|null codes of countries by id */
	private $countries;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	/** @return string[] the columns that a table has, none where there is no such table */
	public function columns(string $table): array
	{
		if (!isset($this->columns[$table])) {
			$this->columns[$table] = Columns::of($this->application, $table);
		}
		return $this->columns[$table];
	}

	/** @return array<string, string> columns by what they are called here, as far as the version has them */
	public function fields(string $name): array
	{
		$table = DictionaryTables::get($name);
		$there = $this->columns($table['table']);
		if (!$there) {
			throw new Failure('unknown_dictionary', "Version ".DOL_VERSION." has no dictionary \"$name\".", 'Leave it out, or switch its module on first.');
		}
		return array_intersect($table['columns'], $there);
	}

	/**
	 * @return array<int, array{id: string, values: array<string, mixed>}> in the order of their ids
	 */
	public function read(string $name): array
	{
		$table = DictionaryTables::get($name);
		$fields = $this->fields($name);
		$picked = array("t.{$table['id']} AS miclinik_id", 't.active AS active');
		foreach (array_diff_key($fields, array('active' => 1)) as $field => $column) {
			$picked[] = "t.$column AS f_$field";
		}
		$found = array();
		$sql = 'SELECT '.implode(', ', $picked).' FROM '.$this->application->table($table['table']).' t'.$this->ofEntity($table['table']);
		foreach ($this->application->rows("$sql ORDER BY t.{$table['id']}") as $row) {
			$values = array();
			foreach (array_keys($fields) as $field) {
				$values[$field] = $this->value($field, $row["f_$field"], in_array($field, $table['numbers'], true));
			}
			$values['active'] = (int) $row['active'] === 1;
			$found[] = array('id' => (string) $row['miclinik_id'], 'values' => $values);
		}
		return $found;
	}

	/**
	 * @param array<string, string|null> $row values by column, not always of all columns
	 * @return array<string, mixed> values by what they are called here
	 */
	public function values(string $name, array $row): array
	{
		$table = DictionaryTables::get($name);
		$found = array('active' => (int) ($row['active'] ?? 1) === 1);
		foreach ($this->fields($name) as $field => $column) {
			if (array_key_exists($column, $row)) {
				$found[$field] = $this->value($field, $row[$column], in_array($field, $table['numbers'], true));
			}
		}
		return $found;
	}

	/**
	 * @param string|null $stored
	 * @return mixed
	 */
	private function value(string $field, $stored, bool $number)
	{
		if ($stored === null) {
			return null;
		}
		if ($field === 'country') {
			return $this->countries()[(int) $stored] ?? null;
		}
		return $number && is_numeric($stored) ? $stored + 0 : (string) $stored;
	}

	/**
	 * Whether two values are the same to the database: numbers may be written in several ways.
	 *
	 * @param mixed $one
	 * @param mixed $other
	 */
	public static function alike($one, $other): bool
	{
		if (is_array($one) && is_array($other)) {
			foreach ($other as $field => $value) {
				if (!array_key_exists($field, $one) || !self::alike($one[$field], $value)) {
					return false;
				}
			}
			return true;
		}
		if (is_bool($one) || is_bool($other)) {
			return (bool) $one === (bool) $other;
		}
		if (is_numeric($one) && is_numeric($other) && (is_float($one + 0) || is_int($one) || is_int($other))) {
			return abs($one - $other) < 1e-9;
		}
		return (string) $one === (string) $other;
	}

	/** @param array<string, mixed> $values */
	public function insert(string $name, array $values): void
	{
		$table = DictionaryTables::get($name);
		$place = $this->application->table($table['table']);
		$set = $this->statement($name, $values);
		if ($table['made']) {
			$rows = $this->application->rows("SELECT MAX({$table['id']}) AS last FROM $place");
			$set[$table['id']] = (string) ((int) $rows[0]['last'] + 1);
		} elseif (!in_array($table['id'], $table['columns'], true)) {
			$this->catchUp($place, $table['id']);
		}
		if (in_array('entity', $this->columns($table['table']), true)) {
			$set['entity'] = (string) $this->application->entity();
		}
		$this->run("INSERT INTO $place (".implode(', ', array_keys($set)).') VALUES ('.implode(', ', $set).')');
		if ($table['made']) {
			$this->catchUp($place, $table['id']);
		}
	}

	/**
	 * On PostgreSQL the installer of 16 and 22 writes the first rows with ids, and leaves the sequence behind, as the page
	 * itself does (Dolibarr#36510): it can add no row then until it has failed often enough.
	 */
	private function catchUp(string $place, string $id): void
	{
		if ($this->application->target()->conf('db_type') === 'pgsql') {
			$sequence = "pg_get_serial_sequence('$place', '$id')";
			$this->application->rows("SELECT setval($sequence, GREATEST(nextval($sequence), (SELECT MAX($id) FROM $place))) AS last");
		}
	}

	/** @param array<string, mixed> $values */
	public function update(string $name, string $id, array $values): void
	{
		$table = DictionaryTables::get($name);
		$set = array();
		foreach ($this->statement($name, $values) as $column => $value) {
			$set[] = "$column = $value";
		}
		$where = $this->ofEntity($table['table'], '').($this->ofEntity($table['table'], '') === '' ? ' WHERE ' : ' AND ');
		$this->run(
			'UPDATE '.$this->application->table($table['table']).' SET '.implode(', ', $set).$where.$table['id'].' = '.$this->application->quote($id)
		);
	}

	public function countryId(string $code): int
	{
		$id = array_search($code, $this->countries(), true);
		if ($id === false) {
			throw new Failure('unknown_country', "The dictionary has no country \"$code\".", 'Give the ISO code, like ES.');
		}
		return (int) $id;
	}

	/** @return array<int, string> */
	private function countries(): array
	{
		if ($this->countries === null) {
			$rows = $this->application->rows('SELECT rowid, code FROM '.$this->application->table('c_country').' ORDER BY rowid');
			$this->countries = array_column($rows, 'code', 'rowid');
		}
		return $this->countries;
	}

	/**
	 * @param array<string, mixed> $values
	 * @return array<string, string> literals by column
	 */
	private function statement(string $name, array $values): array
	{
		$fields = $this->fields($name) + array('active' => 'active');
		$set = array();
		foreach ($values as $field => $value) {
			if ($field === 'country' && $value !== null && $value !== '') {
				$value = $this->countryId((string) $value);
			}
			if (is_bool($value)) {
				$value = (int) $value;
			}
			// As the page has it: an empty field is null, but for the code of a VAT rate, which is part of a key.
			$empty = $value === null || ($value === '' && !($name === 'vat_rates' && $field === 'code'));
			$set[$fields[$field]] = $empty ? 'NULL' : $this->application->quote((string) $value);
		}
		return $set;
	}

	/** Of which entities rows are shown and written, where the table has them by entity. */
	private function ofEntity(string $table, string $alias = 't.'): string
	{
		return in_array('entity', $this->columns($table), true) ? " WHERE {$alias}entity IN (".getEntity($table).')' : '';
	}

	/**
	 * @throws Failure `dictionary`
	 */
	private function run(string $sql): void
	{
		$db = $this->application->db();
		if (!$db->query($sql)) {
			throw new Failure(
				'dictionary',
				'The database refused a row of a dictionary: '.Secrecy::tidy((string) $db->lasterror(), 300),
				'A text may be longer than its column, or a part that is needed may be missing.'
			);
		}
	}
}
