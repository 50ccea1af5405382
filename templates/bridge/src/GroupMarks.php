<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Which groups the inventory has, told by a hidden constant for each: MICLINIK_GROUP_7 is the name that it has for the
 * group with the id 7. By it a group that was renamed in the pages is found, as a user is by Ownership.
 */
class GroupMarks
{
	const CONSTANT = 'MICLINIK_GROUP_';

	/** @var Application */
	private $application;
	/** @var Constants */
	private $constants;

	public function __construct(Application $application)
	{
		$this->application = $application;
		$this->constants = new Constants($application);
	}

	/** The id of the group that is on record under a name, 0 if none is. */
	public function id(string $name): int
	{
		$ids = array_keys($this->all(), $name, true);
		return count($ids) === 1 ? $ids[0] : 0;
	}

	/** Puts a group on record, and says whether that is new. */
	public function put(int $id, string $name): bool
	{
		$all = $this->all();
		if ($this->application->check()) {
			$this->application->plan('group mark', $id, $name);
			return ($all[$id] ?? null) !== $name;
		}
		// One of that name that is gone.
		foreach (array_diff(array_keys($all, $name, true), array($id)) as $other) {
			$this->forget($other);
		}
		return ($all[$id] ?? null) !== $name && $this->constants->set(self::CONSTANT.$id, $name, 0)['changed'];
	}

	public function forget(int $id): void
	{
		$this->constants->unset(self::CONSTANT.$id, 0);
	}

	/** @return array<int, string> names by id */
	private function all(): array
	{
		$name = $this->application->db()->decrypt('name');
		$rows = $this->application->rows(
			"SELECT $name AS name, ".$this->application->db()->decrypt('value').' AS value FROM '.$this->application->table('const')
				." WHERE entity = 0 AND $name LIKE '".self::CONSTANT."%'"
		);
		$found = array();
		foreach ($rows as $row) {
			$found[(int) substr((string) $row['name'], strlen(self::CONSTANT))] = (string) $row['value'];
		}
		return array_replace($found, $this->application->planned('group mark'));
	}
}
