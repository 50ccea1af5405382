<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The rows of dictionaries that are otherwise than the version ships them, as an inventory declares them: new ones whole,
 * others with what differs. A row that is not there any more cannot be said so.
 */
class DictionaryChanges
{
	/** @var Application */
	private $application;
	/** @var DictionaryRows */
	private $rows;
	/** @var ShippedRows */
	private $shipped;

	public function __construct(Application $application)
	{
		$this->application = $application;
		$this->rows = new DictionaryRows($application);
		$this->shipped = new ShippedRows($application->target()->root());
	}

	/**
	 * @return array<string, mixed> `unclear` names rows that cannot be declared: others have the same code, the country is missing, or a text is none that the pages would keep
	 */
	public function list(): array
	{
		$found = $unclear = array();
		foreach ($this->shipped->known() ? DictionaryTables::ALL : array() as $name => $about) {
			if (!$this->rows->columns($about[0])) {
				continue;
			}
			foreach ($this->changed($name) as $row) {
				if ($row['clear']) {
					$found[$name][] = $row['declared'];
				} else {
					$unclear[] = str_replace('_', ' ', $name).' '.implode(' ', array_filter(array_map('strval', $row['key']), 'strlen'));
				}
			}
		}
		ksort($found);
		return array(
			'changed' => false,
			'dictionaries' => $found ?: new \stdClass(),
			'unclear' => array_values(array_unique($unclear)),
			'known' => $this->shipped->known(),
		);
	}

	/**
	 * @return array<int, array{key: array<string, mixed>, clear: bool, declared: array<string, mixed>}>
	 */
	private function changed(string $name): array
	{
		$table = DictionaryTables::get($name);
		$by = array_flip($table['key']);
		$shipped = array();
		foreach ($this->shipped->of($table['table']) as $row) {
			$values = $this->rows->values($name, $row);
			$shipped[$this->key($values, $table)][] = $values;
		}
		$seen = array_column($this->rows->read($name), 'values');
		$keys = array();
		foreach ($seen as $values) {
			$keys[] = $this->key($values, $table);
		}
		$counts = array_count_values($keys);
		$found = array();
		foreach ($seen as $index => $values) {
			$key = array_intersect_key($values, $by);
			$declared = $this->declared($name, $values, $shipped[$keys[$index]] ?? array(), $by);
			if ($declared !== null) {
				$clear = $counts[$keys[$index]] === 1 && $this->canBeDeclared($name, $declared);
				$found[$keys[$index]] = array('key' => $key, 'clear' => $clear, 'declared' => $declared);
			}
		}
		// Not by their ids, which another site need not have.
		ksort($found, SORT_STRING);
		return array_values($found);
	}

	/** @param array<string, mixed> $declared */
	private function canBeDeclared(string $name, array $declared): bool
	{
		foreach (array_filter($declared, 'is_string') as $text) {
			if (!PlainText::is($text)) {
				return false;
			}
		}
		return !in_array($name, DictionaryTables::OF_A_COUNTRY, true) || $declared['country'] !== null;
	}

	/**
	 * By what a row is known: what is not said is empty.
	 *
	 * @param array<string, mixed> $values
	 * @param array<string, mixed> $table
	 */
	private function key(array $values, array $table): string
	{
		$key = array();
		foreach ($table['key'] as $field) {
			$key[] = $values[$field] ?? (in_array($field, $table['numbers'], true) ? 0 : '');
		}
		// The database keeps these as numbers, and a file has one as '09'.
		return (string) json_encode($table['table'] === 'c_forme_juridique' ? array((int) $key[0]) : $key);
	}

	/**
	 * @param array<string, mixed>             $values
	 * @param array<int, array<string, mixed>> $shipped rows of the same key
	 * @param array<string, mixed>             $by      fields of the key
	 * @return array<string, mixed>|null null where one is the same
	 */
	private function declared(string $name, array $values, array $shipped, array $by): ?array
	{
		$least = null;
		foreach ($shipped as $row) {
			$differing = array_filter(
				array_diff_key($values, $by),
				static function ($value, string $field) use ($row): bool {
					return array_key_exists($field, $row) ? !DictionaryRows::alike($row[$field], $value) : !self::isDefault($field, $value);
				},
				ARRAY_FILTER_USE_BOTH
			);
			if ($least === null || count($differing) < count($least)) {
				$least = $differing;
			}
		}
		if ($least === array()) {
			return null;
		}
		$said = array_intersect_key($values, $by);
		if ($least === null) {
			// A new one: what says nothing is left out.
			$said += array_filter($values, static function ($value): bool {
				return $value !== null && $value !== '';
			});
		} else {
			$said += array_map(static function ($value) {
				return $value === null ? '' : $value;
			}, $least);
		}
		if (in_array($name, DictionaryTables::OF_A_COUNTRY, true)) {
			// Without it, it would get the company's.
			$said['country'] = $values['country'];
		}
		if ($least === null && ($said['active'] ?? false)) {
			unset($said['active']);
		}
		return $said;
	}

	/** @param mixed $value */
	private static function isDefault(string $field, $value): bool
	{
		return $field === 'active' ? $value === true : in_array($value, array(null, '', '0', 0, 0.0), true);
	}
}
