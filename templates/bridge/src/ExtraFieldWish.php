<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * What an inventory says of one extra field, as far as it can be judged without the database.
 */
class ExtraFieldWish
{
	/**
	 * @param array<string, mixed> $field
	 * @param bool                 $new   whether there is no such field yet
	 * @return array<string, mixed> what is said of it, of the kinds that ExtraFieldRows::told() gives
	 * @throws Failure
	 */
	public static function of(string $place, array $field, bool $new): array
	{
		$unknown = array_diff(array_keys($field), array_keys(ExtraFieldRows::FIELDS), array('name', 'state', 'drop_data'));
		if ($unknown) {
			throw new Failure('usage', "$place does not take: ".implode(', ', $unknown).'.', 'Known: '.implode(', ', array_keys(ExtraFieldRows::FIELDS)).'.');
		}
		$wanted = array();
		foreach (array_intersect_key($field, ExtraFieldRows::FIELDS) as $key => $value) {
			if ($value === null) {
				continue;
			}
			if (in_array($key, ExtraFieldRows::TRUTHS, true)) {
				$wanted[$key] = (bool) $value;
			} elseif ($key === 'position' || $key === 'printable') {
				$wanted[$key] = (int) $value;
			} elseif ($key === 'options' && is_array($value)) {
				$wanted[$key] = array_map('strval', $value);
			} else {
				$wanted[$key] = is_bool($value) ? (string) (int) $value : (string) $value;
			}
		}
		foreach ($new ? array('label', 'type') : array() as $key) {
			if (($wanted[$key] ?? '') === '') {
				throw new Failure('usage', "$place is a new field, and has no $key.", 'Add it.');
			}
		}
		self::requireSane($place, $wanted, $new);
		return $wanted;
	}

	/**
	 * @param array<string, mixed> $wanted
	 * @throws Failure
	 */
	private static function requireSane(string $place, array $wanted, bool $new): void
	{
		if (isset($wanted['label'])) {
			PlainText::require("$place.label", $wanted['label']);
		}
		foreach (is_array($wanted['options'] ?? null) ? $wanted['options'] : array() as $key => $text) {
			// The page has them as lines of key, comma and text.
			if ((string) $key === '' || strpos((string) $key, ',') !== false || preg_match('/[\r\n]/', $text)) {
				throw new Failure('bad_value', "$place.options has \"$key\", which the page of extra fields cannot write.", 'Use keys without a comma, and texts of one line.');
			}
		}
		$type = $wanted['type'] ?? '';
		if ($type !== '' && !isset(\ExtraFields::$type2label[$type])) {
			$known = array_keys(\ExtraFields::$type2label);
			throw new Failure('extra_field_type', "$place is of the type \"$type\", which version ".DOL_VERSION.' does not have.', 'Known: '.implode(', ', $known).'.');
		}
		if ($new && in_array($type, array('select', 'radio', 'checkbox', 'sellist', 'chkbxlst', 'link'), true) && empty($wanted['options'])) {
			throw new Failure('usage', "$place is of the type \"$type\", and has no options.", 'Add what there is to choose from.');
		}
	}
}
