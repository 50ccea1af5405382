<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * API keys, stored through the application's classes where the version at hand looks for them, and read back.
 */
class ApiKeys
{
	/** @var Application */
	private $application;
	/** @var ApiTokens */
	private $tokens;

	public function __construct(Application $application)
	{
		$this->application = $application;
		$this->tokens = new ApiTokens($application);
	}

	public static function make(): string
	{
		return bin2hex(random_bytes(20));
	}

	public static function isUsable(string $key): bool
	{
		// 64 characters: encrypted, the column holds no longer ones. The rest is what survives the API's own filters.
		return preg_match('/^[A-Za-z0-9_.-]{16,64}$/', $key) === 1;
	}

	/**
	 * @throws Failure `bad_key`
	 */
	public static function requireUsable(string $key): void
	{
		Secrecy::remember($key);
		if (!self::isUsable($key)) {
			throw new Failure(
				'bad_key',
				'The API key is missing, or not of 16 to 64 letters, digits, "_", "." and "-".',
				'Give another one as "key" on standard input.'
			);
		}
	}

	/** Whether the user has this key, where the application looks for it. */
	public function holds(\User $user, string $key): bool
	{
		return (string) $user->api_key === $key && ($key === '' || !$this->tokens->inUse() || $this->tokens->holds($user, $key));
	}

	/**
	 * Stores the key of a user.
	 *
	 * @param string $key '' takes the key away
	 * @throws Failure `key`
	 */
	public function store(\User $user, string $key): void
	{
		if ($key !== '') {
			self::requireUsable($key);
			$this->requireUnused($key, (int) $user->id);
			$this->requireInstanceId();
		}
		$former = (string) $user->api_key;
		Secrecy::remember($former);
		$user->api_key = $key;
		$result = $user->update($this->application->administrator());
		$after = new \User($this->application->db());
		if ($after->fetch((int) $user->id) <= 0 || (string) $after->api_key !== $key) {
			throw new Failure(
				'key',
				'The API key of "'.$user->login.'" was not stored as given (result '.$result.'): '
					.Secrecy::tidy((string) $user->error, 300),
				'Check that instance_unique_id in conf.php is set and that the openssl extension is there.'
			);
		}
		$this->tokens->replace($user, $former, $key);
	}

	/** The login of another user than $except who has this key, null when nobody has. */
	public function holder(string $key, int $except): ?string
	{
		$table = $this->application->table('user');
		foreach ($this->application->rows("SELECT rowid, login, api_key FROM $table WHERE api_key IS NOT NULL") as $row) {
			$stored = (string) $row['api_key'];
			if ((int) $row['rowid'] !== $except && ($stored === $key || Versions::clearKey($stored) === $key)) {
				return (string) $row['login'];
			}
		}
		$other = $this->tokens->inUse() ? $this->tokens->takenBy($key, $except) : null;
		if ($other === null) {
			return null;
		}
		$rows = $this->application->rows("SELECT login FROM $table WHERE rowid = $other");
		return $rows ? (string) $rows[0]['login'] : "with the id $other";
	}

	/** Two users cannot share a key; the application would answer with a bare SQL error. */
	private function requireUnused(string $key, int $except): void
	{
		$holder = $this->holder($key, $except);
		if ($holder !== null) {
			throw self::taken($holder);
		}
	}

	public static function taken(string $holder): Failure
	{
		return new Failure('key_taken', "The user \"$holder\" has the same API key.", 'Give each user a key of its own.');
	}

	/** Where keys are encrypted, the key to them is the instance's id: without it they could be read by anybody. */
	private function requireInstanceId(): void
	{
		if (Versions::encryptsKeys() && $this->application->target()->conf('instance_unique_id') === '') {
			throw new Failure(
				'no_instance_id',
				'conf.php has no $dolibarr_main_instance_unique_id, on which the encrypted keys depend.',
				'Run the application role, which writes it once and keeps it.'
			);
		}
	}

	/** How the key is stored: "encrypted", "clear" or null when there is none. */
	public function stored(int $user): ?string
	{
		$rows = $this->application->rows('SELECT api_key FROM '.$this->application->table('user')." WHERE rowid = $user");
		return self::kind($rows ? (string) $rows[0]['api_key'] : '');
	}

	/** Of which kind what is stored of a key is: as stored() says it. */
	public static function kind(string $stored): ?string
	{
		if ($stored === '') {
			return null;
		}
		return strpos($stored, 'dolcrypt:') === 0 ? 'encrypted' : 'clear';
	}
}
