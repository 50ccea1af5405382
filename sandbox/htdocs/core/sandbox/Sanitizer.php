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
	 * @param string $text name that becomes a file name and a key
	 * @return string the text without accents, with _ for what a file name can't have
	 */
	public static function reference($text)
	{
		$plain = function_exists('transliterator_transliterate') ? transliterator_transliterate('Any-Latin; Latin-ASCII', $text) : false;
		if ($plain === false || $plain === null) {
			$plain = function_exists('iconv') ? (string) @iconv('UTF-8', 'ASCII//TRANSLIT', $text) : $text;
		}
		$plain = str_replace(array("'", '"', '/', '\\', ':', '*', '?', '<', '>', '|', '[', ']', ',', ';', '=', '$', ' '), '_', $plain);
		return trim((string) preg_replace('/[\x00-\x1F\x7F]/', '', $plain));
	}

	/**
	 * @param string $text HTML
	 * @return string plain text
	 */
	private static function withoutTags($text)
	{
		return html_entity_decode(strip_tags((string) preg_replace('/<br\s*\/?>/i', "\n", $text)), ENT_COMPAT, 'UTF-8');
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
