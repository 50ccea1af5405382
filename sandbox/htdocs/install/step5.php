<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Last step: php step5.php FROM TO LANGUAGE [set|upgrade] LOGIN PASSWORD PASSWORD [LOCK_MODE]. With set it makes the administrator,
 * without it, it stamps the version of the code, whatever happened before.
 */

define('ALLOWED_IF_UPGRADE_UNLOCK_FOUND', 1);
include_once __DIR__.'/inc.php';
require_once $dolibarr_main_document_root.'/core/lib/admin.lib.php';
require_once $dolibarr_main_document_root.'/core/lib/functions2.lib.php';
require_once $dolibarr_main_document_root.'/user/class/user.class.php';

$given = array();
foreach (array('versionfrom', 'versionto', 'selectlang', 'action', 'login', 'pass', 'pass_verif', 'installlock') as $i => $name) {
	$given[$name] = GETPOST($name) !== '' ? GETPOST($name) : (empty($argv[$i + 1]) ? '' : $argv[$i + 1]);
}

if ($given['action'] === 'set') {
	$refusal = $given['pass'] !== $given['pass_verif'] ? 1 : (trim($given['pass']) === '' ? 2 : (trim($given['login']) === '' ? 3 : 0));
	if ($refusal) {
		header('Location: step4.php?error='.$refusal.'&selectlang='.urlencode($given['selectlang']));
		exit;
	}
}

Sandbox\Install\Page::head('End of setup');
if (empty($given['versionfrom']) && empty($given['versionto']) && !is_writable($conffile)) {
	print $langs->trans('ConfFileIsNotWritable', $conffiletoshow)."<br>\n";
	Sandbox\Install\Page::foot();
	exit;
}

$db = Sandbox\Connection::open($conf->db);
if ($given['action'] === 'set') {
	$ok = Sandbox\Install\AdministratorStep::run($db, $conf, $langs, $given);
} else {
	$ok = Sandbox\Install\UpgradeStep::stamp($db, $conf);
}
if ($ok && Sandbox\Install\Lock::write(DOL_DATA_ROOT, $given['installlock'])) {
	print "This installation is complete.<br>\n";
} elseif ($ok) {
	print '<div class="warning">'.$langs->trans('WarningRemoveInstallDir')."</div>\n";
}
if ($ok && $given['action'] !== 'set') {
	@unlink(DOL_DATA_ROOT.'/upgrade.unlock');
}
Sandbox\Install\Page::foot();
