<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Text as the application's pages take it from a form: what they would change on the way is refused, since it would be
 * another value as soon as somebody saves the page.
 */
class PlainText
{
	public static function is(string $text): bool
	{
		return sanitizeVal($text, 'alphanohtml') === $text;
	}

	/**
	 * @throws Failure `bad_value`
	 */
	public static function require(string $what, string $text): string
	{
		$kept = sanitizeVal($text, 'alphanohtml');
		if ($kept !== $text) {
			throw new Failure(
				'bad_value',
				"The text of $what is not what the application's pages would keep of it: \"".Secrecy::tidy((string) $kept, 100).'".',
				'Write it without markup, double quotes and spaces at its ends.'
			);
		}
		return $text;
	}
}
