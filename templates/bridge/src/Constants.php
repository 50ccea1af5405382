<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The application's constants (llx_const), by its own functions, read back after every change.
 */
class Constants
{
	/** @var Application */
	private $application;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	/**
	 * @param int|null $entity null: the entity where it is, 1 before 0
	 * @return array<string, mixed>
	 */
	public function get(string $name, ?int $entity): array
	{
		$this->requireName($name);
		$found = $this->where($name, $entity);
		$value = $found === null ? null : $this->read($name, $found);
		return array(
			'changed' => false,
			'name' => $name,
			'set' => $found !== null,
			'entity' => $found,
			'value' => Secrecy::shown($name, $value),
		);
	}

	/**
	 * @param mixed    $value      string, int, float or bool (true is "1", false is "0")
	 * @param int|null $entity     null: for all, see targets()
	 * @param bool     $everywhere whether the value goes before what an entity has said itself
	 * @param bool     $holding    whether it is left alone where it has that value already for the current entity: the
	 *                             application ships its own values in one entity or another
	 * @return array<string, mixed>
	 */
	public function set(string $name, $value, ?int $entity, bool $everywhere = false, bool $holding = false): array
	{
		$this->requireName($name);
		$this->requireNotAModule($name);
		$this->requireEntity($entity);
		$text = self::text($name, $value);
		if (Secrecy::isSecret($name, $text)) {
			Secrecy::remember($text);
		}
		$found = $holding ? $this->where($name, $entity) : null;
		$targets = $found === null || $this->read($name, $found) !== $text ? $this->targets($name, $entity, $everywhere) : array($found);
		$before = $this->values($name, $targets);
		$stale = array();
		foreach ($before as $at => $now) {
			if ($now !== $text) {
				$stale[$at] = $now;
			}
		}
		if ($stale && !$this->application->check()) {
			foreach (array_keys($stale) as $at) {
				dolibarr_set_const($this->application->db(), $name, $text, 'chaine', 0, '', $at);
			}
			foreach ($this->values($name, array_keys($stale)) as $after) {
				if ($after !== $text) {
					throw $this->notKept($name, 'has not been stored as given');
				}
			}
			$this->application->reload();
			if ($name === ApiTokens::SWITCH_NAME) {
				(new ApiTokens($this->application))->carryOver();
			}
		}
		return $this->answer($name, $stale, count($stale) === count($before), $text, $entity ?? 0);
	}

	/**
	 * @param int|null $entity     null: from where it holds for all, see targets()
	 * @param bool     $everywhere whether what other entities have said themselves goes too
	 * @return array<string, mixed>
	 */
	public function unset(string $name, ?int $entity, bool $everywhere = false): array
	{
		$this->requireName($name);
		$this->requireNotAModule($name);
		$before = $this->values($name, $this->targets($name, $entity, $everywhere));
		$there = array();
		foreach ($before as $at => $now) {
			if ($now !== null) {
				$there[$at] = $now;
			}
		}
		if ($there && !$this->application->check()) {
			foreach (array_keys($there) as $at) {
				dolibarr_del_const($this->application->db(), $name, $at);
			}
			if (array_intersect(array_keys($there), $this->entities($name))) {
				throw $this->notKept($name, 'is still there');
			}
			$this->application->reload();
		}
		return $this->answer($name, $there, true, null, $there ? ($entity ?? 0) : null);
	}

	/**
	 * The value as the application stores it.
	 *
	 * @param mixed $value
	 */
	public static function text(string $name, $value): string
	{
		if (is_bool($value)) {
			return $value ? '1' : '0';
		}
		if (!is_string($value) && !is_int($value) && !is_float($value)) {
			throw new Failure('bad_value', "The value of $name is neither text, number nor boolean.", 'Write a plain value.');
		}
		$text = (string) $value;
		if ($text === '') {
			throw new Failure('bad_value', "The value of $name is empty, and the application stores no empty values.", 'Unset it instead.');
		}
		return $text;
	}

	/** The entity in which the constant is set, null when it is not. */
	private function where(string $name, ?int $entity): ?int
	{
		$wanted = $entity === null ? array($this->application->entity(), 0) : array($entity);
		$found = array_values(array_intersect($wanted, $this->entities($name)));
		return $found ? $found[0] : null;
	}

