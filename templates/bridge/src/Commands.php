<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * From a command's name and arguments to the class that does it.
 */
class Commands
{
	/** Commands that do not start the application. */
	const WITHOUT_APPLICATION = array('help', 'status', 'install');

	/** Commands that only read, and of whatever database they find: nobody is kept from looking. */
	const READING = array(
		'constant list', 'constant all', 'key holder', 'company show', 'dictionary list', 'dictionary changed', 'extrafield list', 'numbering show', 'rights default',
		'module list', 'module try', 'constant get', 'user list', 'user show', 'group list', 'group show', 'rights list', 'right list',
		'cron list',
	);

	/** Names of the words that follow a command on the command line; `...` takes the rest. */
	const WORDS = array(
		'help' => array(),
		'status' => array(),
		'install' => array(),
		'batch' => array(),
		'identity adopt' => array(),
		'identity replace' => array(),
		'module list' => array(),
		'module try' => array('name'),
		'module enable' => array('names...'),
		'module disable' => array('names...'),
		'constant get' => array('name'),
		'constant set' => array('name', 'value?'),
		'constant unset' => array('name'),
		'constant list' => array(),
		'constant all' => array(),
		'company ensure' => array(),
		'company show' => array(),
		'dictionary list' => array('name?'),
		'dictionary changed' => array(),
		'dictionary ensure' => array(),
		'extrafield list' => array(),
		'extrafield ensure' => array(),
		'numbering show' => array(),
		'numbering ensure' => array(),
		'rights default' => array(),
		'rights ensure-default' => array(),
		'user list' => array(),
		'user show' => array('login'),
		'user ensure' => array('login'),
		'user disable' => array('login'),
		'user remove' => array('login'),
		'group list' => array(),
		'group show' => array('name'),
		'group ensure' => array('name'),
		'group remove' => array('name'),
		'rights list' => array('login?'),
		'right list' => array('login?'),
		'rights ensure' => array('login'),
		'key holder' => array(),
		'key show' => array('login'),
		'key set' => array('login'),
		'key rotate' => array('login'),
		'key remove' => array('login'),
		'cron list' => array(),
		'cron run' => array(),
		'cron job' => array('id'),
		'mail test' => array('address'),
		'webhook ensure' => array(),
	);

	/**
	 * Splits the words of a command line into the command and its arguments.
	 *
	 * @param string[] $words
	 * @return array{0: string, 1: array<string, mixed>}
	 */
	public static function parse(array $words): array
	{
		if (!$words) {
			throw new Failure('usage', 'No command is given.', 'See: miclinikctl help');
		}
		$command = $words[0];
		$rest = array_slice($words, 1);
		if (!isset(self::WORDS[$command]) && $rest) {
			$command .= ' '.array_shift($rest);
		}
		self::requireKnown($command);
		$arguments = array();
		foreach (self::WORDS[$command] as $name) {
			if (substr($name, -3) === '...') {
				$arguments[substr($name, 0, -3)] = $rest;
				$rest = array();
			} elseif ($rest) {
				$arguments[rtrim($name, '?')] = array_shift($rest);
			} elseif (substr($name, -1) !== '?') {
				throw new Failure('usage', "The command \"$command\" wants: $name.", 'See: miclinikctl help');
			}
		}
		if ($rest) {
			throw new Failure('usage', "The command \"$command\" does not take: ".implode(' ', $rest).'.', 'See: miclinikctl help');
		}
		return array($command, $arguments);
	}

	public static function requireKnown(string $command): void
	{
		if (!isset(self::WORDS[$command])) {
			$near = Nearness::of($command, array_keys(self::WORDS), 3);
			throw new Failure('usage', "There is no command \"$command\".", 'Near: '.implode('; ', $near).'.');
		}
	}

	/** The value of --entity, which commands without an entity would leave unseen. */
	public static function entity(string $command, string $value): string
	{
		if (strpos($command, 'constant ') !== 0 && $command !== 'cron job') {
			throw new Failure('usage', "The command \"$command\" does not take --entity.", 'See: miclinikctl help');
		}
		return $value;
	}

