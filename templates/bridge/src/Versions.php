<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The one place of the bridge that knows what differs between the application's versions, 15 to 24.
 *
 * What the application's own code shows is asked of it; the table has what cannot be asked.
 * docs/adding-a-version.md says how a new version comes in.
 */
class Versions
{
	/** The first and the last major version that has it; null: the newest known one has it, and newer ones are expected to. */
	const FEATURES = array(
		// API_IN_TOKEN_TABLE is read: the API looks for keys in llx_oauth_token.
		'token_table' => array(23, null),
	);

	/** The major version, 0 where the text does not begin with a number. */
	public static function number(string $version): int
	{
		return (int) $version;
	}

	public static function has(string $version, string $feature): bool
	{
		list($first, $last) = self::FEATURES[$feature];
		$major = self::number($version);
		return $major >= $first && ($last === null || $major <= $last);
	}

	/** Version 20 has given it a new name. */
	public static function loadRights(\User $user): void
	{
		method_exists($user, 'loadRights') ? $user->loadRights() : $user->getrights();
	}

	/** Older versions name the property as the column is named. */
	public static function isEnabled(\User $user): bool
	{
		return (int) ($user->status ?? $user->statut) === 1;
	}

	/** From 17 on they are encrypted with the instance's id as the key to them. */
	public static function encryptsKeys(): bool
	{
		return function_exists('dolEncrypt');
	}

	/** A stored key in clear. */
	public static function clearKey(string $stored): string
	{
		return function_exists('dolDecrypt') ? (string) dolDecrypt($stored) : $stored;
	}
}
