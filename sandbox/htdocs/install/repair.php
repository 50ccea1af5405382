<?php
// SPDX-License-Identifier: GPL-3.0-or-later
include_once __DIR__.'/inc.php';

if (class_exists('Sandbox\Install\Page')) {
	Sandbox\Install\Page::head('Repair');
}
print "Nothing to repair.<br>\n";
