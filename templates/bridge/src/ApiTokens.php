<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The table in which version 24 looks for API keys where API_IN_TOKEN_TABLE is set. A user's key stands in the user's
 * own row as well, then: the login endpoint gives it from there, and it goes on working when the switch is set back.
 */
class ApiTokens
{
	const SWITCH_NAME = 'API_IN_TOKEN_TABLE';

	/** @var Application */
	private $application;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	/** Whether the application looks for keys in the table. */
	public function inUse(): bool
	{
		return Versions::has(DOL_VERSION, 'token_table') && (bool) getDolGlobalString(self::SWITCH_NAME);
	}

	/** Whether the application finds this key of the user in the table. */
	public function holds(\User $user, string $key): bool
	{
		foreach ($this->rowsOf($key) as $row) {
			if ((int) $row['fk_user'] === (int) $user->id && (int) $row['entity'] === self::entity($user)) {
				return true;
			}
		}
		return false;
	}

	/** The id of another user with this key, null when there is none. */
	public function takenBy(string $key, int $except): ?int
	{
		foreach ($this->rowsOf($key) as $row) {
			if ((int) $row['fk_user'] !== $except) {
				return (int) $row['fk_user'];
			}
		}
		return null;
	}

	/**
	 * Puts the key of a user in the place of the former one; those that people have added in the pages stay.
	 *
	 * @param string $key '' takes the former one away
	 * @throws Failure `key`
	 */
	public function replace(\User $user, string $former, string $key): void
	{
		if (!Versions::has(DOL_VERSION, 'token_table')) {
			return;
		}
		// With the switch off too: a key that was taken back must not come alive when the switch is set again.
		if ($former !== '' && $former !== $key) {
			$this->remove($user, $former);
		}
		if ($key !== '' && $this->inUse() && !$this->holds($user, $key)) {
			$this->add($user, $key);
		}
	}

	/** Lets the keys of all users go on working when the switch has been set. */
	public function carryOver(): void
	{
		if (!$this->inUse()) {
			return;
		}
		$table = $this->application->table('user');
		foreach ($this->application->rows("SELECT rowid FROM $table WHERE api_key IS NOT NULL ORDER BY rowid") as $row) {
			$user = new \User($this->application->db());
			if ($user->fetch((int) $row['rowid']) > 0 && (string) $user->api_key !== '') {
				Secrecy::remember((string) $user->api_key);
				$this->replace($user, '', (string) $user->api_key);
			}
		}
	}

	private function add(\User $user, string $key): void
	{
		$token = new ApiToken($this->application->db());
		$token->token = $token->tokenstring = dolEncrypt($key, '', '', 'dolibarr');
		$token->fk_user = (int) $user->id;
		$token->entity = self::entity($user);
		$token->createCommon($this->application->administrator(), 1);
		if (!$this->holds($user, $key)) {
			throw $this->failure($user, $token, 'was not written to');
		}
	}

	private function remove(\User $user, string $key): void
	{
		foreach ($this->rowsOf($key) as $row) {
			if ((int) $row['fk_user'] === (int) $user->id) {
				$token = new ApiToken($this->application->db());
				$token->id = (int) $row['rowid'];
				$token->deleteCommon($this->application->administrator(), 1);
				$gone = array_column($this->rowsOf($key), 'rowid');
				if (in_array($row['rowid'], $gone, true)) {
					throw $this->failure($user, $token, 'was not removed from');
				}
			}
		}
	}

	private function failure(\User $user, ApiToken $token, string $seen): Failure
	{
		return new Failure(
			'key',
			'The API key of "'.$user->login."\" $seen the table of tokens: "
				.Secrecy::tidy(implode('; ', array_merge(array((string) $token->error), $token->errors)), 300),
			'Check the privileges of the database user.'
		);
	}

	/**
	 * @return array<int, array<string, string|null>> the rows that hold this key, as the API compares them
	 */
	private function rowsOf(string $key): array
	{
		$rows = $this->application->rows(
			'SELECT rowid, fk_user, entity, tokenstring FROM '.$this->application->table('oauth_token')
				.' WHERE service = '.$this->application->quote(ApiToken::SERVICE).' AND tokenstring IS NOT NULL'
		);
		return array_values(array_filter($rows, static function (array $row) use ($key): bool {
			return (string) dolDecrypt((string) $row['tokenstring']) === $key;
		}));
	}

	private static function entity(\User $user): int
	{
		return (int) $user->entity ?: 1;
	}
}
