<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Install;

use Sandbox\Connection;
use Sandbox\Sql\SqlError;

/**
 * The upgrade's commands, with the exit codes measured on 22.0.4. The sandbox has one schema only, so that a step checks what it
 * is given and changes nothing; the version is stamped by step5.php, here as in the application.
 */
class UpgradeStep
{
	/**
	 * One of the two commands, or the same as a page.
	 *
	 * @param string   $step      upgrade or upgrade2
	 * @param \Conf    $conf      configuration
	 * @param string[] $arguments of the command line, its name first
	 * @return int exit code
	 */
	public static function page($step, $conf, array $arguments)
	{
		$from = GETPOST('versionfrom') !== '' ? GETPOST('versionfrom') : (empty($arguments[1]) ? '' : $arguments[1]);
		$to = GETPOST('versionto') !== '' ? GETPOST('versionto') : (empty($arguments[2]) ? '' : $arguments[2]);
		$code = 0;
		Page::head('Upgrade');
		if ($from === '' || $to === '') {
			print "Parameter versionfrom or versionto missing<br>\n";
		} else {
			$db = Connection::open($conf->db);
			$code = $step === 'upgrade' ? self::upgrade($db, $from, $to) : self::upgrade2($db, $from, $to);
		}
		Page::foot();
		return $code;
	}

	/**
	 * @param \DoliDB $db   database
	 * @param string  $from version a.b.c
	 * @param string  $to   version a.b.c
	 * @return int exit code
	 */
	private static function upgrade($db, $from, $to)
	{
		if (!$db->connected) {
			Page::error('Failed to connect to server');
			return 1;
		}
		$steps = self::majors($from, $to);
		if ($steps < 1) {
			Page::error('No migration from '.$from.' to '.$to);
			return 1;
		}
		if ($steps > 1 && $db->type === 'mysqli') {
			// PostgreSQL's driver lets the same leap pass in the application
			Page::error('Migrations between '.$from.' and '.$to.' were left out');
			return 1;
		}
		print 'Migration from '.htmlspecialchars($from).' to '.htmlspecialchars($to)." done.<br>\n";
		return 0;
	}

	/**
	 * @param \DoliDB $db   database
	 * @param string  $from version a.b.c
	 * @param string  $to   version a.b.c
	 * @return int exit code
	 */
	private static function upgrade2($db, $from, $to)
	{
		if (!$db->connected) {
			Page::error('Failed to connect to server');
			return 255;
		}
		print 'Data from '.htmlspecialchars($from).' to '.htmlspecialchars($to)." migrated.<br>\n";
		return 0;
	}

	/**
	 * Stamps the version of the code, whatever was done before.
	 *
	 * @param \DoliDB $db   database
	 * @param \Conf   $conf configuration
	 * @return bool
	 */
	public static function stamp($db, $conf)
	{
		try {
			Seeder::constant($db, MAIN_DB_PREFIX, 'MAIN_VERSION_LAST_UPGRADE', DOL_VERSION, 0, true);
			$db->run('DELETE FROM '.MAIN_DB_PREFIX.'const WHERE name = ?', array('MAIN_NOT_INSTALLED'));
		} catch (SqlError $e) {
			Page::error($e->getMessage());
			return false;
		}
		print 'Upgrade to '.DOL_VERSION." finished.<br>\n";
		return true;
	}

	/**
	 * @param string $from version a.b.c
	 * @param string $to   version a.b.c
	 * @return int majors between them, -1 when one of them has no migration
	 */
	private static function majors($from, $to)
	{
		if (!preg_match('/^(\d+)\.\d+\.\d+/', $from, $a) || !preg_match('/^(\d+)\.\d+\.\d+/', $to, $b) || version_compare($to, DOL_VERSION, '>')) {
			return -1;
		}
		return (int) $b[1] - (int) $a[1];
	}
}
