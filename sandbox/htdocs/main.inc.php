<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What every page over HTTP needs besides master.inc.php: the filter of requests and the gate for an unfinished installation.
 */

require_once __DIR__.'/waf.inc.php';
header('X-Content-Type-Options: nosniff');
header('Referrer-Policy: same-origin');
require_once __DIR__.'/master.inc.php';

if (getDolGlobalString('MAIN_NOT_INSTALLED') || getDolGlobalString('MAIN_NOT_UPGRADED')) {
	header('Location: '.DOL_URL_ROOT.'/install/index.php');
	exit;
}
$stamped = getDolGlobalString('MAIN_VERSION_LAST_UPGRADE', getDolGlobalString('MAIN_VERSION_LAST_INSTALL'));
if ($stamped !== '' && version_compare($stamped, DOL_VERSION, '<')) {
	header('Location: '.DOL_URL_ROOT.'/install/index.php');
	exit;
}

return true;
