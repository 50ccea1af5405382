<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Which rights new users get by themselves, as the page of default permissions has it: `bydefault` of a right's
 * definition. The application has no class for it; its page admin/perms.php writes it with a statement of its own.
 */
class DefaultRights
{
	/** @var Application */
	private $application;
	/** @var RightNames */
	private $rights;

	public function __construct(Application $application)
	{
		$this->application = $application;
		$this->rights = new RightNames($application);
	}

	/**
	 * @return array<string, mixed> the names of those that are given by default
	 */
	public function list(): array
	{
		$names = array_keys(array_filter($this->read()));
		sort($names);
		return array('changed' => false, 'default_rights' => $names);
	}

	/**
	 * @param array<string, mixed> $wanted whether each is given by default, by name; others stay as they are
	 * @return array<string, mixed>
	 * @throws Failure `unknown_right`, `rights`
	 */
	public function ensure(array $wanted): array
	{
		$ids = array_flip($this->rights->resolve(array_map('strval', array_keys($wanted))));
		$now = $this->read();
		$changes = $before = $after = array();
		foreach ($wanted as $name => $given) {
			if (!is_bool($given)) {
				throw new Failure('usage', "default_rights.$name is neither true nor false.", 'Write one of them.');
			}
			$missing = isset($this->application->definedRights()[$ids[$name]]);
			if (!$missing && ($now[$name] ?? false) === $given) {
				continue;
			}
			$changes[] = "$name ".($given ? 'given' : 'not given').' to new users';
			$before[$name] = $missing ? null : !$given;
			$after[$name] = $given;
			if (!$this->application->check() && ($now[$name] ?? false) !== $given) {
				$this->write((int) $ids[$name], $given);
			}
		}
		if ($changes && !$this->application->check() && array_intersect_key($this->read(), $after) != $after) {
			throw new Failure('rights', 'The default permissions have not been stored as given.', 'Check the privileges of the database user.');
		}
		return array(
			'changed' => (bool) $changes,
			'changes' => $changes,
			'diff' => array('before' => $before ?: new \stdClass(), 'after' => $after ?: new \stdClass()),
		);
	}

	/** @return array<string, bool> by name, of all rights that are defined */
	private function read(): array
	{
		$rows = $this->application->rows(
			'SELECT id, bydefault FROM '.$this->application->table('rights_def').' WHERE entity = '.$this->application->entity()
		);
		$by = array_column($rows, 'bydefault', 'id');
		$found = array();
		foreach ($this->rights->defined() as $id => $name) {
			$found[$name] = (int) ($by[$id] ?? 0) === 1;
		}
		return $found;
	}

	private function write(int $id, bool $given): void
	{
		$this->application->db()->query(
			'UPDATE '.$this->application->table('rights_def').' SET bydefault = '.(int) $given.' WHERE id = '.$id
				.' AND entity = '.$this->application->entity()
		);
	}
}
