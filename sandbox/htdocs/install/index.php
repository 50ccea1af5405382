<?php
// SPDX-License-Identifier: GPL-3.0-or-later
include_once __DIR__.'/inc.php';

if (class_exists('Sandbox\Install\Page')) {
	Sandbox\Install\Page::head('Installation');
}
print "Pre-write conf/conf.php, then run step2.php and step5.php in this folder on the command line.<br>\n";
