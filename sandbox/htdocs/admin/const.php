<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The page on which administrators set constants, as far as tests of changes by hand want one.
 */

require __DIR__.'/../main.inc.php';
require_once DOL_DOCUMENT_ROOT.'/core/lib/admin.lib.php';
require_once DOL_DOCUMENT_ROOT.'/user/class/user.class.php';

header('Content-Type: text/html; charset=UTF-8');
header('Cache-Control: no-store');
header("Content-Security-Policy: default-src 'self'");

print (new Sandbox\ConstantsPage($db))->answer($_SERVER['REQUEST_METHOD'], $_POST);
