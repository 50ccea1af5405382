<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Extra fields of records, through the application's class ExtraFields. One that is not named stays as it is, and of a
 * named one what is not said of it. A field goes only where that is said, since its column goes with all values.
 */
class ExtraFields
{
	/** Types among which the page lets a field with values be changed. */
	const CHANGEABLE = array(
		array('varchar', 'phone', 'mail', 'url', 'ip', 'select'), array('varchar', 'text', 'html'), array('double', 'price'), array('date', 'datetime'),
		array('password', 'varchar'),
	);

	/** @var Application */
	private $application;
	/** @var ExtraFieldRows */
	private $rows;

	public function __construct(Application $application)
	{
		$this->application = $application;
		$this->rows = new ExtraFieldRows($application);
		if (is_file(DOL_DOCUMENT_ROOT.'/core/class/extrafields.class.php')) {
			require_once DOL_DOCUMENT_ROOT.'/core/class/extrafields.class.php';
		}
	}

	/**
	 * @return array<string, mixed>
	 */
	public function list(): array
	{
		$found = array();
		foreach ($this->rows->stored() as $element => $rows) {
			foreach ($rows as $row) {
				$found[ExtraFieldRows::friendly((string) $element)][] = ExtraFieldRows::shortened(ExtraFieldRows::told($row));
			}
		}
		ksort($found);
		return array('changed' => false, 'extra_fields' => $found ?: new \stdClass());
	}

	/**
	 * @param array<string, mixed> $wanted lists of fields by kind of record
	 * @return array<string, mixed>
	 * @throws Failure
	 */
	public function ensure(array $wanted): array
	{
		$stored = $this->rows->stored();
		$plan = array();
		foreach ($wanted as $kind => $fields) {
			$element = ExtraFieldRows::element((string) $kind);
			$later = $this->application->check() && $this->application->plannedModules() && isset(ExtraFieldRows::ELEMENTS[$kind]);
			if ($this->rows->table($element) === null && !$later) {
				throw new Failure(
					'unknown_element',
					"There are no extra fields of \"$kind\" in this site.",
					'Near names: '.implode(', ', Nearness::of((string) $kind, array_keys(ExtraFieldRows::ELEMENTS))).'. A module that is off may have them.'
				);
			}
			foreach ((array) $fields as $index => $field) {
				$place = "extra_fields.{$kind}[$index]";
				$name = is_array($field) ? (string) ($field['name'] ?? '') : '';
				if (!preg_match('/^[a-z][a-z0-9_]{2,63}$/', $name)) {
					throw new Failure('usage', "$place has no usable name.", 'Write three or more lower-case letters, digits and "_", beginning with a letter.');
				}
				$plan[] = $this->planned((string) $kind, $element, $place, $field, $stored[$element][$name] ?? null);
			}
		}
		$plan = array_values(array_filter($plan));
		foreach ($this->application->check() ? array() : $plan as $one) {
			$this->write($one);
		}
		return $this->answer($plan);
	}

	/**
	 * @param array<string, mixed>      $field
	 * @param array<string, mixed>|null $row
	 * @return array<string, mixed>|null what to do, null where it is so already
	 */
	private function planned(string $kind, string $element, string $place, array $field, ?array $row): ?array
	{
		$name = (string) $field['name'];
		$before = $row === null ? null : ExtraFieldRows::told($row);
		$column = $this->rows->hasColumn($element, $name);
		$one = array('title' => "$kind $name", 'element' => $element, 'name' => $name, 'before' => $before, 'row' => $row, 'column' => $column);
		if (($field['state'] ?? 'present') === 'absent') {
			if ($before === null && !$column) {
				return null;
			}
			$this->requireEmpty($one, $place, !empty($field['drop_data']));
			return $one + array('after' => null);
		}
		$wanted = ExtraFieldWish::of($place, $field, $before === null);
		if (!$column && ($wanted['type'] ?? '') !== 'separate') {
			$this->rows->requireName($element, $name, $place);
		}
		$after = $wanted + ($before ?? ($wanted + array('size' => ExtraFieldRows::SIZES[$wanted['type']] ?? '') + ExtraFieldRows::USUAL));
		$virtual = $after['type'] === 'separate';
		if ($before !== null && ($column || $virtual) && $this->same($before, $wanted)) {
			return null;
		}
		if ($before !== null && $before['type'] !== $after['type']) {
			$this->requireChangeable($one, $place, (string) $before['type'], (string) $after['type']);
			$after['size'] = $wanted['size'] ?? ExtraFieldRows::SIZES[$after['type']] ?? '';
		}
		return $one + array('after' => $after, 'said' => $wanted);
	}

	/**
	 * @param array<string, mixed> $before
	 * @param array<string, mixed> $wanted
	 */
	private function same(array $before, array $wanted): bool
	{
		foreach ($wanted as $key => $value) {
			// Their order is that of the list that people see.
			if ($before[$key] !== $value) {
				return false;
			}
		}
		return true;
	}

	/** @param array<string, mixed> $one */
	private function requireEmpty(array $one, string $place, bool $accepted): void
	{
		$count = $this->rows->values($one['element'], $one['name'], (string) ($one['before']['type'] ?? ''));
		if ($count > 0 && !$accepted) {
			throw new Failure(
				'extra_field_data',
				"$place is to go, and $count records have a value in {$one['title']}.",
				'Nothing was changed. Make a snapshot (playbooks/backup.yml), and write drop_data: true beside state: absent.'
			);
		}
	}

