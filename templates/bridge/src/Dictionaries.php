<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Rows of dictionaries, by their own codes: shown as they are declared, and brought to what is declared.
 *
 * Rows that are not named stay as they are, and of a named one the columns that are not; it is active, unless it says
 * that it is not.
 */
class Dictionaries
{
	/** @var Application */
	private $application;
	/** @var DictionaryRows */
	private $rows;
	/** @var string|null code of the company's country */
	private $country;

	public function __construct(Application $application)
	{
		$this->application = $application;
		$this->rows = new DictionaryRows($application);
	}

	/**
	 * @param string $name '' for all that the version has
	 * @return array<string, mixed>
	 */
	public function list(string $name): array
	{
		$found = array();
		foreach ($name === '' ? array_keys(DictionaryTables::ALL) : array($name) as $one) {
			$table = DictionaryTables::get($one);
			if ($name !== '' || $this->rows->columns($table['table'])) {
				$found[$one] = array_map(array($this, 'shortened'), array_column($this->rows->read($one), 'values'));
			}
		}
		return array('changed' => false, 'dictionaries' => $found);
	}

	/**
	 * What is declared of one: nothing that says nothing.
	 *
	 * @param array<string, mixed> $values
	 * @return array<string, mixed>
	 */
	private function shortened(array $values): array
	{
		$said = array_filter($values, static function ($value): bool {
			return $value !== null && $value !== '';
		});
		if ($said['active'] ?? false) {
			unset($said['active']);
		}
		return $said;
	}

	/**
	 * @param array<string, mixed> $wanted lists of rows by the names of the dictionaries
	 * @return array<string, mixed>
	 * @throws Failure
	 */
	public function ensure(array $wanted): array
	{
		$plan = array();
		foreach ($wanted as $name => $rows) {
			$seen = $this->later((string) $name) ? array() : $this->rows->read((string) $name);
			foreach ((array) $rows as $index => $row) {
				$place = "dictionaries.{$name}[$index]";
				if (!is_array($row)) {
					throw new Failure('usage', "$place is no mapping.", 'Write it like {code: 30D, label: 30 days}.');
				}
				$plan[] = $this->planned((string) $name, $place, $row, $seen);
			}
		}
		$plan = array_values(array_filter($plan));
		if (!$this->application->check()) {
			$this->write($plan);
		}
		return $this->answer($plan);
	}

	/**
	 * @param array<string, mixed>             $row
	 * @param array<int, array<string, mixed>> $seen
	 * @return array<string, mixed>|null what to do, null where it is so already
	 */
	private function planned(string $name, string $place, array $row, array $seen): ?array
	{
		$table = DictionaryTables::get($name);
		$row = $this->completed($name, $place, $row, $table);
		$key = array_replace(array_flip($table['key']), array_intersect_key($row, array_flip($table['key'])));
		$same = array_values(array_filter($seen, static function (array $one) use ($key): bool {
			return DictionaryRows::alike(array_intersect_key($one['values'], $key), $key);
		}));
		$title = $this->title($name, $key);
		if (count($same) > 1) {
			throw new Failure('dictionary', "There are several rows of $title.", 'Take all but one away on the page of dictionaries.');
		}
		$now = $same ? $same[0] : null;
		if ($now === null) {
			$this->requireNew($place, $row, $table);
			$row += $this->ofNew($name, $row, $table);
			return array('name' => $name, 'title' => $title, 'id' => null, 'before' => null, 'after' => $row + array('active' => true));
		}
		$after = array();
		// As a new one is: whoever names a row wants it to be chosen.
		foreach ($row + array('active' => true) as $field => $value) {
			if (!DictionaryRows::alike($now['values'][$field], $value)) {
				$after[$field] = $value;
			}
		}
		$before = array_intersect_key($now['values'], $after);
		return $after ? array('name' => $name, 'title' => $title, 'id' => $now['id'], 'before' => $before, 'after' => $after) : null;
	}

