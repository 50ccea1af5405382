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
	/** @var Application */
	private $application;
	/** @var Rights */
	private $rights;
	/** @var ApiKeys */
	private $keys;
	/** @var Ownership */
	private $ownership;

	public function __construct(Application $application, Rights $rights, ApiKeys $keys, Ownership $ownership)
	{
		$this->application = $application;
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
			'groups' => $this->groups((int) $user->id),
		);
	}

	/** @return string[] the groups whose rights the user has besides its own */
	private function groups(int $user): array
	{
		$rows = $this->application->rows(
			'SELECT DISTINCT g.nom FROM '.$this->application->table('usergroup').' g'
				.' JOIN '.$this->application->table('usergroup_user').' m ON m.fk_usergroup = g.rowid'
				.' JOIN '.$this->application->table('usergroup_rights')." r ON r.fk_usergroup = g.rowid WHERE m.fk_user = $user"
		);
		$names = array_map('strval', array_column($rows, 'nom'));
		sort($names);
		return $names;
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