	/** @param array<string, mixed> $one */
	private function requireChangeable(array $one, string $place, string $from, string $to): void
	{
		foreach (self::CHANGEABLE as $group) {
			if (in_array($from, $group, true) && in_array($to, $group, true)) {
				return;
			}
		}
		$count = $this->rows->values($one['element'], $one['name'], $from);
		if ($count > 0 || $from === 'separate' || $to === 'separate') {
			throw new Failure(
				'extra_field_type',
				"$place is to become \"$to\", and is \"$from\" with values in $count records.",
				'Nothing was changed. Declare another field, or take this one away first (state: absent).'
			);
		}
	}

	/**
	 * @param array<string, mixed> $one
	 * @throws Failure `extra_field`
	 */
	private function write(array $one): void
	{
		$fields = new \ExtraFields($this->application->db());
		$result = $one['after'] === null ? $fields->delete($one['name'], $one['element']) : $this->save($fields, $one);
		if ($one['after'] !== null && !$this->isKept($one)) {
			// A default of 0 is lost where a field is made, and not where it is changed.
			$one['row'] = $this->rows->stored()[$one['element']][$one['name']] ?? null;
			$result = $one['row'] === null ? $result : $this->save($fields, array('before' => $one['after'], 'column' => true) + $one);
		}
		if (!$this->isKept($one)) {
			throw new Failure(
				'extra_field',
				"The extra field {$one['title']} is not as it was asked for (result $result): ".Secrecy::tidy((string) $fields->error, 300),
				'A required field wants a default where there are records already, a unique one different values, and a name must be no word of SQL.'
			);
		}
	}

	/** @param array<string, mixed> $one */
	private function isKept(array $one): bool
	{
		$row = $this->rows->stored()[$one['element']][$one['name']] ?? null;
		$column = $this->rows->hasColumn($one['element'], $one['name']);
		if ($one['after'] === null) {
			return $row === null && !$column;
		}
		return $row !== null && ($column || $one['after']['type'] === 'separate') && $this->same(ExtraFieldRows::told($row), $one['said']);
	}

	/** @param array<string, mixed> $one */
	private function save(\ExtraFields $fields, array $one): int
	{
		$after = $one['after'];
		$row = (array) $one['row'];
		$options = $after['options'];
		$param = $options === null ? '' : array('options' => is_array($options) ? $options : array($options => null));
		// What this toolkit has no word for stays as it is.
		$style = array('css' => $row['css'] ?? '', 'csslist' => $row['csslist'] ?? '', 'cssview' => $row['cssview'] ?? '');
		$rest = array(
			$after['permission'], $after['visible'], $after['help'], $after['computed'], isset($row['entity']) ? (string) $row['entity'] : '',
			$after['translations'], $after['condition'], (int) $after['total'], $after['printable'],
			$style, (string) ($row['aiprompt'] ?? ''), (int) ($row['emptyonclone'] ?? 0), (int) ($row['showintooltip'] ?? 0), (int) ($row['personal_data'] ?? 0),
		);
		if (!$one['column'] || $one['before'] === null) {
			// It makes the column where there is none, and the description where there is none.
			$result = $fields->addExtraField(
				$one['name'], $after['label'], $after['type'], $after['position'], $after['size'], $one['element'], (int) $after['unique'],
				(int) $after['required'], $after['default'], $param, (int) $after['editable'], ...$rest
			);
			if ($one['before'] === null) {
				return (int) $result;
			}
		}
		array_splice($rest, 3, 0, array($after['default']));
		$given = array_merge(array(
			$one['name'], $after['label'], $after['type'], $after['size'], $one['element'], (int) $after['unique'], (int) $after['required'],
			$after['position'], $param, (int) $after['editable'],
		), $rest);
		$column = array_flip(array('type', 'size', 'required', 'unique', 'default'));
		if (array_intersect_key($after, $column) == array_intersect_key($one['before'], $column)) {
			// The column stays. The public way alters it all the same, with words that PostgreSQL refuses for numbers (16.0.3).
			$describe = new \ReflectionMethod($fields, 'update_label');
			$describe->setAccessible(true);
			return (int) $describe->invokeArgs($fields, $given);
		}
		return (int) $fields->update(...$given);
	}

	/**
	 * @param array<int, array<string, mixed>> $plan
	 * @return array<string, mixed>
	 */
	private function answer(array $plan): array
	{
		$changes = $before = $after = array();
		foreach ($plan as $one) {
			if ($one['after'] === null) {
				$changes[] = $one['title'].': taken away';
				$before[$one['title']] = $one['before'] === null ? 'a column without a field' : ExtraFieldRows::shortened($one['before']);
				continue;
			}
			if ($one['before'] === null) {
				$changes[] = $one['title'].': made';
				$after[$one['title']] = ExtraFieldRows::shortened($one['after']);
				continue;
			}
			$differs = array();
			foreach ($one['after'] as $key => $value) {
				if ($one['before'][$key] !== $value) {
					$differs[] = $key;
					$before[$one['title']][$key] = $one['before'][$key];
					$after[$one['title']][$key] = $value;
				}
			}
			if (!$one['column'] && $one['after']['type'] !== 'separate') {
				$differs[] = 'column made again';
				$after[$one['title']]['column'] = 'made again, empty';
			}
			$changes[] = $one['title'].': '.implode(', ', $differs);
		}
		return array(
			'changed' => (bool) $changes,
			'changes' => $changes,
			'diff' => array('before' => $before ?: new \stdClass(), 'after' => $after ?: new \stdClass()),
		);
	}
}
