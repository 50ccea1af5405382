<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Installs the schema and the administrator with the application's own installer, finishes a half installation,
 * and leaves a whole one alone.
 */
class Installer
{
	/** How long to wait, in seconds, for an installation that another run has left behind. */
	const PATIENCE = 300;

	/** @var Target */
	private $target;
	/** @var resource */
	private $lock;

	public function __construct(Target $target)
	{
		$this->target = $target;
	}

	/**
	 * @param array<string, mixed> $arguments login, password (both for the administrator), language
	 * @return array<string, mixed>
	 * @throws Failure
	 */
	public function ensure(array $arguments, bool $check): array
	{
		$this->takeLock();
		$connection = new Connection($this->target);
		$before = SchemaState::read($connection, $this->target);
		$identity = new Identity($this->target, $before);
		$identity->requireNoOther();
		(new Losses($this->target, $connection, $before, !empty($arguments['installed'])))->requireNone();
		$answer = array(
			'changed' => false,
			'before' => $before->state(),
			'state' => $before->state(),
			'steps' => array(),
			'diff' => array('before' => $this->summary($before), 'after' => $this->summary($before)),
		);
		if ($before->state() === SchemaState::INSTALLED) {
			return $this->seal($answer, $identity, $check);
		}
		$this->requireSameVersion($before);
		if ($before->isOnlyMarked()) {
			return $this->removeMark($answer, $identity, $check);
		}
		$login = $this->administrator($before, (string) ($arguments['login'] ?? 'admin'));
		$password = (string) ($arguments['password'] ?? '');
		Secrecy::remember($password);
		Passwords::requireUsable($password);
		$answer['changed'] = true;
		if ($check) {
			$answer['state'] = $answer['diff']['after']['state'] = SchemaState::INSTALLED;
			return $answer;
		}
		$language = (string) ($arguments['language'] ?? 'en_US');
		if (!preg_match('/^[a-z]{2,3}_[A-Z]{2}$/', $language)) {
			throw new Failure('bad_language', "\"$language\" is no language code.", 'Write it like es_ES.');
		}
		$answer['steps'] = $this->runSteps($login, $password, $language);
		$after = SchemaState::read(new Connection($this->target), $this->target);
		$this->requireInstalled($after, $answer['steps'], max(1, count($before->administrators)));
		if (in_array($login, array_column($before->administrators, 'login'), true)) {
			// The installer keeps the password of an administrator that it finds.
			$wanted = array('password' => $password, 'admin' => true, 'existing' => true);
			$this->afterwards('set its password', array('user', 'ensure', $login), $wanted);
		}
		$answer['state'] = $after->state();
		$answer['administrator'] = $login;
		$answer['diff']['after'] = $this->summary($after);
		foreach ($answer['steps'] as $name => $step) {
			unset($answer['steps'][$name]['output']);
		}
		return $this->seal($answer, new Identity($this->target, $after), false);
	}

	/**
	 * Marks database and documents of an installed site as its own, the database first, and locks the installer.
	 *
	 * @param array<string, mixed> $answer
	 * @return array<string, mixed>
	 */
	private function seal(array $answer, Identity $identity, bool $check): array
	{
		$id = $this->target->instanceId() !== '';
		$unsigned = $id && $identity->state() === Identity::NONE;
		if ($unsigned && !$check) {
			$this->afterwards('sign its database', array('identity', 'adopt'), array());
		}
		$documents = new Documents($this->target);
		$marked = $id && $documents->ensureMark($identity->expected(), $check);
		$locked = $documents->ensureLock($check);
		$answer['changed'] = $unsigned || $marked || $locked || $answer['changed'];
		$answer['diff']['after'] = array('signed' => $id, 'install_lock' => true, 'documents_marked' => $id) + $answer['diff']['after'];
		return $answer;
	}

	/**
	 * To run the installer's last step again would do, but on PostgreSQL a statement that fails, since the modules are
	 * on already, takes the rest of its transaction with it.
	 *
	 * @param array<string, mixed> $answer
	 * @return array<string, mixed>
	 */
	private function removeMark(array $answer, Identity $identity, bool $check): array
	{
		if (!$check) {
			$this->afterwards('remove MAIN_NOT_INSTALLED', array('constant', 'unset', 'MAIN_NOT_INSTALLED'), array());
		}
		$answer['changed'] = true;
		$answer['state'] = $answer['diff']['after']['state'] = SchemaState::INSTALLED;
		return $this->seal($answer, $identity, $check);
	}

	/**
	 * Keeps two installers from working on one database: one that was orphaned by a killed run goes on for seconds.
	 */
	private function takeLock(): void
	{
		$lock = fopen($this->target->confPath(), 'r');
		if ($lock === false) {
			throw new Failure('conf', 'Could not open conf.php.', 'Run the application role, which writes it.');
		}
		$this->lock = $lock;
		$until = microtime(true) + self::PATIENCE;
		while (!flock($this->lock, LOCK_EX | LOCK_NB)) {
			if (microtime(true) > $until) {
				throw new Failure('busy', 'Another installation of this site has been running for minutes.', 'Look for php … installer_step.php and end it.');
			}
			usleep(200000);
		}
	}

	/** The login to install with: a second administrator is never made. */
	private function administrator(SchemaState $state, string $wanted): string
	{
		$logins = array_column($state->administrators, 'login');
		foreach ($logins as $login) {
			if (strcasecmp($login, $wanted) === 0) {
				return $login;
			}
		}
		if ($logins) {
			return $logins[0];
		}
		if (in_array(strtolower($wanted), array_map('strtolower', $state->logins), true)) {
			throw new Failure(
				'no_administrator',
				"The half installed database has a user \"$wanted\" who is no administrator, and no administrator.",
				'Restore a backup, or empty the database and run again.'
			);
		}
		return $wanted;
	}

