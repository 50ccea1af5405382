<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Whether a database is the site's own, told by a sign in it that follows from the site's instance id.
 *
 * The application encrypts keys with that id, so a database is of use only together with its id: the sign stays right
 * through restores, moves and changes of names.
 */
class Identity
{
	const CONSTANT = 'MICLINIK_SITE_SIGN';
	/** What the hash is made with; plugins/module_utils/application/identity.py has the same. */
	const CONTEXT = 'miclinik.hosting: sign of a site';

	const OURS = 'ours';
	const OTHER = 'other';
	/** A database without a sign: of an installation that no run has seen yet. */
	const NONE = 'none';
	/** The database has a sign, and conf.php has no id to compare it with. */
	const UNKNOWN = 'unknown';

	/** @var Target */
	private $target;
	/** @var string */
	private $seen;

	public function __construct(Target $target, SchemaState $state)
	{
		$this->target = $target;
		$this->seen = $state->constants[self::CONSTANT] ?? '';
	}

	public static function sign(string $id): string
	{
		return hash('sha256', self::CONTEXT."\n".$id);
	}

	public function expected(): string
	{
		return self::sign($this->target->instanceId());
	}

	public function state(): string
	{
		if ($this->seen === '') {
			return self::NONE;
		}
		if ($this->target->instanceId() === '') {
			return self::UNKNOWN;
		}
		return hash_equals($this->expected(), $this->seen) ? self::OURS : self::OTHER;
	}

	/**
	 * Stops whatever would write into a database that says that it is another site's.
	 *
	 * @throws Failure `other_site`, `no_instance_id`
	 */
	public function requireNoOther(): void
	{
		$database = 'The database "'.$this->target->conf('db_name').'" on "'.$this->target->conf('db_host').'"';
		$other = $this->target->factsDatabase();
		if ($this->state() === self::NONE && $other !== null && $other !== $this->target->conf('db_name')) {
			throw new Failure(
				'other_site',
				"$database has no sign yet, and ".$this->target->label()." has its data in \"$other\", as its site.json says.",
				'Nothing was written. Run the application role, which writes conf.php anew; where the data has been moved on purpose,'
					.' name the database in the inventory.'
			);
		}
		if ($this->state() === self::UNKNOWN) {
			throw new Failure(
				'no_instance_id',
				"$database is signed, and conf.php of ".$this->target->label().' has no $dolibarr_main_instance_unique_id to compare with.',
				'Nothing was written. Run the application role, which writes the id on record into conf.php.'
			);
		}
		if ($this->state() === self::OTHER) {
			throw new Failure(
				'other_site',
				"$database is another site's: expected the sign of ".$this->target->label().', '.substr($this->expected(), 0, 12)
					.'…, which follows from the id in conf.php; seen '.substr($this->seen, 0, 12).'….',
				'Nothing was written. Give the site its own database back: look at db_name, db_user and the id in conf.php, at'
					.' database in the inventory, and at what was restored last. If this database is to be the site\'s from now on,'
					.' put the id that it came with into secrets.json and conf.php, which keeps its API keys; or, where that id is'
					.' lost, run: '.$this->target->command('identity replace')
			);
		}
	}

	/**
	 * The last doubt about a database without a sign: what is encrypted in it has to open with the site's id.
	 *
	 * One value that opens is enough, since that id has been in use with this database then; older values may be dead.
	 *
	 * @throws Failure `other_site`
	 */
	public function requirePlausible(Application $application): void
	{
		if ($this->state() !== self::NONE) {
			return;
		}
		list($readable, $unreadable) = self::encrypted($application);
		if ($unreadable && !$readable) {
			throw new Failure(
				'other_site',
				'The database "'.$this->target->conf('db_name').'" has no sign yet, and none of '.count($unreadable).' encrypted'
					.' values in it opens with the id in conf.php of '.$this->target->label().': '.implode(', ', array_slice($unreadable, 0, 4)).'.',
				'Nothing was written. Either it is another site\'s database, or the id in conf.php is not the one it was made with:'
					.' look for that in an older conf.php (a backup, an old release) and declare it as instance_unique_id, in place'
					.' of a mistyped one. Where it is lost for good, run: '.$this->target->command('identity replace')
			);
		}
	}

	/**
	 * Writes the sign.
	 *
	 * @return array<string, mixed>
	 * @throws Failure `constant`
	 */
	public function write(Application $application): array
	{
		if ($this->target->instanceId() === '') {
			throw new Failure('no_instance_id', 'conf.php has no $dolibarr_main_instance_unique_id.', 'Run the application role, which writes it.');
		}
		$answer = (new Constants($application))->set(self::CONSTANT, $this->expected(), 0);
		$unreadable = self::encrypted($application)[1];
		return array('changed' => $answer['changed'], 'was' => $this->state(), 'unreadable' => $unreadable);
	}

	/**
	 * The encrypted values of the database by where they are: those that open with the site's id, and those that do not.
	 *
	 * The cipher has no check sum, so a wrong key gives random bytes: text of eight characters and more is no chance.
	 *
	 * @return array{0: string[], 1: string[]}
	 */
	private static function encrypted(Application $application): array
	{
		$found = array(array(), array());
		if (!function_exists('dolDecrypt')) {
			return $found;
		}
		$rows = $application->rows(
			'SELECT login AS place, api_key AS value FROM '.$application->table('user')." WHERE api_key LIKE 'dolcrypt:%'"
		);
		$rows = array_merge($rows, $application->rows(
			'SELECT name AS place, value FROM '.$application->table('const')." WHERE value LIKE 'dolcrypt:%'"
		));
		foreach ($rows as $row) {
			$clear = dolDecrypt((string) $row['value']);
			$isText = is_string($clear) && preg_match('/^[^\x00-\x1F\x7F]{8,}$/u', $clear) === 1 && strpos($clear, 'dolcrypt:') !== 0;
			$found[$isText ? 0 : 1][] = (string) $row['place'];
		}
		return $found;
	}
}
