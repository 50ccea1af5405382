<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The page: log in, then what this installation is. A session lives in PHP's session folder, as the application's do.
 */

require __DIR__.'/main.inc.php';
require_once DOL_DOCUMENT_ROOT.'/core/lib/security2.lib.php';

header('Content-Type: text/html; charset=UTF-8');
header('Cache-Control: no-store');
header('X-Frame-Options: SAMEORIGIN');
header("Content-Security-Policy: default-src 'self'");

$page = new Sandbox\LoginPage($db);
print $page->answer($_SERVER['REQUEST_METHOD'], $_POST);
