<?php
/**
 * Loads the classes of the bridge. No composer on a host, and the classes are few.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

spl_autoload_register(static function ($class) {
	$prefix = 'Miclinik\\Bridge\\';
	if (strpos($class, $prefix) === 0) {
		$file = __DIR__.'/'.substr($class, strlen($prefix)).'.php';
		if (is_file($file)) {
			require $file;
		}
	}
});
