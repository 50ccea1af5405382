<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * What the application does to passwords, so that one that would silently become another one is refused.
 */
class Passwords
{
	/**
	 * @throws Failure `bad_password`
	 */
	public static function requireUsable(string $password): void
	{
		$wrong = null;
		if (strlen($password) < 8) {
			$wrong = 'is missing or shorter than 8 bytes';
		} elseif (strlen($password) > 72) {
			$wrong = 'is longer than 72 bytes, and the application\'s hash looks at no more';
		} elseif ($password !== trim($password)) {
			$wrong = 'begins or ends with a blank, which the application cuts off';
		} elseif (preg_match('/[\x00-\x1f\x7f]/', $password)) {
			$wrong = 'holds a control character';
		} elseif (!preg_match('//u', $password)) {
			$wrong = 'is not UTF-8';
		}
		if ($wrong !== null) {
			throw new Failure('bad_password', "The password $wrong.", 'Give another one as "password" on standard input.');
		}
	}

	/** Whether the stored hash is that of the password, by the application's own check. */
	public static function matches(string $password, ?string $hash): bool
	{
		return $hash !== null && $hash !== '' && dol_verifyHash($password, $hash, '0');
	}
}
