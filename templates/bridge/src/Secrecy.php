<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Keeps secrets out of everything that is printed.
 */
class Secrecy
{
	const MASK = '********';

	/** @var string[] */
	private static $known = array();

	/**
	 * Remembers a value that must never be printed. Short values are not kept: masking them would eat ordinary text.
	 */
	public static function remember(?string $value): void
	{
		if ($value !== null && strlen($value) >= 4 && !in_array($value, self::$known, true)) {
			self::$known[] = $value;
			// Longest first, so that a secret that holds another one is masked whole.
			usort(self::$known, static function (string $one, string $other): int {
				return strlen($other) - strlen($one);
			});
		}
	}

	/** Whether a constant's name says that its value is a secret. */
	public static function isSecretName(string $name): bool
	{
		return preg_match('/_(PASS|PASSWORD|PW|KEY|TOKEN|SECRET|SALT)$/i', $name) === 1;
	}

	/** The value as it may be shown for a constant of this name. */
	public static function shown(string $name, ?string $value): ?string
	{
		return $value === null || $value === '' || !self::isSecretName($name) ? $value : self::MASK;
	}

	/**
	 * One line of plain text out of the application's noise: no markup, no known secret, no hash, no encrypted value.
	 */
	public static function tidy(string $noise, int $length = 600): string
	{
		$text = html_entity_decode(strip_tags(preg_replace('/<!--.*?-->/s', ' ', $noise) ?? ''), ENT_QUOTES, 'UTF-8');
		$text = str_replace(self::$known, self::MASK, $text);
		$text = preg_replace('/\$2[aby]\$\S+|\$argon2\S+|dolcrypt:\S+|crypted:\S+/', self::MASK, $text) ?? '';
		$text = trim(preg_replace('/\s+/', ' ', $text) ?? '');
		return strlen($text) > $length ? substr($text, 0, $length).' …' : $text;
	}
}
