<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Rights of users or of groups, judged by the rows that are stored.
 */
class Rights
{
	/** The table, and its column that says whose they are. */
	const OF_USERS = array('user_rights', 'fk_user');
	const OF_GROUPS = array('usergroup_rights', 'fk_usergroup');

	/** @var Application */
	private $application;
	/** @var string[] */
	private $where;
	/** @var RightNames */
	private $names;

	/**
	 * @param string[] $where OF_USERS or OF_GROUPS
	 */
	public function __construct(Application $application, array $where = self::OF_USERS)
	{
		$this->application = $application;
		$this->where = $where;
		$this->names = new RightNames($application);
	}

	public function names(): RightNames
	{
		return $this->names;
	}

	/** @return array<int, string> the rights stored for the user or group itself, not those of a user's groups */
	public function of(int $id): array
	{
		return $this->ofAll($id)[$id] ?? array();
	}

	/** @return string[] names of those that were there before any was defined anew, in order */
	public function before(int $id): array
	{
		$names = array_values(array_diff_key($this->of($id), $this->application->definedRights()));
		sort($names);
		return $names;
	}

	/**
	 * @param int|null $only the id of one; null: of everybody
	 * @return array<int, array<int, string>> names of rights by the id of who has them
	 */
	public function ofAll(?int $only = null): array
	{
		list($table, $column) = $this->where;
		$defined = $this->names->planned() + $this->names->defined();
		$rows = $this->application->rows(
			"SELECT $column AS holder, fk_id FROM ".$this->application->table($table)
				.' WHERE entity = '.$this->application->entity().($only === null ? '' : " AND $column = $only").' ORDER BY fk_id'
		);
		$found = array();
		foreach ($rows as $row) {
			// Rows of modules that are off stay behind and mean nothing.
			if (isset($defined[(int) $row['fk_id']])) {
				$found[(int) $row['holder']][(int) $row['fk_id']] = $defined[(int) $row['fk_id']];
			}
		}
		return $found;
	}

	/**
	 * The read rights that the application gives along with another right of the same module.
	 *
	 * @param array<int, string> $rights
	 * @return array<int, string>
	 */
	private function implied(array $rights): array
	{
		$ids = array_flip($this->names->planned() + $this->names->defined());
		$names = array();
		foreach ($rights as $name) {
			foreach (self::readersOf($name) as $candidate) {
				if (isset($ids[$candidate])) {
					$names[$ids[$candidate]] = $candidate;
				}
			}
		}
		return $names;
	}

	/**
	 * @param string[] $rights
	 * @return string[] those of them that bring the right $name along, and keep it
	 */
	public static function bringing(string $name, array $rights): array
	{
		return array_values(array_filter($rights, static function (string $other) use ($name): bool {
			return $other !== $name && in_array($name, self::readersOf($other), true);
		}));
	}

	/** @return string[] what a right to read beside this one may be called */
	private static function readersOf(string $name): array
	{
		$beside = substr($name, 0, (int) strrpos($name, '.') + 1);
		return array($beside.'lire', $beside.'read');
	}

	/**
	 * What there is to do.
	 *
	 * @param array<int, string> $wanted
	 * @return array{add: array<int, string>, remove: array<int, string>, now: array<int, string>}
	 */
	public function plan(int $id, array $wanted, bool $exact): array
	{
		$now = $id > 0 ? $this->of($id) : array();
		$remove = $exact ? array_diff_key($now, $wanted, $this->implied($wanted)) : array();
		return array('add' => array_diff_key($wanted, $now), 'remove' => $remove, 'now' => $now);
	}

	/**
	 * What a user or a group will have that does not exist yet.
	 *
	 * @param array<int, string> $wanted
	 * @return array<string, mixed>
	 */
	public function foreseen(array $wanted): array
	{
		return $this->answer(array(), $wanted + $this->implied($wanted));
	}

	/**
	 * @param \User|\UserGroup   $holder
	 * @param array<int, string> $wanted
	 * @return array<string, mixed>
	 * @throws Failure `rights`
	 */
	public function ensure($holder, array $wanted, bool $exact): array
	{
		$id = (int) $holder->id;
		$before = $this->before($id);
		$plan = $this->plan($id, $wanted, $exact);
		if ($this->application->check() || !($plan['add'] + $plan['remove'])) {
			$after = array_diff_key($plan['now'], $plan['remove']) + $plan['add'] + ($plan['add'] ? $this->implied($plan['add']) : array());
			return $this->answer($before, $after);
		}
		// Removals first: to take a read right away takes the module's other rights with it.
		foreach (array_keys($plan['remove']) as $right) {
			if (isset($this->of($id)[$right])) {
				$holder->delrights($right, '', '', $this->application->entity());
			}
		}
		// Its return value is 1 even when nothing was stored, so it is asked again for what is not there.
		for ($round = 0; $round < 3; $round++) {
			foreach (array_keys(array_diff_key($wanted, $this->of($id))) as $right) {
				$holder->addrights($right, '', '', $this->application->entity());
			}
		}
		$left = $this->plan($id, $wanted, $exact);
		if ($left['add'] || $left['remove']) {
			throw new Failure(
				'rights',
				'The rights of "'.($holder instanceof \User ? $holder->login : $holder->name).'" were not stored as asked.'
					.($left['add'] ? ' Missing: '.implode(', ', $left['add']).'.' : '')
					.($left['remove'] ? ' Not removed: '.implode(', ', $left['remove']).'.' : ''),
				'Version 15 on PostgreSQL loses rights and is not supported; else check the database user\'s privileges.'
			);
		}
		return $this->answer($before, $left['now']);
	}

	/**
	 * @param array<int, string> $before
	 * @param array<int, string> $after
	 * @return array<string, mixed>
	 */
	private function answer(array $before, array $after): array
	{
		sort($before);
		sort($after);
		return array(
			'changed' => $before !== $after,
			'added' => array_values(array_diff($after, $before)),
			'removed' => array_values(array_diff($before, $after)),
			'rights' => $after,
			'diff' => array('before' => array('rights' => $before), 'after' => array('rights' => $after)),
		);
	}
}
