<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The installer's files of reference data, and which of them an interrupted installation has loaded.
 *
 * To load one twice is no harmless thing: on PostgreSQL three dictionaries of 16.0.3 end with double rows, because
 * their unique keys share a name and only the first of them can be made. Each file is loaded in one transaction, so
 * that its table is empty or complete.
 */
class ReferenceData
{
	/**
	 * @return array<string, string> the table that each file fills, by the file's name
	 */
	public static function files(Target $target): array
	{
		$files = array();
		foreach (glob($target->root().'/install/mysql/data/llx_*.sql') ?: array() as $path) {
			$name = basename($path);
			// The others are loaded later, with a module or a chart of accounts.
			if (strpos($name, '-') !== false || strpos($name, 'llx_accounting_account_') === 0) {
				continue;
			}
			$sql = (string) file_get_contents($path);
			if (preg_match('/^\s*insert\s+(?:ignore\s+)?into\s+[`"]?llx_(\w+)/mi', $sql, $found)) {
				$files[$name] = strtolower($target->prefix().$found[1]);
			}
		}
		return $files;
	}

	/**
	 * @return string[] the files whose tables are empty or missing
	 */
	public static function missing(Connection $connection, Target $target): array
	{
		$there = array_flip($connection->tables($target->prefix()));
		$missing = array();
		foreach (self::files($target) as $name => $table) {
			if (!isset($there[$table]) || $connection->value("SELECT count(*) FROM $table") === '0') {
				$missing[] = $name;
			}
		}
		return $missing;
	}
}
