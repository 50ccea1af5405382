<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * In which groups users are, judged by the rows that are stored.
 */
class Memberships
{
	/** @var Application */
	private $application;
	/** @var Groups */
	private $groups;

	public function __construct(Application $application)
	{
		$this->application = $application;
		$this->groups = new Groups($application);
	}

	public function groups(): Groups
	{
		return $this->groups;
	}

	/**
	 * @param int|null $only the id of one user; null: of all
	 * @return array<int, string[]> names of groups by the id of the user, in order
	 */
	public function ofAll(?int $only = null): array
	{
		$found = array();
		$names = $this->application->planned('group name');
		foreach ($this->rows($only) as $row) {
			$name = $names[(int) $row['fk_usergroup']] ?? (string) $row['nom'];
			$found[(int) $row['fk_user']][$name] = $name;
		}
		return array_map(static function (array $names): array {
			sort($names);
			return $names;
		}, $found);
	}

	/** @return array<int, array<string, string|null>> */
	private function rows(?int $only): array
	{
		return $this->application->rows(
			'SELECT m.fk_user, m.fk_usergroup, m.entity, g.nom FROM '.$this->application->table('usergroup_user').' m'
				.' JOIN '.$this->application->table('usergroup').' g ON g.rowid = m.fk_usergroup'
				// A row of another entity gives nothing in this one.
				.' WHERE g.entity IN (0, '.$this->application->entity().') AND m.entity IN (0, '.$this->application->entity().')'
				.($only === null ? '' : " AND m.fk_user = $only").' ORDER BY m.fk_user, g.rowid'
		);
	}

	/** @return string[] names of the groups that have rights */
	public function withRights(): array
	{
		$rows = $this->application->rows(
			'SELECT DISTINCT g.nom FROM '.$this->application->table('usergroup').' g'
				.' JOIN '.$this->application->table('usergroup_rights').' r ON r.fk_usergroup = g.rowid'
		);
		return array_map('strval', array_column($rows, 'nom'));
	}

	/**
	 * @param \User|null                                 $user   null: one that a check run would have made
	 * @param array<string, array{id: int, entity: int}> $wanted from Groups::resolve()
	 * @return array{changed: bool, groups: string[]}
	 * @throws Failure `membership`
	 */
	public function ensure(?\User $user, array $wanted, bool $exact): array
	{
		$before = $this->of($user);
		$known = array_column($wanted, 'id');
		if ($user !== null && !$this->application->check()) {
			foreach ($exact ? $this->rows((int) $user->id) : array() as $row) {
				if (!in_array((int) $row['fk_usergroup'], $known, true)) {
					$user->RemoveFromGroup((int) $row['fk_usergroup'], (int) $row['entity']);
				}
			}
			foreach ($wanted as $group) {
				if (!in_array($group['id'], array_map('intval', array_column($this->rows((int) $user->id), 'fk_usergroup')), true)) {
					// As the pages do it: the entity is the group's. One that is everybody's has none, and a membership has one.
					$user->SetInGroup($group['id'], $group['entity'] ?: $this->application->entity());
				}
			}
		}
		$names = $this->namesOf($wanted);
		$after = array_values(array_unique(array_merge($exact ? array() : $before, $names)));
		sort($after);
		if ($user !== null && !$this->application->check() && $this->of($user) !== $after) {
			throw new Failure(
				'membership',
				'The groups of "'.$user->login.'" were not stored as asked: '.Secrecy::tidy((string) $user->error, 300),
				'Check the privileges of the database user.'
			);
		}
		return array('changed' => $before !== $after, 'groups' => $after);
	}

	/** @return string[] */
	private function of(?\User $user): array
	{
		return $user === null ? array() : ($this->ofAll((int) $user->id)[(int) $user->id] ?? array());
	}

	/**
	 * Names as they are stored.
	 *
	 * @param array<string, array{id: int, entity: int}> $wanted
	 * @return string[]
	 */
	private function namesOf(array $wanted): array
	{
		$names = array();
		foreach (array_keys($wanted) as $name) {
			$row = $this->groups->facts()->row((string) $name);
			$names[] = $row === null ? (string) $name : (string) $row['nom'];
		}
		return $names;
	}
}
