<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Which version of the application a folder holds, read from its files as text: to include filefunc.inc.php for its
 * version alone would keep the bootstrap from loading it.
 *
 * The rule is that of plugins/module_utils/application/tree_version.py, which says why: take the definitions of both files in the
 * order in which PHP meets them, and put together what consists of texts and of each other.
 */
class TreeVersion
{
	const NAME = 'DOL_VERSION';
	const FILES = array('filefunc.inc.php', 'version.inc.php');
	const TEXT = '\'[^\'\\\\]*\'|"[^"\\\\$]*"';

	/** The version, null when it cannot be read. */
	public static function of(string $folder): ?string
	{
		$term = '(?:'.self::TEXT.'|\\\\?constant\(\s*[\'"]\w+[\'"]\s*\)|[A-Z_][A-Z0-9_]*)';
		$define = '~\bdefine\(\s*[\'"](DOL_\w*VERSION)[\'"]\s*,\s*('.$term.'(?:\s*\.\s*'.$term.')*)\s*\)~';
		$defined = array();
		foreach (self::FILES as $file) {
			preg_match_all($define, self::source($folder.'/'.$file), $found, PREG_SET_ORDER);
			foreach ($found as $one) {
				$defined += array($one[1] => $one[2]);
			}
		}
		$version = self::putTogether(self::NAME, $defined, array());
		return $version !== null && preg_match('~^[0-9]+(?:[.-][0-9A-Za-z]+)*$~D', $version) ? $version : null;
	}

	/** What there is instead of a version. */
	public static function problem(string $folder): string
	{
		list($first, $second) = self::FILES;
		if (!is_file($folder.'/'.$first)) {
			return "$folder holds no application: there is no $first in it.";
		}
		if (!is_readable($folder.'/'.$first)) {
			return "$folder/$first is not readable for the site's user.";
		}
		$includes = strpos(self::source($folder.'/'.$first), $second) !== false;
		if ($includes && !is_readable($folder.'/'.$second)) {
			return "$folder/$first includes $second, which is missing or not readable for the site's user.";
		}
		return "$folder/$first".($includes ? " and $second state" : ' states').' no '.self::NAME.' that can be read.';
	}

	/** A file without its comments; '' where there is none. A text is matched so that no comment is seen in it. */
	private static function source(string $path): string
	{
		$text = is_file($path) && is_readable($path) ? (string) file_get_contents($path, false, null, 0, 65536) : '';
		$comment = '~\'(?:\\\\.|[^\'\\\\])*\'|"(?:\\\\.|[^"\\\\])*"|/\*.*?\*/|(?://|#)[^\n]*~s';
		return (string) preg_replace_callback($comment, static function (array $found): string {
			return $found[0][0] === "'" || $found[0][0] === '"' ? $found[0] : ' ';
		}, $text);
	}

	/**
	 * @param array<string, string> $defined
	 * @param string[]              $within  the names that are being put together
	 */
	private static function putTogether(string $name, array $defined, array $within): ?string
	{
		if (!isset($defined[$name]) || in_array($name, $within, true)) {
			return null;
		}
		$within[] = $name;
		$part = '~('.self::TEXT.')|constant\(\s*[\'"](\w+)[\'"]|([A-Z_][A-Z0-9_]*)~';
		preg_match_all($part, $defined[$name], $parts, PREG_SET_ORDER);
		$version = '';
		foreach ($parts as $one) {
			$inner = ($one[2] ?? '') === '' ? ($one[3] ?? '') : $one[2];
			$word = $inner === '' ? substr($one[1], 1, -1) : self::putTogether($inner, $defined, $within);
			if ($word === null) {
				return null;
			}
			$version .= $word;
		}
		return $version;
	}
}
