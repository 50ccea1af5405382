<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Which users the bridge has made, told by a parameter of the user (llx_user_param) that the pages do not show: it
 * stays through changes of login, password and key, and through restores. Its value is the login that the inventory has
 * for the user (1 where an earlier version put it), by which one that was renamed in the pages is found. All others are
 * people's, whose rights, password and key are not ours to replace.
 */
class Ownership
{
	const PARAMETER = 'MICLINIK_MADE';

	/** @var Application */
	private $application;
	/** @var ApiKeys */
	private $keys;

	public function __construct(Application $application, ApiKeys $keys)
	{
		$this->application = $application;
		$this->keys = $keys;
	}

	public function isOurs(int $user): bool
	{
		return isset($this->marks($user)[$user]);
	}

	/**
	 * @param int|null $only the id of one user; null: of all
	 * @return array<int, string> the logins that the inventory has for our users, by id
	 */
	public function marks(?int $only = null): array
	{
		$rows = $this->application->rows(
			'SELECT fk_user, value FROM '.$this->application->table('user_param').' WHERE param = '.$this->application->quote(self::PARAMETER)
				.($only === null ? '' : " AND fk_user = $only")
		);
		$marks = array_combine(array_map('intval', array_column($rows, 'fk_user')), array_map('strval', array_column($rows, 'value')));
		return array_replace($marks, $this->application->planned('user mark'));
	}

	/**
	 * The one of our users that has another login than the one that the inventory has for it.
	 *
	 * @param string $key of the record: by it those are known whose mark says nothing
	 */
	public function renamed(string $login, string $key): ?\User
	{
		$ids = array_keys($this->marks(), $login, true);
		$user = new \User($this->application->db());
		if (count($ids) === 1 && $user->fetch($ids[0]) > 0) {
			return $user;
		}
		$holder = $key === '' ? null : $this->keys->holder($key, 0);
		return $holder !== null && $user->fetch(0, $holder) > 0 && ($this->marks((int) $user->id)[(int) $user->id] ?? '') === '1' ? $user : null;
	}

	/** Whether the mark was missing, or named another login, and is now put. */
	public function mark(\User $user, string $login): bool
	{
		$id = (int) $user->id;
		if (($this->marks($id)[$id] ?? null) === $login) {
			return false;
		}
		if ($this->application->check()) {
			$this->application->plan('user mark', $id, $login);
			return true;
		}
		dol_set_user_param($this->application->db(), $this->application->conf(), $user, array(self::PARAMETER => $login));
		if (($this->marks($id)[$id] ?? null) !== $login) {
			throw new Failure(
				'user',
				'It could not be put on record that "'.$user->login.'" is ours: '.Secrecy::tidy((string) $this->application->db()->lasterror(), 300),
				'Check the privileges of the database user.'
			);
		}
		return true;
	}

	/**
	 * Stops what would take something from a user whom somebody else has made, unless that is said on purpose.
	 *
	 * @param array<string, mixed> $wanted as in Users::ensure()
	 * @return bool whether the user is one of ours from now on
	 * @throws Failure `administrator`, `user_exists`
	 */
	public function claim(\User $user, array $wanted): bool
	{
		if ($this->isOurs((int) $user->id)) {
			return true;
		}
		$same = array(
			'password' => isset($wanted['password']) && Passwords::matches((string) $wanted['password'], $user->pass_indatabase_crypted),
			'key' => isset($wanted['key']) && $this->keys->holds($user, (string) $wanted['key']),
		);
		$takes = ((isset($wanted['rights']) || isset($wanted['groups'])) && ($wanted['exact'] ?? true))
			|| (isset($wanted['password']) && !$same['password'])
			|| (isset($wanted['key']) && !$same['key'])
			|| ($wanted['admin'] ?? true) === false;
		$named = !empty($wanted['existing']);
		// Who gets a password alone stays whose he is: with it he serves no API.
		$more = (bool) array_diff(array_keys($wanted), array('password', 'admin', 'existing', 'login'));
		if (!$takes) {
			return $named && $more;
		}
		if ((int) $user->admin === 1 && !($named && !empty($wanted['admin']))) {
			throw new Failure(
				'administrator',
				'"'.$user->login.'" is an administrator whom somebody else has made: it would lose rights, password or key.',
				'Nothing of it was changed. Choose another login; where this user is to serve the API, take the administrator\'s'
					.' flag away on its card, or say admin: true, and say existing: true beside the login.'
			);
		}
		// Those of hosts that earlier versions have laid have no mark: what is on record opens them.
		if (!$named && !in_array(true, $same, true)) {
			throw new Failure(
				'user_exists',
				'There is a user "'.$user->login.'" whom somebody else has made: its rights, password and key would be replaced.',
				'Nothing of it was changed. Choose another login, or, where this user is to serve the API, say existing: true beside the login.'
			);
		}
		return $more;
	}
}
