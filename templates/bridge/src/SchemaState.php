<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * How far the installation has come, judged by what is in the database and by nothing else: the installer's
 * exit codes and its output say "fine" in many cases where it did nothing.
 */
class SchemaState
{
	const NONE = 'none';
	const PARTIAL = 'partial';
	const INSTALLED = 'installed';

	/** @var string[] */
	public $tables = array();
	/** @var string[] */
	public $missingTables = array();
	/** @var array<string, string> the constants of entity 0 and 1 by name, the latter winning as in the application */
	public $constants = array();
	/** @var array<int, array{id: int, login: string, enabled: bool}> */
	public $administrators = array();
	/** @var string[] */
	public $logins = array();
	/** @var int */
	public $countries = 0;
	/** @var string[] what keeps the state from being "installed" */
	public $reasons = array();

	/**
	 * @throws Failure `database`, `tables_of_others`
	 */
	public static function read(Connection $connection, Target $target): self
	{
		$state = new self();
		$prefix = $target->prefix();
		$state->tables = $connection->tables($prefix);
		$there = array_flip($state->tables);
		self::requireOwn($connection, $target);
		if (isset($there[$prefix.'const'])) {
			$sql = "SELECT name, value FROM {$prefix}const WHERE entity IN (0, 1) ORDER BY entity";
			foreach ($connection->rows($sql) as $row) {
				$state->constants[(string) $row[0]] = (string) $row[1];
			}
		}
		if (isset($there[$prefix.'user'])) {
			$sql = "SELECT rowid, login, admin, statut FROM {$prefix}user ORDER BY rowid";
			foreach ($connection->rows($sql) as $row) {
				$state->logins[] = (string) $row[1];
				if ((int) $row[2] === 1) {
					$state->administrators[] = array(
						'id' => (int) $row[0], 'login' => (string) $row[1], 'enabled' => (int) $row[3] === 1,
					);
				}
			}
		}
		if (isset($there[$prefix.'c_country'])) {
			$state->countries = (int) $connection->value("SELECT count(*) FROM {$prefix}c_country");
		}
		$state->judge($target, $there);
		return $state;
	}

	/**
	 * Dumps that a superuser has restored leave tables that the site may not read, or not change.
	 *
	 * @throws Failure `tables_of_others`
	 */
	private static function requireOwn(Connection $connection, Target $target): void
	{
		$owners = $connection->otherOwners($target->prefix());
		if ($owners) {
			$user = $target->conf('db_user');
			$like = str_replace('_', '\\_', $target->prefix()).'%';
			throw new Failure(
				'tables_of_others',
				array_sum($owners).' tables of the database "'.$target->conf('db_name').'" belong to "'
					.implode('", "', array_keys($owners))."\", not to \"$user\".",
				'Nothing was changed. Give them to the site\'s user, as the server\'s administrator, by psql in that database: SELECT'
					." format('ALTER TABLE %s OWNER TO \"$user\"', oid::regclass) FROM pg_class WHERE relkind IN ('r', 'p') AND relname"
					." LIKE '$like' \\gexec"
			);
		}
	}

	/**
	 * @param array<string, int> $there names of the tables as keys
	 */
	private function judge(Target $target, array $there): void
	{
		if (!$this->tables) {
			$this->reasons[] = 'the database holds no table of the application';
			return;
		}
		if ($this->installedVersion() === null) {
			$this->reasons[] = 'no version is recorded (MAIN_VERSION_LAST_INSTALL)';
		}
		if (!empty($this->constants['MAIN_NOT_INSTALLED'])) {
			$this->reasons[] = 'the installer left its mark MAIN_NOT_INSTALLED';
		}
		if (!$this->administrators) {
			$this->reasons[] = 'there is no administrator';
		}
		if ($this->countries === 0) {
			$this->reasons[] = 'the reference data is missing (no country)';
		}
		// Only while something is wrong: later on a table more or less is the business of upgrades and modules.
		if ($this->reasons) {
			foreach ($this->wantedTables($target) as $table) {
				if (!isset($there[$table])) {
					$this->missingTables[] = $table;
				}
			}
			if ($this->missingTables) {
				$this->reasons[] = count($this->missingTables).' tables are missing';
			}
		}
	}

	/**
	 * The tables that this version's installer makes. Files whose names hold a dash belong to optional modules, which
	 * bring their tables when they are switched on.
	 *
	 * @return string[]
	 */
	private function wantedTables(Target $target): array
	{
		$tables = array();
		foreach (glob($target->root().'/install/mysql/tables/llx_*.sql') ?: array() as $file) {
			$name = basename($file, '.sql');
			if (substr($name, -4) === '.key' || strpos($name, '-') !== false) {
				continue;
			}
			// Not every file is named after its table (llx_product_stock_entrepot.sql of 16.0.3).
			$sql = (string) file_get_contents($file);
			if (preg_match('/^\s*create\s+table\s+(?:if\s+not\s+exists\s+)?[`"]?llx_(\w+)/mi', $sql, $found)) {
				$tables[] = strtolower($target->prefix().$found[1]);
			}
		}
		return $tables;
	}

	public function state(): string
	{
		if (!$this->tables) {
			return self::NONE;
		}
		return $this->reasons ? self::PARTIAL : self::INSTALLED;
	}

	/**
	 * Whether the installer's mark is all that is wrong. Its second step puts the mark on a whole installation too,
	 * when somebody runs it again, and the application goes on working.
	 */
	public function isOnlyMarked(): bool
	{
		return count($this->reasons) === 1 && !empty($this->constants['MAIN_NOT_INSTALLED']);
	}

	/** The version that the database was last brought to, null when none is recorded. */
	public function installedVersion(): ?string
	{
		foreach (array('MAIN_VERSION_LAST_UPGRADE', 'MAIN_VERSION_LAST_INSTALL') as $name) {
			if (!empty($this->constants[$name])) {
				return $this->constants[$name];
			}
		}
		return null;
	}

	/** @return string[] short lower-case names of the modules that are on */
	public function modules(): array
	{
		$names = array();
		foreach ($this->constants as $name => $value) {
			// A module's own settings look the same but for another underscore (MAIN_MODULE_X_TRIGGERS).
			if (preg_match('/^MAIN_MODULE_([A-Z0-9]+)$/i', $name, $found) && $value === '1') {
				$names[] = strtolower($found[1]);
			}
		}
		sort($names);
		return $names;
	}

	/**
	 * @return array<string, mixed>
	 */
	public function toArray(): array
	{
		return array(
			'state' => $this->state(),
			'reasons' => $this->reasons,
			'tables' => count($this->tables),
			'missing_tables' => array_slice($this->missingTables, 0, 10),
			'countries' => $this->countries,
			'administrators' => array_column($this->administrators, 'login'),
			'version' => $this->installedVersion(),
			'version_first_install' => $this->constants['MAIN_VERSION_FIRST_INSTALL'] ?? null,
			'version_last_install' => $this->constants['MAIN_VERSION_LAST_INSTALL'] ?? null,
			'version_last_upgrade' => $this->constants['MAIN_VERSION_LAST_UPGRADE'] ?? null,
			'not_installed_mark' => !empty($this->constants['MAIN_NOT_INSTALLED']),
		);
	}
}
