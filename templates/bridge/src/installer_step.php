<?php
/**
 * One step of the application's own installer, in a process of its own.
 *
 * Started without arguments: what the step would take from its command line, the administrator's password
 * among it, comes as JSON on standard input, because everybody can read a process's arguments.
 * Flat, since the installer expects to run in global scope.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

if (PHP_SAPI !== 'cli') {
	exit(1);
}
umask(0077);
$miclinik_order = json_decode((string) stream_get_contents(STDIN), true);
$argv = $miclinik_order['argv'];
$argc = count($argv);
$_SERVER['argv'] = $argv;
$_SERVER['argc'] = $argc;
$_GET = $miclinik_order['query'];
foreach (array('PHP_SELF', 'SCRIPT_NAME', 'SCRIPT_FILENAME', 'PATH_TRANSLATED') as $miclinik_name) {
	$_SERVER[$miclinik_name] = $miclinik_order['script'];
}
// Left to itself the installer logs every statement, hashes included, to a file in /tmp that all can read.
define('SYSLOG_FILE', $miclinik_order['log']);
define('SYSLOG_FILE_NO_ERROR', 1);
$miclinik_script = $miclinik_order['script'];
unset($miclinik_order, $miclinik_name);

include $miclinik_script;
