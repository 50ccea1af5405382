<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * One step of an upgrade: php upgrade2.php FROM TO, versions as a.b.c. The sandbox has one schema only, so that a step checks what
 * it is given and changes nothing; the version is stamped by step5.php, here as in the application.
 */

define('ALLOWED_IF_UPGRADE_UNLOCK_FOUND', 1);
include_once __DIR__.'/inc.php';
require_once $dolibarr_main_document_root.'/core/lib/admin.lib.php';

$from = GETPOST('versionfrom') !== '' ? GETPOST('versionfrom') : (empty($argv[1]) ? '' : $argv[1]);
$to = GETPOST('versionto') !== '' ? GETPOST('versionto') : (empty($argv[2]) ? '' : $argv[2]);

Sandbox\Install\Page::head('Upgrade');
$ret = 0;
if ($from === '' || $to === '') {
	print "Parameter versionfrom or versionto missing<br>\n";
} else {
	$db = Sandbox\Connection::open($conf->db);
	$ret = Sandbox\Install\UpgradeStep::upgrade2($db, $from, $to);
}
Sandbox\Install\Page::foot();
if ($ret) {
	exit($ret);
}
