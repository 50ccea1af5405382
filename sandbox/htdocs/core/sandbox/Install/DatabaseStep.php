<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Install;

use Sandbox\Sql\SqlError;

/**
 * Tables, keys and first rows. May be run again at any time: what is there stays.
 */
class DatabaseStep
{
	/**
	 * @param \DoliDB   $db       database
	 * @param \stdClass $settings character_set, dolibarr_main_db_collation, host
	 * @param string    $prefix   of every table
	 * @param string    $folder   install/tables
	 * @return bool
	 */
	public static function run($db, $settings, $prefix, $folder)
	{
		if (!$db->connected) {
			print 'Failed to connect to server : '.htmlspecialchars($settings->host)."<br>\n";
			return false;
		}
		print 'Server connection : '.htmlspecialchars($settings->host)." ok<br>\n";
		$writer = new TableWriter($db, $prefix, $settings->character_set, $settings->dolibarr_main_db_collation);
		$tables = TableReader::all($folder);
		$ok = true;
		foreach ($tables as $name => $table) {
			$ok = self::attempt($db, $writer->createTable($name, $table)) && $ok;
		}
		// What an earlier run left undone
		$known = $writer->existing();
		foreach ($tables as $name => $table) {
			foreach ($table['keys'] as $key) {
				if ($key['kind'] !== 'primary' && !isset($known[$writer->knownAs($name, $key)])) {
					$ok = self::attempt($db, $writer->createKey($name, $key)) && $ok;
				}
			}
		}
		if ($ok) {
			try {
				Seeder::fill($db, $prefix);
			} catch (SqlError $e) {
				Page::error($e->getMessage());
				$ok = false;
			}
		}
		print $ok ? "Tables, keys and first rows are there.<br>\n" : "Not finished.<br>\n";
		return $ok;
	}

	/**
	 * One table, for a module that an older installation has not known.
	 *
	 * @param \DoliDB   $db       database
	 * @param \stdClass $settings character_set, dolibarr_main_db_collation
	 * @param string    $prefix   of every table
	 * @param string    $folder   install/tables
	 * @param string    $name     table without prefix, one with a key
	 * @return bool whether it is there
	 */
	public static function table($db, $settings, $prefix, $folder, $name)
	{
		$writer = new TableWriter($db, $prefix, $settings->character_set, $settings->dolibarr_main_db_collation);
		$table = TableReader::all($folder)[$name];
		if (isset($writer->existing()[$writer->knownAs($name, $table['keys'][0])])) {
			return true;
		}
		try {
			$db->run($writer->createTable($name, $table));
			foreach ($db->type === 'pgsql' ? $table['keys'] : array() as $key) {
				if ($key['kind'] === 'index') {
					$db->run($writer->createKey($name, $key));
				}
			}
			return true;
		} catch (SqlError $e) {
			return false;
		}
	}

	/**
	 * @param \DoliDB $db  database
	 * @param string  $sql statement
	 * @return bool
	 */
	private static function attempt($db, $sql)
	{
		try {
			$db->run($sql);
			return true;
		} catch (SqlError $e) {
			Page::error($e->getMessage());
			return false;
		}
	}
}
