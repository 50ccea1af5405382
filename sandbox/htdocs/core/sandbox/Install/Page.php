<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Install;

/**
 * Frame of the installer's pages.
 */
class Page
{
	/**
	 * @param string $title what this page is about
	 * @return void
	 */
	public static function head($title)
	{
		if (PHP_SAPI !== 'cli') {
			header('Content-Type: text/html; charset=UTF-8');
		}
		print '<!DOCTYPE html><html><head><title>'.htmlspecialchars($title).'</title></head><body><h1>'.htmlspecialchars($title).'</h1>'."\n";
	}

	/** @return void */
	public static function foot()
	{
		print "</body></html>\n";
	}

	/**
	 * @param string $text what failed; goes into an element with class="error", which callers look for
	 * @return void
	 */
	public static function error($text)
	{
		print '<span class="error">'.htmlspecialchars($text)."</span><br>\n";
	}
}
