<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The API keys of users: set, shown where that is asked for, taken away.
 */
class UserKeys
{
	/** @var Users */
	private $users;
	/** @var ApiKeys */
	private $keys;
	/** @var UserParts */
	private $parts;

	public function __construct(Application $application)
	{
		$this->users = new Users($application);
		$this->keys = new ApiKeys($application);
		$this->parts = new UserParts($application, $this->keys);
	}

	/**
	 * @param string|null $key null: a new one is made
	 * @return array<string, mixed> with "key" only when $reveal is asked for
	 */
	public function setKey(string $login, ?string $key, bool $reveal): array
	{
		$user = $this->users->get($login);
		$key = $key ?? ApiKeys::make();
		ApiKeys::requireUsable($key);
		$changed = $this->parts->key($user, $key);
		$answer = array('changed' => $changed, 'login' => $login, 'stored' => $this->keys->stored((int) $user->id));
		if ($reveal) {
			$answer['key'] = $key;
		}
		return $answer;
	}

	/**
	 * Whose a key is that was found somewhere.
	 *
	 * @return array<string, mixed> "login" is null where nobody has it
	 */
	public function holder(string $key): array
	{
		ApiKeys::requireUsable($key);
		return array('changed' => false, 'login' => $this->keys->holder($key, 0));
	}

	/**
	 * @return array<string, mixed>
	 */
	public function removeKey(string $login): array
	{
		return array('changed' => $this->parts->key($this->users->get($login), ''), 'login' => $login);
	}

	/**
	 * The key that the application has for a user, so that a lost record of it can be made good.
	 *
	 * @return array<string, mixed> "stored" as in `user show`, "readable", and "key" only when $reveal is asked for
	 */
	public function showKey(string $login, bool $reveal): array
	{
		$user = $this->users->find($login);
		$key = $user === null ? '' : (string) $user->api_key;
		Secrecy::remember($key);
		$readable = ApiKeys::isUsable($key);
		$answer = array(
			'changed' => false,
			'login' => $login,
			'stored' => $user === null ? null : $this->keys->stored((int) $user->id),
			'readable' => $readable,
		);
		if ($reveal) {
			$answer['key'] = $readable ? $key : null;
		}
		return $answer;
	}
}
