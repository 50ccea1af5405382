<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Creates tables, keys and first rows: php step2.php set [language].
 */

include_once __DIR__.'/inc.php';
require_once $dolibarr_main_document_root.'/core/lib/admin.lib.php';

$action = GETPOST('action') !== '' ? GETPOST('action') : (empty($argv[1]) ? '' : $argv[1]);

Sandbox\Install\Page::head('Database objects');
$ret = 0;
if (!is_writable($conffile)) {
	print $langs->trans('ConfFileIsNotWritable', $conffiletoshow)."<br>\n";
} elseif ($action !== 'set') {
	print "Parameter action=set not defined<br>\n";
} else {
	$db = Sandbox\Connection::open($conf->db);
	$ok = Sandbox\Install\DatabaseStep::run($db, $conf->db, MAIN_DB_PREFIX, $dolibarr_main_document_root.'/install/tables');
	$ret = $ok || !isset($argv[1]) ? 0 : 1;
}
Sandbox\Install\Page::foot();
if ($ret) {
	exit($ret);
}
