<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Writes conf.php from a form. As measured on 22.0.4 it doesn't read the conf.php that is there: it doesn't find a lock in
 * another documents folder, and each run makes a new instance_unique_id. Both are why /install/ has to be denied in the web server.
 */

define('DONOTLOADCONF', 1);
include_once __DIR__.'/inc.php';

Sandbox\Install\Page::head('Configuration file');
if (GETPOST('action') !== 'set') {
	print "Parameter action=set not defined<br>\n";
} elseif (!is_writable(file_exists($conffile) ? $conffile : dirname($conffile))) {
	print $langs->trans('ConfFileIsNotWritable', $conffiletoshow)."<br>\n";
} else {
	print Sandbox\Install\ConfigurationFile::write($conffile, $_POST)."<br>\n";
}
Sandbox\Install\Page::foot();
