<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Which users the bridge has made, told by a parameter of the user (llx_user_param) that the pages do not show: it
 * stays through changes of login, password and key, and through restores. All others are people's, whose rights,
 * password and key are not ours to replace.
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
		return (bool) $this->application->rows(
			'SELECT fk_user FROM '.$this->application->table('user_param')
				." WHERE fk_user = $user AND param = ".$this->application->quote(self::PARAMETER)
		);
	}

	/** Puts the mark, where it is missing. */
	public function mark(\User $user): void
	{
		if ($this->application->check() || $this->isOurs((int) $user->id)) {
			return;
		}
		dol_set_user_param($this->application->db(), $this->application->conf(), $user, array(self::PARAMETER => '1'));
		if (!$this->isOurs((int) $user->id)) {
			throw new Failure(
				'user',
				'It could not be put on record that "'.$user->login.'" is ours: '.Secrecy::tidy((string) $this->application->db()->lasterror(), 300),
				'Check the privileges of the database user.'
			);
		}
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
		$takes = (isset($wanted['rights']) && ($wanted['exact'] ?? true))
			|| (isset($wanted['password']) && !$same['password'])
			|| (isset($wanted['key']) && !$same['key'])
			|| ($wanted['admin'] ?? true) === false;
		$named = !empty($wanted['existing']);
		if (!$takes) {
			return $named;
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
		// An administrator whose password alone is set serves no API.
		return isset($wanted['rights']) || isset($wanted['key']);
	}
}
