<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * @param string $path folder
 * @return bool
 */
function dol_is_dir($path)
{
	return is_dir($path);
}

/**
 * @param string $path file
 * @return bool whether it is gone
 */
function dol_delete_file($path)
{
	return !file_exists($path) || @unlink($path);
}

/**
 * @param string $dir   folder
 * @param int    $count what was counted before
 * @return int how many files and folders there were
 */
function dol_delete_dir_recursive($dir, $count = 0)
{
	foreach (is_dir($dir) && !is_link($dir) ? array_diff((array) scandir($dir), array('.', '..')) : array() as $name) {
		$path = $dir.'/'.$name;
		if (is_dir($path) && !is_link($path)) {
			$count = dol_delete_dir_recursive($path, $count);
		} else {
			@unlink($path);
			$count++;
		}
	}
	@rmdir($dir);
	return $count + 1;
}
