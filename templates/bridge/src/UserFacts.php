<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * What there is to say of users, without a secret: what an inventory can say of one, by the same names, and more.
 */
class UserFacts
{
	/** @var Application */
	private $application;
	/** @var Rights */
	private $rights;
	/** @var Memberships */
	private $memberships;
	/** @var Ownership */
	private $ownership;

	public function __construct(Application $application, Rights $rights, Memberships $memberships, Ownership $ownership)
	{
		$this->application = $application;
		$this->rights = $rights;
		$this->memberships = $memberships;
		$this->ownership = $ownership;
	}

	/**
	 * @return array<string, mixed>
	 */
	public function of(\User $user): array
	{
		$found = $this->read((int) $user->id);
		if (!$found) {
			throw new Failure('user', 'The user "'.$user->login.'" is gone.', 'Somebody else is at work; run again.');
		}
		return $found[0];
	}

	/**
	 * @return array<int, array<string, mixed>> in the order of their logins
	 */
	public function all(): array
	{
		$users = $this->read(null);
		// Databases sort each in their own way.
		usort($users, static function (array $one, array $other): int {
			return strcmp($one['login'], $other['login']) ?: $one['id'] - $other['id'];
		});
		return $users;
	}

	/** @return array<int, array<string, mixed>> */
	private function read(?int $only): array
	{
		$rows = $this->application->rows(
			'SELECT rowid, login, lastname, firstname, email, admin, entity, statut, pass_crypted, api_key, fk_soc,'
				.' datestartvalidity, dateendvalidity FROM '.$this->application->table('user')
				.($only === null ? '' : " WHERE rowid = $only")
		);
		$rights = $this->rights->ofAll($only);
		$groups = $this->memberships->ofAll($only);
		$mighty = $groups ? $this->memberships->withRights() : array();
		$marks = $this->ownership->marks($only);
		$languages = (new UserLanguage($this->application))->ofAll($only);
		$found = array();
		foreach ($rows as $row) {
			$id = (int) $row['rowid'];
			$own = array_values($rights[$id] ?? array());
			sort($own);
			$found[] = array(
				'id' => $id,
				'login' => (string) $row['login'],
				'lastname' => (string) $row['lastname'],
				'firstname' => (string) $row['firstname'],
				'email' => (string) $row['email'],
				'language' => $languages[$id] ?? '',
				'admin' => (bool) (int) $row['admin'],
				'state' => (int) $row['statut'] === 1 ? 'present' : 'disabled',
				'rights' => $own,
				'groups' => $groups[$id] ?? array(),
				// Those of them that have rights, which the user has besides its own.
				'rights_by_groups' => array_values(array_intersect($groups[$id] ?? array(), $mighty)),
				'entity' => (int) $row['entity'],
				'enabled' => (int) $row['statut'] === 1,
				'password' => (string) $row['pass_crypted'] !== '',
				'key' => ApiKeys::kind((string) $row['api_key']),
				'ours' => isset($marks[$id]),
				// An external user's: calls see nothing but what is that third party's.
				'third_party' => (int) $row['fk_soc'] ?: null,
				'outside' => self::outside(substr((string) $row['datestartvalidity'], 0, 10), substr((string) $row['dateendvalidity'], 0, 10)),
			);
		}
		return $found;
	}

	/** The days on which the user may log in, where today is none of them; else empty. */
	private static function outside(string $from, string $until): string
	{
		$today = date('Y-m-d');
		if ($from > $today) {
			return "from $from";
		}
		return $until !== '' && $until < $today ? "until $until" : '';
	}
}
