<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Every call of the REST API: index.php/<endpoint>/… Which file is loaded follows PHP_SELF and PATH_INFO, which operation
 * answers follows REQUEST_URI and SCRIPT_NAME, as in the application: a web server that sets one of them wrongly breaks here
 * what it breaks there.
 */

foreach (array('NOCSRFCHECK', 'NOTOKENRENEWAL', 'NOREQUIREMENU', 'NOREQUIREHTML', 'NOREQUIREAJAX', 'NOLOGIN', 'NOSESSION') as $name) {
	if (!defined($name)) {
		define($name, '1');
	}
}
if (!empty($_SERVER['HTTP_DOLAPIENTITY'])) {
	define('DOLENTITY', (int) $_SERVER['HTTP_DOLAPIENTITY']);
}

$preflight = $_SERVER['REQUEST_METHOD'] === 'OPTIONS' && !empty($_SERVER['HTTP_ACCESS_CONTROL_REQUEST_HEADERS']);
if ($preflight || preg_match('#/api/index\.php#', $_SERVER['PHP_SELF'])) {
	header('Access-Control-Allow-Origin: *');
	header('Access-Control-Allow-Methods: GET, POST, PUT, DELETE');
	header('Access-Control-Allow-Headers: Content-Type, Authorization, api_key, DOLAPIKEY');
}
if ($preflight) {
	http_response_code(204);
	exit;
}
header('X-Frame-Options: SAMEORIGIN');

require __DIR__.'/../main.inc.php';
header_remove('X-Content-Type-Options');
header_remove('Referrer-Policy');

$front = new Sandbox\Api\FrontController($db, $conf, $langs, $_SERVER);
$front->run();
