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
	 * @param mixed    $value  string, int, float or bool (true is "1", false is "0")
	 * @param int|null $entity null: the entity where it is, else 1
	 * @return array<string, mixed>
	 */
	public function set(string $name, $value, ?int $entity): array
	{
		$this->requireName($name);
		$this->requireNotAModule($name);
		$text = self::text($name, $value);
		if (Secrecy::isSecret($name, $text)) {
			Secrecy::remember($text);
		}
		$at = $this->where($name, $entity);
		$entity = $entity ?? ($at ?? 1);
		$before = $at === null ? null : $this->read($name, $at);
		$changed = $before !== $text;
		if ($changed && !$this->application->check()) {
			dolibarr_set_const($this->application->db(), $name, $text, 'chaine', 0, '', $entity);
			$after = $this->where($name, $entity) === null ? null : $this->read($name, $entity);
			if ($after !== $text) {
				throw $this->notKept($name, 'has not been stored as given');
			}
			$this->application->reload();
			if ($name === ApiTokens::SWITCH_NAME) {
				(new ApiTokens($this->application))->carryOver();
			}
		}
		return $this->answer($name, $changed, $before, $text, $entity);
	}

	/**
	 * @return array<string, mixed>
	 */
	public function unset(string $name, ?int $entity): array
	{
		$this->requireName($name);
		$this->requireNotAModule($name);
		$at = $this->where($name, $entity);
		$before = $at === null ? null : $this->read($name, $at);
		if ($at !== null && !$this->application->check()) {
			dolibarr_del_const($this->application->db(), $name, $at);
			if ($this->where($name, $at) !== null) {
				throw $this->notKept($name, 'is still there');
			}
			$this->application->reload();
		}
		return $this->answer($name, $at !== null, $before, null, $at);
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
		$application = $this->application;
		$entities = $entity === null ? '0, '.$application->entity() : (string) $entity;
		$rows = $application->rows(
			'SELECT entity FROM '.$application->table('const').' WHERE '.$application->db()->decrypt('name').' = '
				.$application->quote($name)." AND entity IN ($entities) ORDER BY entity DESC"
		);
		return $rows ? (int) $rows[0]['entity'] : null;
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
	 * @return array<string, mixed>
	 */
	private function answer(string $name, bool $changed, ?string $before, ?string $after, ?int $entity): array
	{
		$shown = array('before' => Secrecy::shown($name, $before), 'after' => Secrecy::shown($name, $after));
		return array(
			'changed' => $changed,
			'name' => $name,
			'entity' => $entity,
			'value' => $shown['after'],
			'diff' => array(
				'before' => array($name => $shown['before']),
				'after' => array($name => $shown['after']),
			),
		);
	}
}
