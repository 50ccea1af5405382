<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The parts of one user that can be changed: each compares, stores only what differs, and reads back.
 *
 * The user may be null in a check run, where it would have been made before.
 */
class UserParts
{
	/** What of a user is compared and stored as it is, and how the application's class calls it. */
	const PROFILE = array(
		'login' => 'login', 'lastname' => 'lastname', 'firstname' => 'firstname', 'email' => 'email', 'language' => 'lang', 'admin' => 'admin',
	);

	/** @var Application */
	private $application;
	/** @var ApiKeys */
	private $keys;
	/** @var UserLanguage */
	private $language;

	public function __construct(Application $application, ApiKeys $keys)
	{
		$this->application = $application;
		$this->keys = $keys;
		$this->language = new UserLanguage($application);
	}

	/**
	 * @param array<string, mixed> $wanted login, lastname, firstname, email, language, admin; what is absent stays
	 * @return string[] what differed, and is now stored
	 */
	public function profile(?\User $user, array $wanted): array
	{
		if ($user === null) {
			return array();
		}
		$changes = $this->differing($user, $wanted);
		if (in_array('admin', $changes, true) && $user->admin) {
			$this->application->doWithout($user, 'none any more');
			// Of an administrator the application reads entity 0, which is all of them, and would store it.
			$user->entity = (int) $user->entity ?: $this->application->entity();
		}
		if (in_array('email', $changes, true)) {
			$this->requireFreeAddress((string) $user->login, (string) $wanted['email'], (int) $user->id);
		}
		foreach ($changes as $name) {
			$property = self::PROFILE[$name];
			$user->$property = $name === 'admin' ? (int) $wanted[$name] : (string) $wanted[$name];
		}
		if ($this->isElsewhere($user)) {
			$user->entity = $this->application->entity();
			$changes[] = 'entity';
		}
		if ($changes && !$this->application->check()) {
			$result = $user->update($this->application->administrator());
			if ($result < 0) {
				throw new Failure(
					'user',
					'The user "'.$user->login."\" could not be changed (result $result): ".Secrecy::tidy((string) $user->error, 300),
					'Mend the cause; an e-mail address can belong to one user only.'
				);
			}
			if (in_array('language', $changes, true)) {
				$this->language->store($user, (string) $wanted['language']);
			}
			if ($left = $this->differing($this->stored($user), $wanted)) {
				throw new Failure('user', 'Of "'.$user->login.'" was not stored: '.implode(', ', $left).'.', 'Change it on the user\'s card.');
			}
			if (in_array('entity', $changes, true) && $this->isElsewhere($this->stored($user))) {
				throw new Failure('user', 'The entity of "'.$user->login.'" was not stored.', 'Set it back to '.$this->application->entity().'.');
			}
		}
		return $changes;
	}

	/** Whether the user is of a company that the site has not: rights and modules are this entity's. */
	private function isElsewhere(\User $user): bool
	{
		return !in_array((int) $user->entity, array(0, $this->application->entity()), true)
			&& !$this->application->rows(
				'SELECT rowid FROM '.$this->application->table('const')." WHERE name = 'MAIN_MODULE_MULTICOMPANY' AND value = '1'"
			);
	}

	/**
	 * @param array<string, mixed> $wanted
	 * @return string[] the names of what is other than wanted
	 */
	private function differing(\User $user, array $wanted): array
	{
		$names = array();
		foreach (self::PROFILE as $name => $property) {
			if (!isset($wanted[$name])) {
				continue;
			}
			$now = $name === 'language' ? $this->language->of((int) $user->id) : $user->$property;
			$same = $name === 'admin' ? (bool) (int) $now === (bool) $wanted[$name] : $this->same((string) $now, (string) $wanted[$name], $name);
			if (!$same) {
				$names[] = $name;
			}
		}
		return $names;
	}

	/**
	 * The application sees to it in its pages, and not where a user is changed by its class.
	 *
	 * @param int $id of the user that is to have it, 0 of a new one
	 * @throws Failure `email_taken`
	 */
	public function requireFreeAddress(string $login, string $address, int $id = 0): void
	{
		$rows = $address === '' ? array() : $this->application->rows(
			'SELECT login FROM '.$this->application->table('user').' WHERE email = '.$this->application->quote($address)
				.' AND entity IN (0, '.$this->application->entity().') AND rowid <> '.$id
		);
		if ($rows) {
			throw new Failure(
				'email_taken',
				'"'.$rows[0]['login'].'" has the e-mail address "'.$address.'" that "'.$login.'" is to have.',
				'Give each user an address of its own; to swap two, take one away first.'
			);
		}
	}

	/** The application trims all texts, writes addresses in lower case, and names as some settings say. */
	private function same(string $stored, string $wanted, string $name): bool
	{
		$wanted = trim($wanted);
		$global = $this->application->conf()->global;
		$other = !empty($global->MAIN_ALL_TO_UPPER) || !empty($global->MAIN_FIRST_TO_UPPER)
			|| !empty($global->MAIN_TE_PRIVATE_FIRST_AND_LASTNAME_TO_UPPER);
		if ($name === 'email' || ($other && in_array($name, array('lastname', 'firstname'), true))) {
			return mb_strtolower($stored) === mb_strtolower($wanted);
		}
		return $stored === $wanted;
	}

	/** Whether the password is another one, and now stored. */
	public function password(?\User $user, string $password): bool
	{
		if ($user !== null && Passwords::matches($password, $user->pass_indatabase_crypted)) {
			return false;
		}
		if ($user !== null && !$this->application->check()) {
			$result = $user->setPassword($this->application->administrator(), $password);
			if (!Passwords::matches($password, $this->stored($user)->pass_indatabase_crypted)) {
				throw new Failure(
					'password',
					'The password of "'.$user->login.'" was not stored (result '.(is_int($result) ? $result : 'text').'): '
						.Secrecy::tidy((string) $user->error, 300),
					'The site may have rules for passwords: see its security settings.'
				);
			}
		}
		return true;
	}

	/** Whether the user was not as asked for, and now is. */
	public function enabled(?\User $user, bool $enabled): bool
	{
		if ($user === null) {
			return !$enabled;
		}
		$changed = Versions::isEnabled($user) !== $enabled;
		if ($changed && !$this->application->check()) {
			$user->setstatus($enabled ? 1 : 0);
			if (Versions::isEnabled($this->stored($user)) !== $enabled) {
				throw new Failure(
					'user',
					'The user "'.$user->login.'" could not be '.($enabled ? 'enabled' : 'disabled').'.',
					'Mend the cause: '.Secrecy::tidy((string) $user->error, 300)
				);
			}
		}
		return $changed;
	}

	/** Whether the key is another one, and now stored; '' takes it away. */
	public function key(?\User $user, string $key): bool
	{
		if ($user !== null && $this->keys->holds($user, $key)) {
			return false;
		}
		if ($user !== null && !$this->application->check()) {
			$this->keys->store($user, $key);
		}
		return true;
	}

	private function stored(\User $user): \User
	{
		$again = new \User($this->application->db());
		if ($again->fetch((int) $user->id) <= 0) {
			throw new Failure('user', 'The user "'.$user->login.'" is gone.', 'Somebody else is at work; run again.');
		}
		return $again;
	}
}
