<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * One step of an upgrade, the schema: php upgrade.php FROM TO, versions as a.b.c.
 */

define('ALLOWED_IF_UPGRADE_UNLOCK_FOUND', 1);
include_once __DIR__.'/inc.php';

exit(Sandbox\Install\UpgradeStep::page('upgrade', $conf, isset($argv) ? $argv : array()));
