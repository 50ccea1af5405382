<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Users: looked up, made, brought to what is asked for. UserKeys and UserEnd have the rest.
 */
class Users
{
	/** What `user ensure` takes; what is absent or null is left as it is. */
	const WANTED = array(
		'lastname', 'firstname', 'email', 'language', 'password', 'first_password', 'admin', 'rights', 'groups', 'exact', 'key', 'enabled',
		'existing',
	);

	/** @var Application */
	private $application;
	/** @var Rights */
	private $rights;
	/** @var ApiKeys */
	private $keys;
	/** @var UserParts */
	private $parts;
	/** @var Ownership */
	private $ownership;
	/** @var Memberships */
	private $memberships;
	/** @var UserFacts */
	private $facts;

	public function __construct(Application $application)
	{
		$this->application = $application;
		$this->rights = new Rights($application);
		$this->keys = new ApiKeys($application);
		$this->parts = new UserParts($application, $this->keys);
		$this->ownership = new Ownership($application, $this->keys);
		$this->memberships = new Memberships($application);
		$this->facts = new UserFacts($application, $this->rights, $this->memberships, $this->ownership);
	}

	public function find(string $login): ?\User
	{
		if (!preg_match('/^[A-Za-z0-9][A-Za-z0-9._-]{1,49}$/', $login)) {
			throw new Failure('bad_login', "\"$login\" is no login.", 'Use 2 to 50 letters, digits, ".", "_" and "-".');
		}
		$user = new \User($this->application->db());
		$result = $user->fetch(0, $login);
		if ($result < 0) {
			throw new Failure('user', "The user \"$login\" could not be read.", 'Check the database.');
		}
		return $result > 0 ? $user : null;
	}

	/** The user of a login, whatever somebody has made of that in the pages. */
	public function known(string $login, string $key = ''): ?\User
	{
		return $this->find($login) ?? $this->ownership->renamed($login, $key);
	}

	public function get(string $login): \User
	{
		$user = $this->find($login);
		if ($user === null) {
			throw new Failure('no_such_user', "There is no user \"$login\".", "Make it: miclinikctl SITE user create $login, or in the inventory.");
		}
		return $user;
	}

	/**
	 * @return array<string, mixed>
	 */
	public function show(string $login): array
	{
		$user = $this->find($login);
		return array('changed' => false, 'login' => $login, 'user' => $user === null ? null : $this->facts->of($user));
	}

	/**
	 * @return array<string, mixed>
	 */
	public function list(): array
	{
		return array('changed' => false, 'users' => $this->facts->all());
	}

	public function facts(): UserFacts
	{
		return $this->facts;
	}

	/**
	 * @param array<string, mixed> $wanted see WANTED; rights and groups are exact unless "exact" is false
	 * @return array<string, mixed>
	 */
	public function ensure(string $login, array $wanted): array
	{
		$unknown = array_diff(array_keys($wanted), self::WANTED);
		if ($unknown) {
			throw new Failure('usage', 'Unknown: '.implode(', ', $unknown).'.', 'Known: '.implode(', ', self::WANTED).'.');
		}
		$wanted = array_filter($wanted, static function ($value): bool {
			return $value !== null;
		});
		$this->requireSane($wanted);
		// Everything that can be wrong with the call is found before the first change.
		$rights = isset($wanted['rights']) ? $this->rights->names()->resolve((array) $wanted['rights']) : null;
		$groups = isset($wanted['groups']) ? $this->memberships->groups()->resolve((array) $wanted['groups']) : null;
		$user = $this->known($login, (string) ($wanted['key'] ?? ''));
		$ours = $user === null || $this->ownership->claim($user, $wanted);
		$this->requireFreeKey($login, $user, $wanted);
		$before = $user === null ? null : $this->facts->of($user);
		if ($before !== null && $rights !== null) {
			$before['rights'] = $this->rights->before((int) $user->id);
		}
		$changes = array();
		if ($user === null) {
			$this->parts->requireFreeAddress($login, trim((string) ($wanted['email'] ?? '')));
			$changes[] = 'created';
			$user = $this->application->check() ? null : $this->create($login, $wanted);
		}
		if ($ours && $user !== null && $this->ownership->mark($user, $login) && $before !== null) {
			$changes[] = 'mark';
		}
		$profile = $this->parts->profile($user, $wanted + ($ours ? array('login' => $login) : array()));
		$changes = array_merge($changes, $before === null ? array() : $profile);
		if (isset($wanted['first_password']) && ($before === null || !$before['password'])) {
			$wanted += array('password' => $wanted['first_password']);
		}
		foreach (array('password', 'enabled', 'key') as $part) {
			if (isset($wanted[$part]) && $this->parts->$part($user, $wanted[$part])) {
				$changes[] = $part;
			}
		}
		$after = $user === null ? array('login' => $login) : $this->facts->of($user);
		if ($rights !== null) {
			$answer = $user === null
				? $this->rights->foreseen($rights)
				: $this->rights->ensure($user, $rights, (bool) ($wanted['exact'] ?? true));
			if ($answer['changed']) {
				$changes[] = 'rights';
			}
			$after['rights'] = $answer['rights'];
		}
		if ($groups !== null) {
			$answer = $this->memberships->ensure($user, $groups, (bool) ($wanted['exact'] ?? true));
			if ($answer['changed']) {
				$changes[] = 'groups';
			}
			$after['groups'] = $answer['groups'];
		}
		if ($this->application->check()) {
			$after = $this->foreseen($after, $wanted + array('login' => $login), $changes);
		}
		return array(
			'changed' => (bool) $changes,
			'login' => $login,
			'changes' => $changes,
			'user' => $after,
			'diff' => array('before' => $before ?? new \stdClass(), 'after' => $after),
		);
	}

