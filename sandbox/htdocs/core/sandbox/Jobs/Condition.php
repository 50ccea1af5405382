<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Jobs;

/**
 * On what a job depends: PHP, of which numbers, comparisons, and whether a module or a constant is set are known here.
 */
class Condition
{
	const WORDS = '/^(?:\s|\d|[()!]|&&|\|\||[=!]==?|[<>]=?|true|false|(?:isModEnabled|getDolGlobalInt|getDolGlobalString)\(([\'"])\w+\1\))+$/';

	/**
	 * @param string $text condition; '' holds
	 * @return bool
	 */
	public static function holds($text)
	{
		if (trim($text) === '') {
			return true;
		}
		if (!preg_match(self::WORDS, $text)) {
			return false;
		}
		try {
			return (bool) eval('return '.$text.';');
		} catch (\ParseError $e) {
			return false;
		}
	}
}
