<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Users who may not work any more: disabled, or removed where no record refers to them.
 */
class UserEnd
{
	/** @var Application */
	private $application;
	/** @var Users */
	private $users;
	/** @var ApiKeys */
	private $keys;
	/** @var UserParts */
	private $parts;

	public function __construct(Application $application)
	{
		$this->application = $application;
		$this->users = new Users($application);
		$this->keys = new ApiKeys($application);
		$this->parts = new UserParts($application, $this->keys);
	}

	/**
	 * Disables a user and takes its key away: on versions 15 and 16 the key of a disabled user goes on working.
	 *
	 * @return array<string, mixed>
	 */
	public function disable(string $login): array
	{
		$user = $this->users->known($login);
		if ($user === null) {
			return $this->answer($login, array(), null, null);
		}
		$this->application->doWithout($user, 'disabled');
		$before = $this->users->facts()->of($user);
		$changes = $this->shutOut($user);
		$after = $this->application->check()
			? array_merge($before, array('enabled' => false, 'state' => 'disabled', 'key' => null)) : $this->users->facts()->of($user);
		return $this->answer($login, $changes, $before, $after);
	}

	/**
	 * @return string[]
	 */
	private function shutOut(\User $user): array
	{
		$changes = $this->parts->enabled($user, false) ? array('enabled') : array();
		if ((string) $user->api_key !== '') {
			$changes[] = 'key';
			if (!$this->application->check()) {
				$this->keys->store($user, '');
			}
		}
		return $changes;
	}

	/**
	 * Removes a user by the application's own class. One whom records refer to stays, disabled: the class refuses it.
	 *
	 * @return array<string, mixed> with "kept", what refers to the user, where it stays
	 */
	public function remove(string $login): array
	{
		$user = $this->users->known($login);
		if ($user === null) {
			return $this->answer($login, array(), null, null);
		}
		$this->application->doWithout($user, 'removed');
		$before = $this->users->facts()->of($user);
		$kept = (new References($this->application))->to('user', (int) $user->id, References::OWN_OF_USERS);
		if ($kept) {
			return $this->disable($login) + array('kept' => $kept);
		}
		if ($this->application->check()) {
			return $this->answer($login, array('removed'), $before, null);
		}
		if ((string) $user->api_key !== '') {
			// What versions with a table of keys have there would stay, and nobody would know whose it is.
			$this->keys->store($user, '');
		}
		$result = $user->delete($this->application->administrator());
		if ($this->users->find((string) $user->login) !== null) {
			$seen = 'the application refuses it (result '.$result.'): '.Secrecy::tidy((string) $user->error, 200);
			return $this->disable($login) + array('kept' => array($seen));
		}
		return $this->answer($login, array('removed'), $before, null);
	}

	/**
	 * @param string[]                  $changes
	 * @param array<string, mixed>|null $before
	 * @param array<string, mixed>|null $after
	 * @return array<string, mixed>
	 */
	private function answer(string $login, array $changes, ?array $before, ?array $after): array
	{
		return array(
			'changed' => (bool) $changes,
			'login' => $login,
			'changes' => $changes,
			'user' => $after,
			'diff' => array('before' => $before ?? new \stdClass(), 'after' => $after ?? new \stdClass()),
		);
	}
}
