<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Install;

/**
 * Rows that every installation begins with.
 */
class Seeder
{
	/** Constants of a new installation: name => value; entity 1. */
	const CONSTANTS = array(
		'MAIN_FEATURES_LEVEL' => '0', 'MAIN_UPLOAD_DOC' => '2048', 'MAIN_MONNAIE' => 'EUR', 'MAIN_SIZE_LISTE_LIMIT' => '20',
		'MAIN_SIZE_SHORTLIST_LIMIT' => '3', 'MAIN_MENU_STANDARD' => 'eldy_menu.php', 'MAIN_ENABLE_DEFAULT_VALUES' => '1',
		'MAIN_ENABLE_OVERWRITE_TRANSLATION' => '1', 'PRODUCT_PRICE_BASE_TYPE' => 'HT', 'MAIN_MAIL_EMAIL_FROM' => 'robot@domain.com',
	);

	/**
	 * @param \DoliDB $db     database
	 * @param string  $prefix of every table
	 * @return void
	 */
	public static function fill($db, $prefix)
	{
		$db->transaction(function () use ($db, $prefix) {
			self::countries($db, $prefix);
			self::currencies($db, $prefix);
			self::dictionaries($db, $prefix);
			foreach (self::CONSTANTS as $name => $value) {
				self::constant($db, $prefix, $name, $value, 1, false);
			}
			self::constant($db, $prefix, 'MAIN_NOT_INSTALLED', '1', 1, true);
		});
	}

	/**
	 * @param \DoliDB $db      database
	 * @param string  $prefix  of every table
	 * @param string  $name    constant
	 * @param string  $value   its value
	 * @param int     $entity  0 = all companies
	 * @param bool    $replace whether a value that is there already gives way
	 * @return void
	 */
	public static function constant($db, $prefix, $name, $value, $entity, $replace)
	{
		if ($replace) {
			$db->run('DELETE FROM '.$prefix.'const WHERE name = ?', array($name));
		} elseif ($db->run('SELECT rowid FROM '.$prefix.'const WHERE name = ? AND entity = ?', array($name, $entity))->fetch()) {
			return;
		}
		$db->insert($prefix.'const', array('name' => $name, 'value' => $value, 'type' => 'chaine', 'visible' => 0, 'note' => '', 'entity' => $entity));
	}

	/** @return void */
	private static function countries($db, $prefix)
	{
		$known = $db->run('SELECT rowid FROM '.$prefix.'c_country')->fetchAll(\PDO::FETCH_COLUMN);
		foreach (require __DIR__.'/../Data/countries.php' as $id => $row) {
			if (in_array((string) $id, $known, true)) {
				continue;
			}
			$sql = 'INSERT INTO '.$prefix.'c_country (rowid, code, code_iso, numeric_code, label, eec, active, favorite) VALUES (?, ?, ?, ?, ?, ?, ?, ?)';
			$db->run($sql, array($id, $row[0], $row[1] === '' ? null : $row[1], $row[2] === '' ? null : $row[2], $row[3], $row[4], $row[0] === 'BV' ? 0 : 1, $id === 0 ? 1 : 0));
		}
	}

	/** @return void */
	private static function currencies($db, $prefix)
	{
		$known = $db->run('SELECT code_iso FROM '.$prefix.'c_currencies')->fetchAll(\PDO::FETCH_COLUMN);
		foreach (require __DIR__.'/../Data/currencies.php' as $code => $label) {
			if (!in_array($code, $known, true)) {
				$db->run('INSERT INTO '.$prefix.'c_currencies (code_iso, label, active) VALUES (?, ?, 1)', array($code, $label));
			}
		}
	}

	/** @return void */
	private static function dictionaries($db, $prefix)
	{
		foreach (require __DIR__.'/../Data/dictionaries.php' as $table => $rows) {
			foreach ($rows as $row) {
				$key = (string) key($row);
				if (!$db->run('SELECT '.$key.' FROM '.$prefix.$table.' WHERE '.$key.' = ?', array(reset($row)))->fetch()) {
					$marks = implode(', ', array_fill(0, count($row), '?'));
					$db->run('INSERT INTO '.$prefix.$table.' ('.implode(', ', array_keys($row)).') VALUES ('.$marks.')', array_values($row));
				}
			}
		}
	}
}