	/**
	 * Where a constant has to be set to hold, whichever entity a caller names (header DOLAPIENTITY, or `loginfunction`
	 * with `entity` or `switchentity` in a query or form): entity 0 is every one's that says nothing else. And the
	 * current one, where a module that is switched on would put its own default otherwise.
	 *
	 * @return int[]
	 */
	private function targets(string $name, ?int $entity, bool $everywhere): array
	{
		if ($entity !== null) {
			return array($entity);
		}
		$others = $everywhere ? $this->entities($name) : array();
		return array_values(array_unique(array_merge(array($this->application->entity(), 0), $others)));
	}

	/** @return int[] the entities in which the constant is set */
	private function entities(string $name): array
	{
		$application = $this->application;
		$rows = $application->rows(
			'SELECT entity FROM '.$application->table('const').' WHERE '.$application->db()->decrypt('name').' = '
				.$application->quote($name).' ORDER BY entity'
		);
		return array_map('intval', array_column($rows, 'entity'));
	}

	/**
	 * @param int[] $entities
	 * @return array<int, string|null> by entity; null where it is not set
	 */
	private function values(string $name, array $entities): array
	{
		$there = $this->entities($name);
		$values = array();
		foreach ($entities as $at) {
			$values[$at] = in_array($at, $there, true) ? $this->read($name, $at) : null;
		}
		return $values;
	}

	private function read(string $name, int $entity): string
	{
		return (string) dolibarr_get_const($this->application->db(), $name, $entity);
	}

	private function requireName(string $name): void
	{
		if (!preg_match('/^[A-Za-z][A-Za-z0-9_]{1,180}$/', $name)) {
			throw new Failure('bad_name', "\"$name\" is no name of a constant.", 'Names are like MAIN_SIZE_LISTE_LIMIT.');
		}
	}

	/** The module multicompany has a table of them; nobody would ever be in one that is not there. */
	private function requireEntity(?int $entity): void
	{
		if ($entity === null || $entity < 2 || !Columns::of($this->application, 'entity')) {
			return;
		}
		if (!$this->application->rows('SELECT rowid FROM '.$this->application->table('entity')." WHERE rowid = $entity")) {
			throw new Failure('unknown_entity', "There is no entity $entity in this site.", 'Make it on the page of the module multicompany first.');
		}
	}

	/** A module's switch alone would leave its tables, rights and menus behind. */
	private function requireNotAModule(string $name): void
	{
		if (preg_match('/^MAIN_MODULE_([A-Z0-9]+)$/i', $name, $found)) {
			$modules = new Modules($this->application);
			if (isset($modules->classes()[strtolower($found[1])])) {
				throw new Failure(
					'module_constant',
					"$name is the switch of a module.",
					'Use: miclinikctl module enable|disable '.strtolower($found[1])
				);
			}
		}
	}

	private function notKept(string $name, string $seen): Failure
	{
		return new Failure(
			'constant',
			"The constant $name $seen: ".Secrecy::tidy((string) $this->application->db()->lasterror(), 300),
			'Check the privileges of the database user, and modules that hook into constants.'
		);
	}

	/**
	 * @param array<int, string|null> $changed what was there, by entity, where it is not what is wanted
	 * @param bool                    $all     whether it was wrong wherever it was looked for
	 * @return array<string, mixed>
	 */
	private function answer(string $name, array $changed, bool $all, ?string $after, ?int $entity): array
	{
		$alike = $all && count(array_unique(array_map('serialize', $changed))) === 1;
		$same = array($name => Secrecy::shown($name, $after));
		$diff = $changed ? array('before' => array(), 'after' => array()) : array('before' => $same, 'after' => $same);
		foreach ($changed as $at => $before) {
			$label = $alike && $at <= 1 ? $name : "$name (entity $at)";
			$diff['before'][$label] = Secrecy::shown($name, $before);
			$diff['after'][$label] = Secrecy::shown($name, $after);
		}
		return array(
			'changed' => $changed !== array(),
			'name' => $name,
			'entity' => $entity,
			'value' => Secrecy::shown($name, $after),
			// By entity what was there where something was changed, so that there is a way back.
			'former' => (object) array_map(static function (?string $before) use ($name): ?string {
				return Secrecy::shown($name, $before);
			}, $changed),
			'diff' => $diff,
		);
	}
}
