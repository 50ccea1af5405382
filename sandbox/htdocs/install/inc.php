<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Beginning of every page of the installer. Paths are relative to the current directory, as in the application: a page that
 * is run from elsewhere dies. A page that defines DONOTLOADCONF doesn't read conf.php, and therefore looks for the lock
 * beside the application instead of in the documents folder that conf.php names.
 */

if (!defined('DOL_INC_FOR_VERSION_ERROR')) {
	define('DOL_INC_FOR_VERSION_ERROR', '1');
}
require_once '../filefunc.inc.php';
if (!defined('DOL_DOCUMENT_ROOT')) {
	define('DOL_DOCUMENT_ROOT', '..');
}

$conffile = '../conf/conf.php';
$conffiletoshow = 'htdocs/conf/conf.php';
if (!defined('DONOTLOADCONF') && file_exists($conffile) && filesize($conffile) > 8) {
	include_once $conffile;
}
$installconfigured = !empty($dolibarr_main_document_root);
if ($installconfigured || defined('DONOTLOADCONF')) {
	$installcode = $installconfigured ? rtrim(trim($dolibarr_main_document_root), '/') : '..';
	require_once $installcode.'/core/sandbox/configuration.php';
	require_once $installcode.'/core/sandbox/autoload.php';
	require_once $installcode.'/core/lib/functions.lib.php';
	require_once $installcode.'/core/lib/security.lib.php';
	require_once $installcode.'/core/class/conf.class.php';
	require_once $installcode.'/core/class/translate.class.php';
	define('DOL_DATA_ROOT', $installconfigured ? $dolibarr_main_data_root : '../../documents');
	if (!defined('MAIN_DB_PREFIX')) {
		define('MAIN_DB_PREFIX', $dolibarr_main_db_prefix);
	}

	$conf = new Conf();
	Sandbox\Connection::describe($conf, get_defined_vars());
	$langs = new Translate('..', $conf);

	if (Sandbox\Install\Lock::closes(DOL_DATA_ROOT, DOL_DOCUMENT_ROOT, defined('ALLOWED_IF_UPGRADE_UNLOCK_FOUND'))) {
		header('X-Content-Type-Options: nosniff');
		header('X-Frame-Options: SAMEORIGIN');
		print $langs->trans('InstallLocked')."<br>\n";
		exit;
	}
}
