<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox;

/**
 * Cleans values that come with a request, by the kind of field, with the results measured on 22.0.4.
 */
class Sanitizer
{
	/** Fields that keep harmless HTML. */
	const HTML_FIELDS = array('note', 'note_private', 'note_public', 'desc', 'description');

	/** Tags that stay in such fields. */
	const HARMLESS_TAGS = '<a><b><blockquote><br><code><div><em><font><h1><h2><h3><h4><h5><h6><hr><i><li><ol><p><pre><s><small><span><strong><sub><sup><table><tbody><td><th><thead><tr><u><ul>';

	/**
	 * @param mixed  $value request value, cleaned element by element when it is a list
	 * @param string $kind  none, int, alphanohtml, nohtml, restricthtml, aZ09, email
	 * @return mixed
	 */
	public static function clean($value, $kind)
	{
		if (is_array($value)) {
			$cleaned = array();
			foreach ($value as $key => $item) {
				$cleaned[$key] = self::clean($item, $kind);
			}
			return $cleaned;
		}
		if ($value === null || $kind === 'none' || is_bool($value) || is_int($value) || is_float($value)) {
			return $value;
		}
		$text = (string) $value;
		switch ($kind) {
			case 'int':
				return is_numeric($text) ? $text : '';
			case 'aZ09':
				return preg_match('/[^a-z0-9_\-.]/i', $text) ? '' : trim($text);
			case 'restricthtml':
				return trim(self::withoutHandlers(strip_tags($text, self::HARMLESS_TAGS)));
			case 'email':
			case 'nohtml':
				return trim(self::withoutTags($text));
			default:
				return trim(str_replace(array('"', '../'), '', self::withoutTags($text)));
		}
	}

	/**
	 * @param string $field name of a property
	 * @param mixed  $value request value
	 * @return mixed
	 */
	public static function field($field, $value)
	{
		if (is_array($value)) {
			$cleaned = array();
			foreach ($value as $key => $item) {
				$cleaned[$key] = self::field((string) $key, $item);
			}
			return $cleaned;
		}
		return self::clean($value, in_array($field, self::HTML_FIELDS, true) ? 'restricthtml' : 'alphanohtml');
	}

	/**
	 * Makes a text a reference when an object gets its first one: what a file name can't have becomes _, and these letters lose
	 * their accents. Letters of other scripts stay as they are.
	 *
	 * @param string $text what the client sent
	 * @return string
	 */
	public static function reference($text)
	{
		$plain = strtr(self::changedReference($text), self::unaccented());
		$plain = (string) preg_replace('/`|--+/', '_', $plain);
		return str_replace('..', '', $plain);
	}

	/**
	 * Makes a text a reference in place of an older one, where less is changed than in the first.
	 *
	 * @param string $text what the client sent
	 * @return string
	 */
	public static function changedReference($text)
	{
		return str_replace(array("'", '"', '/', '\\', ':', '*', '?', '<', '>', '|', '[', ']', ',', ';', '=', '$', '°', ' '), '_', trim($text));
	}

	/** @return array letter with accent => letter without */
	private static function unaccented()
	{
		$letters = array(
			'A' => 'ÀÁÂÃÄÅ', 'C' => 'Ç', 'E' => 'ÈÉÊË', 'I' => 'ÌÍÎÏ', 'N' => 'Ñ', 'O' => 'ÒÓÔÕÖ', 'S' => 'Š', 'U' => 'ÙÚÛÜ', 'Y' => 'Ý',
			'a' => 'àáâãäå', 'c' => 'ç', 'e' => 'èéêë', 'i' => 'ìíîï', 'n' => 'ñ', 'o' => 'òóôõö', 's' => 'š', 'u' => 'ùúûü', 'y' => 'ýÿŸ',
		);
		$pairs = array();
		foreach ($letters as $plain => $accented) {
			foreach (preg_split('//u', $accented, -1, PREG_SPLIT_NO_EMPTY) as $letter) {
				$pairs[$letter] = $plain;
			}
		}
		return $pairs;
	}

	/**
	 * @param string $text HTML
	 * @return string plain text, one space for several
	 */
	private static function withoutTags($text)
	{
		$text = html_entity_decode((string) preg_replace('/<br\s*\/?>/i', "\n", $text), ENT_COMPAT, 'UTF-8');
		// "a < b" holds no tag; of a tag that is not closed its name stays
		$text = (string) preg_replace(array('/<>|<[^<>\s:][^<>]*>/', '/<+(?=[a-z])/i'), '', $text);
		return (string) preg_replace('/ {2,}/', ' ', $text);
	}

	/**
	 * @param string $html HTML with harmless tags
	 * @return string the same without attributes that run a script
	 */
	private static function withoutHandlers($html)
	{
		$html = preg_replace('/\son[a-z]+\s*=\s*("[^"]*"|\'[^\']*\'|[^\s>]+)/i', '', $html);
		return (string) preg_replace('/(javascript|vbscript)\s*:/i', '', (string) $html);
	}
}