	/**
	 * @param array<string, mixed> $wanted
	 * @throws Failure `renamed`, `key_taken`
	 */
	private function requireFreeKey(string $login, ?\User $user, array $wanted): void
	{
		$key = (string) ($wanted['key'] ?? '');
		if ($key === '' || ($user !== null && $this->keys->holds($user, $key))) {
			return;
		}
		$holder = $this->keys->holder($key, $user === null ? 0 : (int) $user->id);
		if ($holder !== null && $user === null) {
			throw new Failure(
				'renamed',
				"There is no user \"$login\", and \"$holder\" holds the key that is on record for it: was it renamed in the pages?",
				"Nothing was made. Give \"$holder\" its login \"$login\" back, or write $holder as the login in the inventory;"
					.' else give each of them a key of its own.',
				array('holder' => $holder)
			);
		}
		if ($holder !== null) {
			throw ApiKeys::taken($holder);
		}
	}

	/**
	 * @param array<string, mixed> $wanted
	 */
	private function requireSane(array $wanted): void
	{
		foreach (array('password', 'first_password') as $name) {
			if (isset($wanted[$name])) {
				Secrecy::remember((string) $wanted[$name]);
				Passwords::requireUsable((string) $wanted[$name]);
			}
		}
		if (isset($wanted['language']) && !preg_match('/^([a-z]{2}_[A-Z]{2})?$/D', (string) $wanted['language'])) {
			throw new Failure('bad_language', 'The language "'.$wanted['language'].'" is none.', 'Write it like es_ES.');
		}
		if (isset($wanted['key'])) {
			ApiKeys::requireUsable((string) $wanted['key']);
		}
		if (isset($wanted['email']) && $wanted['email'] !== '' && !filter_var($wanted['email'], FILTER_VALIDATE_EMAIL)) {
			throw new Failure('bad_email', 'The e-mail address "'.$wanted['email'].'" is none.', 'Write it like a@example.org.');
		}
		if (isset($wanted['key']) && ($wanted['enabled'] ?? true) === false) {
			throw new Failure('usage', 'A disabled user gets no key.', 'Leave "key" out.');
		}
	}

	/**
	 * @param array<string, mixed> $after
	 * @param array<string, mixed> $wanted
	 * @param string[]             $changes
	 * @return array<string, mixed>
	 */
	private function foreseen(array $after, array $wanted, array $changes): array
	{
		foreach (array('login', 'lastname', 'firstname', 'email', 'language', 'admin', 'enabled') as $name) {
			if (isset($wanted[$name])) {
				$after[$name] = $wanted[$name];
			}
		}
		if (isset($wanted['enabled'])) {
			$after['state'] = $wanted['enabled'] ? 'present' : 'disabled';
		}
		foreach (array('password', 'key') as $name) {
			if (in_array($name, $changes, true)) {
				$after[$name] = 'would be set';
			}
		}
		return $after;
	}

	/**
	 * @param array<string, mixed> $wanted
	 */
	private function create(string $login, array $wanted): \User
	{
		$user = new \User($this->application->db());
		$user->login = $login;
		$user->lastname = (string) ($wanted['lastname'] ?? $login);
		$user->firstname = (string) ($wanted['firstname'] ?? '');
		$user->email = (string) ($wanted['email'] ?? '');
		$user->lang = (string) ($wanted['language'] ?? '');
		$user->admin = empty($wanted['admin']) ? 0 : 1;
		$user->entity = $this->application->entity();
		$result = $user->create($this->application->administrator());
		if ($result <= 0 || $this->find($login) === null) {
			throw new Failure(
				'user',
				"The user \"$login\" could not be made (result $result): ".Secrecy::tidy((string) $user->error, 300),
				$result == -6 ? 'Another user has this login or this e-mail address: choose another.' : 'Mend the cause.'
			);
		}
		return $this->get($login);
	}

	/**
	 * @return array<string, mixed>
	 */
	public function ensureRights(string $login, array $names, bool $exact): array
	{
		$wanted = $this->rights->names()->resolve($names);
		$user = $this->get($login);
		// Whoever calls this has named the user on purpose; an administrator loses nothing by it all the same.
		$this->ownership->claim($user, array('rights' => $names, 'exact' => $exact, 'existing' => true));
		return array('login' => $login) + $this->rights->ensure($user, $wanted, $exact);
	}
}
