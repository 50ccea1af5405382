<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox;

/**
 * Opens the database that conf.php names.
 */
class Connection
{
	/**
	 * @param \stdClass $settings type, host, user, pass, name, port
	 * @return \DoliDB connected, or not: see ->connected
	 */
	public static function open($settings)
	{
		$type = $settings->type === 'pgsql' ? 'pgsql' : 'mysqli';
		require_once __DIR__.'/../db/'.$type.'.class.php';
		$class = 'DoliDB'.ucfirst($type);
		return new $class($type, $settings->host, $settings->user, $settings->pass, $settings->name, (int) $settings->port);
	}

	/**
	 * @param \Conf $conf gets the values of conf.php
	 * @param array $vars the variables of conf.php, cleaned
	 * @return void
	 */
	public static function describe($conf, array $vars)
	{
		foreach (array('type', 'host', 'port', 'name', 'user', 'pass', 'prefix', 'character_set') as $name) {
			$conf->db->$name = $vars['dolibarr_main_db_'.$name];
		}
		$conf->db->dolibarr_main_db_collation = $vars['dolibarr_main_db_collation'];
		$conf->file->instance_unique_id = empty($vars['dolibarr_main_instance_unique_id']) ? '' : $vars['dolibarr_main_instance_unique_id'];
		$conf->file->dolcrypt_key = empty($vars['dolibarr_main_dolcrypt_key']) ? '' : $vars['dolibarr_main_dolcrypt_key'];
	}

	/**
	 * The page that the application answers with when the database is gone: 202, HTML. With dolibarr_main_prod nothing is told.
	 *
	 * @param \DoliDB $db         the handler that is not connected
	 * @param bool    $production dolibarr_main_prod
	 * @return void
	 */
	public static function reportFailure($db, $production)
	{
		if (PHP_SAPI !== 'cli') {
			http_response_code(202);
			header('Content-Type: text/html; charset=UTF-8');
		}
		if ($production) {
			print 'This website or feature is currently temporarily not available or failed after a technical error.<br>'."\n";
			return;
		}
		print "DolibarrHasDetectedError.<br>\nInformationToHelpDiagnose:<br>\n";
		$facts = array('Date' => gmdate('YmdHis'), 'Dolibarr' => DOL_VERSION, 'PHP' => PHP_VERSION, 'DatabaseTypeManager' => $db->type, 'Message' => $db->error);
		foreach ($facts as $name => $value) {
			print '<b>'.$name.':</b> '.htmlspecialchars((string) $value)."<br>\n";
		}
	}
}
