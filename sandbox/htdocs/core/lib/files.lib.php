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