	private function requireSameVersion(SchemaState $state): void
	{
		$recorded = $state->installedVersion();
		if ($recorded !== null && $recorded !== $this->target->version()) {
			throw new Failure(
				'other_version',
				"The half installed database is of version $recorded, the code is ".$this->target->version().'.',
				'Install with the code of that version first, then upgrade.',
				array('reasons' => $state->reasons)
			);
		}
	}

	/**
	 * @return array<string, array{seconds: float, exit: int, output: string}>
	 */
	private function runSteps(string $login, string $password, string $language): array
	{
		if (!is_dir($this->target->dataRoot()) || !is_writable($this->target->dataRoot())) {
			throw new Failure(
				'documents',
				$this->target->dataRoot().' is no folder that the site\'s user can write to.',
				'Run the application role, which makes it.'
			);
		}
		// The installer does nothing, and says so with exit code 0, when its lock is there. The state is not
		// "installed", so the lock is the remainder of something that failed.
		if (is_file($this->target->lockPath()) && !unlink($this->target->lockPath())) {
			throw new Failure('locked', 'Could not remove '.$this->target->lockPath().'.', 'Remove it by hand.');
		}
		$shadow = new InstallerShadow($this->target);
		try {
			$steps = $this->schema($shadow, $language);
			$state = SchemaState::read(new Connection($this->target), $this->target);
			if (!$state->tables || $state->missingTables || $state->countries === 0) {
				$this->requireInstalled($state, $steps, 1);
			}
			$arguments = array('0', '0', $language, 'set', $login, $password, $password, '440');
			$steps['step5'] = $shadow->run('step5', $arguments, $this->lock);
		} finally {
			$shadow->discard();
		}
		return $steps;
	}

	/**
	 * The second step; or, when an earlier run has come to loading reference data, only the files that are missing.
	 *
	 * @return array<string, array{seconds: float, exit: int, output: string}>
	 */
	private function schema(InstallerShadow $shadow, string $language): array
	{
		$connection = new Connection($this->target);
		$missing = ReferenceData::missing($connection, $this->target);
		$state = SchemaState::read($connection, $this->target);
		if ($state->missingTables || count($missing) === count(ReferenceData::files($this->target))) {
			return array('step2' => $shadow->run('step2', array('set', $language), $this->lock));
		}
		// Tables, keys and functions come before the first file, so they are complete.
		$steps = array();
		foreach ($missing as $file) {
			$only = array('createtables' => '0', 'createkeys' => '0', 'createfunctions' => '0', 'createdata' => $file);
			$steps['step2 '.$file] = $shadow->run('step2', array('set', $language), $this->lock, $only);
		}
		return $steps;
	}

	/**
	 * @param array<string, array{seconds: float, exit: int, output: string}> $steps
	 */
	private function requireInstalled(SchemaState $state, array $steps, int $administrators): void
	{
		$wrong = $state->reasons;
		if (!$wrong && $state->installedVersion() !== $this->target->version()) {
			$wrong[] = 'the recorded version is '.$state->installedVersion().', not '.$this->target->version();
		}
		if (!$wrong && count($state->administrators) !== $administrators) {
			$wrong[] = 'there are '.count($state->administrators)." administrators instead of $administrators";
		}
		if ($wrong) {
			$said = array();
			foreach ($steps as $name => $step) {
				$said[] = "$name (exit {$step['exit']}): ".($step['output'] === '' ? 'no complaint' : $step['output']);
			}
			throw new Failure(
				'not_installed',
				'The installer has run, but the site is not installed: '.implode('; ', $wrong).'.',
				'Mend what the installer complained about and run again; or empty the database and begin anew.',
				array('installer' => $said, 'missing_tables' => array_slice($state->missingTables, 0, 10))
			);
		}
	}

	/**
	 * Another command on the same site, in a process of its own, since this one must not start the application.
	 *
	 * @param string[]             $words
	 * @param array<string, mixed> $given
	 */
	private function afterwards(string $purpose, array $words, array $given): void
	{
		$process = proc_open(
			array_merge(array(PHP_BINARY, dirname(__DIR__).'/miclinik-bridge', '--root', $this->target->root(), '--stdin'), $words),
			array(0 => array('pipe', 'r'), 1 => array('pipe', 'w'), 2 => array('file', '/dev/null', 'w')),
			$pipes
		);
		if (!is_resource($process)) {
			throw new Failure('installer', 'Could not start '.PHP_BINARY.'.', 'Check the memory and the limits of the host.');
		}
		fwrite($pipes[0], (string) json_encode($given ?: new \stdClass()));
		fclose($pipes[0]);
		$answer = json_decode((string) stream_get_contents($pipes[1]), true);
		proc_close($process);
		if (!is_array($answer) || empty($answer['ok'])) {
			$error = $answer['error'] ?? array();
			throw new Failure(
				$error['code'] ?? 'installer',
				"The site is installed, but to $purpose failed: ".($error['message'] ?? 'no answer'),
				$error['mend'] ?? 'Run: miclinikctl '.implode(' ', $words)
			);
		}
	}

	/**
	 * @return array<string, mixed>
	 */
	private function summary(SchemaState $state): array
	{
		clearstatcache();
		return array(
			'state' => $state->state(),
			'version' => $state->installedVersion(),
			'administrators' => array_column($state->administrators, 'login'),
			'signed' => isset($state->constants[Identity::CONSTANT]),
			'documents_marked' => (new Documents($this->target))->mark() !== null,
			'install_lock' => is_file($this->target->lockPath()),
		);
	}
}