	/**
	 * @param array<string, mixed> $arguments
	 * @return array<string, mixed> with "changed"
	 */
	public static function run(Application $application, string $command, array $arguments): array
	{
		$login = (string) ($arguments['login'] ?? '');
		$rest = array_diff_key($arguments, array('login' => true));
		$entity = isset($arguments['entity']) ? (int) $arguments['entity'] : null;
		$everywhere = !empty($arguments['everywhere']);
		$name = (string) ($arguments['name'] ?? '');
		switch ($command) {
			case 'module list':
				return (new Modules($application))->list(isset($arguments['declared']) ? (array) $arguments['declared'] : null);
			case 'module try':
				return ModuleTrial::of($application, $name);
			case 'module enable':
				return (new Modules($application))->enable((array) ($arguments['names'] ?? array()), !empty($arguments['asked']), !empty($arguments['exact']));
			case 'module disable':
				return (new Modules($application))->disable((array) ($arguments['names'] ?? array()));
			case 'constant get':
				return (new Constants($application))->get($name, $entity);
			case 'constant set':
				return (new Constants($application))->set($name, $arguments['value'] ?? null, $entity, $everywhere, !empty($arguments['holding']));
			case 'constant unset':
				return (new Constants($application))->unset($name, $entity, $everywhere);
			case 'company ensure':
				return (new Company($application))->ensure($arguments);
			case 'constant list':
				return (new ConstantList($application))->list($entity);
			case 'constant all':
				return ConstantTable::of($application);
			case 'company show':
				return (new CompanyFacts($application))->show();
			case 'dictionary list':
				return (new Dictionaries($application))->list($name);
			case 'dictionary changed':
				return (new DictionaryChanges($application))->list();
			case 'dictionary ensure':
				return (new Dictionaries($application))->ensure((array) ($arguments['dictionaries'] ?? array()));
			case 'extrafield list':
				return (new ExtraFields($application))->list();
			case 'extrafield ensure':
				return (new ExtraFields($application))->ensure((array) ($arguments['extra_fields'] ?? array()));
			case 'numbering show':
				return (new Numbering($application))->show();
			case 'numbering ensure':
				return (new Numbering($application))->ensure((array) ($arguments['numbering'] ?? array()));
			case 'rights default':
				return (new DefaultRights($application))->list();
			case 'rights ensure-default':
				return (new DefaultRights($application))->ensure((array) ($arguments['default_rights'] ?? array()));
			case 'user list':
				return (new Users($application))->list();
			case 'user show':
				return (new Users($application))->show($login);
			case 'user ensure':
				return (new Users($application))->ensure($login, $rest);
			case 'user disable':
				return (new UserEnd($application))->disable($login);
			case 'user remove':
				return (new UserEnd($application))->remove($login);
			case 'group list':
				return (new Groups($application))->facts()->list();
			case 'group show':
				return (new Groups($application))->facts()->show($name);
			case 'group ensure':
				return (new Groups($application))->ensure($name, array_diff_key($arguments, array('name' => true)));
			case 'group remove':
				return (new Groups($application))->remove($name);
			case 'rights list':
			case 'right list':
				return self::listRights($application, $login);
			case 'rights ensure':
				return (new Users($application))->ensureRights($login, (array) ($arguments['rights'] ?? array()), (bool) ($arguments['exact'] ?? true));
			case 'key show':
				return (new UserKeys($application))->showKey($login, !empty($arguments['reveal']));
			case 'key holder':
				return (new UserKeys($application))->holder((string) ($arguments['key'] ?? ''));
			case 'key set':
				$key = isset($arguments['key']) ? (string) $arguments['key'] : null;
				return (new UserKeys($application))->setKey($login, $key, !empty($arguments['reveal']));
			case 'key rotate':
				return (new UserKeys($application))->setKey($login, null, !empty($arguments['reveal']));
			case 'key remove':
				return (new UserKeys($application))->removeKey($login);
			case 'cron list':
				return (new Jobs($application))->list();
			case 'cron run':
				return (new Jobs($application))->run(!empty($arguments['alone']));
			case 'cron job':
				return (new Jobs($application))->runOne((int) ($arguments['id'] ?? 0));
			case 'mail test':
				return (new Mail($application))->test((string) ($arguments['address'] ?? ''));
			case 'webhook ensure':
				return (new Webhooks($application))->ensure((array) ($arguments['targets'] ?? array()));
		}
		throw new Failure('usage', "The command \"$command\" cannot be part of a batch.", 'See: miclinikctl help');
	}

	/**
	 * @return array<string, mixed>
	 */
	private static function listRights(Application $application, string $login): array
	{
		$rights = new Rights($application);
		$user = $login === '' ? null : (new Users($application))->get($login);
		$names = array_values($user === null ? $rights->names()->defined() : $rights->of((int) $user->id));
		sort($names);
		$answer = array('changed' => false, 'rights' => $names);
		if ($user !== null) {
			$answer += array('login' => $login, 'held' => (new RightSources($application))->of($user) ?: new \stdClass());
		}
		return $answer;
	}

	/**
	 * @param mixed $orders the list from standard input
	 * @return array<string, mixed>
	 */
	public static function runBatch(Application $application, $orders): array
	{
		if (!is_array($orders) || array_keys($orders) !== array_keys(array_keys($orders))) {
			throw new Failure('usage', 'A batch wants a JSON list on standard input.', 'See: miclinikctl help');
		}
		foreach ($orders as $order) {
			if (!is_array($order) || !is_string($order['command'] ?? null) || !is_array($order['args'] ?? array())) {
				throw new Failure('usage', 'An entry of a batch has "command" and "args".', 'See: miclinikctl help');
			}
			self::requireKnown($order['command']);
			Kinds::check($order['args'] ?? array());
		}
		$answers = array();
		foreach ($orders as $index => $order) {
			try {
				$answers[] = array('command' => $order['command']) + self::run($application, $order['command'], $order['args'] ?? array());
			} catch (Failure $failure) {
				throw new BatchFailure($failure, $index, $order['command'], $answers);
			}
		}
		return array('changed' => in_array(true, array_column($answers, 'changed'), true), 'answers' => $answers);
	}
}
