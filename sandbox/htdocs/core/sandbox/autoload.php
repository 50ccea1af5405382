<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Loads Sandbox\A\B from core/sandbox/A/B.php. Everything outside that namespace keeps the application's own names and places.
 */

spl_autoload_register(static function ($class) {
	if (strpos($class, 'Sandbox\\') !== 0) {
		return;
	}
	$file = __DIR__.'/'.str_replace('\\', '/', substr($class, 8)).'.php';
	if (is_file($file)) {
		require_once $file;
	}
});
