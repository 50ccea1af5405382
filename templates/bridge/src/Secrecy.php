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
	/** The rule of plugins/plugin_utils/site/secrecy.py, which says why; a test feeds both one table. */
	const NAME = 'PASSW|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|BEARER|WEBHOOK|PRIVATE|(PASS|PW|PWD|KEY|KEYS|SALT)[0-9]*(_|$)'
		.'|(^|_)(PIN|JWT|HMAC|HASH|DSN|OTP)[0-9]*(_|$)|(AUTH|AUTHORIZATION|SIGNATURE|LICENSE|LICENCE|COOKIE)[0-9]*$';
	const VALUE = '://[^/?#\s]*@|[?&;\s](\w*(pass|pw|key|secret|token|sig|auth)\w*)=|^(pass|pw|key|secret|token)\w*='
		.'|-----BEGIN [A-Z ]*PRIVATE KEY|\b(Bearer|Basic) \S|(dol)?crypt(ed)?:';

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

	/** Whether the value of a constant has to be hidden; in doubt it has. */
	public static function isSecret(string $name, ?string $value): bool
	{
		// A switch tells nothing: API_IN_TOKEN_TABLE, MAIN_SECURITY_CSRF_WITH_TOKEN.
		if ($value === null || in_array($value, array('', '0', '1'), true)) {
			return false;
		}
		return preg_match('~'.self::NAME.'~i', $name) === 1 || preg_match('~'.self::VALUE.'~i', $value) === 1;
	}

	/** The value as it may be shown for a constant of this name. */
	public static function shown(string $name, ?string $value): ?string
	{
		return self::isSecret($name, $value) ? self::MASK : $value;
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
