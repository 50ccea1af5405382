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
	/** @var Application */
	private $application;
	/** @var ApiKeys */
	private $keys;

	public function __construct(Application $application, ApiKeys $keys)
	{
		$this->application = $application;
		$this->keys = $keys;
	}

	/**
	 * @param array<string, mixed> $wanted lastname, firstname, email, admin; what is absent stays
	 * @return string[] what differed, and is now stored
	 */
	public function profile(?\User $user, array $wanted, bool $new): array
	{
		$changes = array();
		foreach (array('lastname', 'firstname', 'email', 'admin') as $name) {
			if (!isset($wanted[$name]) || $user === null || $new) {
				continue;
			}
			$value = $name === 'admin' ? (int) (bool) $wanted[$name] : (string) $wanted[$name];
			if ($name === 'admin' ? (int) $user->admin !== $value : !$this->same((string) $user->$name, (string) $value)) {
				$user->$name = $value;
				$changes[] = $name;
			}
		}
		if (in_array('admin', $changes, true) && !$user->admin) {
			$this->requireAnotherAdministrator($user);
			// Of an administrator the application reads entity 0, which is all of them, and would store it.
			$user->entity = (int) $user->entity ?: $this->application->entity();
		}
		if ($user !== null && !$new && $this->isElsewhere($user)) {
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
			if (in_array('admin', $changes, true) && (int) $this->stored($user)->admin !== (int) $user->admin) {
				throw new Failure('user', 'The administrator\'s flag of "'.$user->login.'" was not stored.', 'Change it on the user\'s card.');
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

	/** Without an administrator nobody could set anything any more, the bridge included. */
	private function requireAnotherAdministrator(\User $user): void
	{
		$others = $this->application->rows(
			'SELECT rowid FROM '.$this->application->table('user').' WHERE admin = 1 AND statut = 1 AND rowid <> '.(int) $user->id
		);
		if (!$others) {
			throw new Failure(
				'last_administrator',
				'"'.$user->login.'" is the only administrator who can log in, and would be none any more.',
				'Enable or make another administrator in the pages first.'
			);
		}
	}

	/** Some set-ups store names in another case. */
	private function same(string $stored, string $wanted): bool
	{
		$global = $this->application->conf()->global;
		if (!empty($global->MAIN_ALL_TO_UPPER) || !empty($global->MAIN_FIRST_TO_UPPER)) {
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