	/**
	 * The row with a country, and with what of its key may be left out.
	 *
	 * @param array<string, mixed> $row
	 * @param array<string, mixed> $table
	 * @return array<string, mixed>
	 */
	private function completed(string $name, string $place, array $row, array $table): array
	{
		$fields = $this->later($name) ? $table['columns'] : $this->rows->fields($name);
		$known = array_merge(array_keys($fields), array('active'));
		foreach ($row as $field => $value) {
			if (!in_array($field, $known, true)) {
				throw new Failure(
					'dictionary_field',
					"$place has \"$field\", which this dictionary does not have in version ".DOL_VERSION.'.',
					'Known: '.implode(', ', $known).'.'
				);
			}
			if (is_string($value)) {
				PlainText::require("$place.$field", $value);
			} elseif (is_array($value)) {
				throw new Failure('bad_value', "$place.$field is no plain value.", 'Write a text or a number.');
			}
		}
		if (in_array($name, DictionaryTables::OF_A_COUNTRY, true) && !isset($row['country'])) {
			$row['country'] = $this->companyCountry($place);
		}
		foreach (array_diff($table['key'], array_keys($row)) as $field) {
			$default = DictionaryTables::OF_NEW[$name][$field] ?? null;
			if ($default === null) {
				throw new Failure('usage', "$place has no \"$field\", by which it is known.", 'Add it.');
			}
			$row[$field] = $default;
		}
		if (isset($row['active'])) {
			$row['active'] = (bool) $row['active'];
		}
		if (isset($row['country'])) {
			$row['country'] = strtoupper((string) $row['country']);
			$this->rows->countryId($row['country']);
		}
		return $row;
	}

	/** Whether a module that a check run would have switched on brings its table. */
	private function later(string $name): bool
	{
		return $this->application->check() && $this->application->plannedModules()
			&& !$this->rows->columns(DictionaryTables::get($name)['table']);
	}

	private function companyCountry(string $place): string
	{
		if ($this->country === null) {
			$this->country = $this->application->plannedCountry() ?? (string) ((new CompanyFacts($this->application))->read()['country'] ?? '');
		}
		if ($this->country === '') {
			throw new Failure('usage', "$place has no country, and the company has none either.", 'Write company.country, or country here.');
		}
		return $this->country;
	}

	/**
	 * @param array<string, mixed> $row
	 * @param array<string, mixed> $table
	 */
	private function requireNew(string $place, array $row, array $table): void
	{
		if (isset($table['columns']['label']) && ($row['label'] ?? '') === '') {
			throw new Failure('usage', "$place is a new row, and has no label.", 'Add its label, or mend its code.');
		}
	}

	/**
	 * @param array<string, mixed> $row
	 * @param array<string, mixed> $table
	 * @return array<string, mixed>
	 */
	private function ofNew(string $name, array $row, array $table): array
	{
		$given = DictionaryTables::OF_NEW[$name] ?? array();
		// Documents would say nothing.
		return isset($table['columns']['document_label']) ? $given + array('document_label' => $row['label']) : $given;
	}

	/**
	 * @param array<int, array<string, mixed>> $plan
	 * @throws Failure `dictionary`
	 */
	private function write(array $plan): void
	{
		foreach ($plan as $one) {
			$one['id'] === null ? $this->rows->insert($one['name'], $one['after']) : $this->rows->update($one['name'], $one['id'], $one['after']);
		}
		foreach (array_unique(array_column($plan, 'name')) as $name) {
			$seen = array_column($this->rows->read($name), 'values');
			foreach ($plan as $one) {
				$kept = array_filter($seen, static function (array $values) use ($one): bool {
					return DictionaryRows::alike(array_intersect_key($values, $one['after']), $one['after']);
				});
				if ($one['name'] === $name && !$kept) {
					throw new Failure(
						'dictionary',
						ucfirst($one['title']).' has not been stored as given.',
						'A text may be longer than its column, or a number have more digits: see the row on the page of dictionaries.'
					);
				}
			}
		}
	}

	/** @param array<string, mixed> $key */
	private function title(string $name, array $key): string
	{
		$said = array_filter($key, static function ($part): bool {
			return $part !== null && $part !== '' && $part !== 0;
		});
		return str_replace('_', ' ', $name).' '.implode(' ', $said);
	}

	/**
	 * @param array<int, array<string, mixed>> $plan
	 * @return array<string, mixed>
	 */
	private function answer(array $plan): array
	{
		$changes = array();
		$before = $after = array();
		foreach ($plan as $one) {
			$words = $one['before'] === null ? 'made' : implode(', ', array_keys($one['after']));
			$changes[] = $one['title'].': '.$words;
			if ($one['before'] !== null) {
				$before[$one['title']] = $one['before'];
			}
			$after[$one['title']] = $one['after'];
		}
		return array(
			'changed' => (bool) $changes,
			'changes' => $changes,
			'diff' => array('before' => $before ?: new \stdClass(), 'after' => $after ?: new \stdClass()),
		);
	}
}
