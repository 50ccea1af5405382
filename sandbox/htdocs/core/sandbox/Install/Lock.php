<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Install;

/**
 * The file install.lock, which closes the installer's pages.
 */
class Lock
{
	/**
	 * @param string $documents documents folder
	 * @param string $root      document root
	 * @param bool   $upgrade   whether upgrade.unlock opens this page again
	 * @return bool
	 */
	public static function closes($documents, $root, $upgrade)
	{
		if (!@file_exists($documents.'/install.lock') && !@file_exists($root.'/install.lock')) {
			return false;
		}
		return !$upgrade || (!@file_exists($documents.'/upgrade.unlock') && !@file_exists($root.'/upgrade.unlock'));
	}

	/**
	 * @param string $documents documents folder
	 * @param string $mode      octal permissions, '' = no lock, 1 = 444
	 * @return bool whether the lock is there now
	 */
	public static function write($documents, $mode)
	{
		if ((int) $mode === 0) {
			return false;
		}
		$mode = (string) $mode === '1' ? '444' : (string) $mode;
		$file = $documents.'/install.lock';
		@chmod($file, 0600);
		if (@file_put_contents($file, 'Prevents the use of the install and upgrade pages (mode '.$mode.')') === false) {
			return false;
		}
		@chmod($file, octdec($mode));
		return true;
	}
}
