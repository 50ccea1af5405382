<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * What there is to say of a user, without a secret.
 */
class UserFacts
{
	/** @var Rights */
	private $rights;
	/** @var ApiKeys */
	private $keys;
	/** @var Ownership */
	private $ownership;

	public function __construct(Rights $rights, ApiKeys $keys, Ownership $ownership)
	{
		$this->rights = $rights;
		$this->keys = $keys;
		$this->ownership = $ownership;
	}

	/**
	 * @return array<string, mixed>
	 */
	public function of(\User $user): array
	{
		$rights = array_values($this->rights->of((int) $user->id));
		sort($rights);
		return array(
			'id' => (int) $user->id,
			'login' => (string) $user->login,
			'lastname' => (string) $user->lastname,
			'firstname' => (string) $user->firstname,
			'email' => (string) $user->email,
			'admin' => (bool) $user->admin,
			'entity' => (int) $user->entity,
			'enabled' => Versions::isEnabled($user),
			'password' => (string) $user->pass_indatabase_crypted !== '',
			'key' => $this->keys->stored((int) $user->id),
			'rights' => $rights,
			'ours' => $this->ownership->isOurs((int) $user->id),
			// An external user's: calls see nothing but what is that third party's.
			'third_party' => (int) $user->socid ?: null,
			'outside' => self::outside($user),
		);
	}

	/** The days on which the user may log in, where today is none of them; else empty. */
	private static function outside(\User $user): string
	{
		$today = date('Y-m-d');
		$from = empty($user->datestartvalidity) ? '' : date('Y-m-d', (int) $user->datestartvalidity);
		$until = empty($user->dateendvalidity) ? '' : date('Y-m-d', (int) $user->dateendvalidity);
		if ($from > $today) {
			return "from $from";
		}
		return $until !== '' && $until < $today ? "until $until" : '';
	}
}
