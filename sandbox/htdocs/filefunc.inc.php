<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * First file of every page: version, configuration, paths. The installer reads only the top of it.
 */

if (!defined('DOL_APPLICATION_TITLE')) {
	define('DOL_APPLICATION_TITLE', 'miclinik sandbox');
}
if (!defined('DOL_VERSION')) {
	define('DOL_VERSION', '22.0.4');
}
// Tells the sandbox from the real application; the file sandbox.json beside this one says the same without PHP.
if (!defined('DOL_SANDBOX')) {
	define('DOL_SANDBOX', '1');
}

if (defined('DOL_INC_FOR_VERSION_ERROR')) {
	return;
}

$conffile = __DIR__.'/conf/conf.php';
$conffiletoshow = 'htdocs/conf/conf.php';

if (!@include_once $conffile) {
	if (!empty($_SERVER['GATEWAY_INTERFACE'])) {
		header('Location: install/index.php');
		exit;
	}
}

error_reporting(E_ALL & ~(E_NOTICE | E_DEPRECATED));
if (!empty($dolibarr_main_prod)) {
	ini_set('display_errors', 'Off');
}

require __DIR__.'/core/sandbox/configuration.php';

define('DOL_DOCUMENT_ROOT', $dolibarr_main_document_root);
if (!file_exists(DOL_DOCUMENT_ROOT.'/core/lib/functions.lib.php')) {
	print 'Error: the config file content seems to be not correctly defined (file '.DOL_DOCUMENT_ROOT."/core/lib/functions.lib.php not found).<br>\n";
	print "Run the set-up by calling page <b>/install</b>.<br>\n";
	exit(1);
}

require_once __DIR__.'/core/sandbox/autoload.php';
require_once DOL_DOCUMENT_ROOT.'/core/lib/functions.lib.php';
require_once DOL_DOCUMENT_ROOT.'/core/lib/security.lib.php';

if (empty($dolibarr_main_db_host) && !defined('NOREQUIREDB')) {
	print '<div class="center">The set-up is not yet complete. <a href="install/index.php">Finish it</a></div>'."\n";
	exit;
}
if (empty($dolibarr_main_url_root) && !defined('NOREQUIREVIRTUALURL')) {
	print "The parameter dolibarr_main_url_root is not defined in htdocs/conf/conf.php.<br>\n";
	exit;
}

define('DOL_CLASS_PATH', 'class/');
define('DOL_DATA_ROOT', $dolibarr_main_data_root);
define('MAIN_DB_PREFIX', $dolibarr_main_db_prefix);
define('DOL_MAIN_URL_ROOT', Sandbox\UrlRoot::absolute($dolibarr_main_document_root, $dolibarr_main_url_root, $_SERVER));
define('DOL_URL_ROOT', Sandbox\UrlRoot::path(DOL_MAIN_URL_ROOT));
