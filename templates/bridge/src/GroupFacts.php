<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * What there is of groups, in the shape in which an inventory has it.
 */
class GroupFacts
{
	/** @var Application */
	private $application;
	/** @var Rights */
	private $rights;
	/** @var GroupMarks */
	private $marks;

	public function __construct(Application $application, Rights $rights, GroupMarks $marks)
	{
		$this->application = $application;
		$this->rights = $rights;
		$this->marks = $marks;
	}

	/**
	 * @return array<int, array<string, string|null>> rows of all groups of the entity, by name
	 */
	public function rows(): array
	{
		$rows = $this->application->rows(
			'SELECT rowid, nom, note, entity FROM '.$this->application->table('usergroup')
				.' WHERE entity IN (0, '.$this->application->entity().') ORDER BY rowid'
		);
		foreach ($rows as &$row) {
			$row['nom'] = $this->application->planned('group name')[(int) $row['rowid']] ?? (string) $row['nom'];
		}
		unset($row);
		// Databases sort each in their own way.
		usort($rows, static function (array $one, array $other): int {
			return strcmp($one['nom'], $other['nom']);
		});
		return $rows;
	}

	/**
	 * The row of a group. MariaDB takes upper and lower case for the same, and a second group is refused there.
	 *
	 * @return array<string, string|null>|null
	 */
	public function row(string $name): ?array
	{
		$near = null;
		foreach ($this->rows() as $row) {
			if ((string) $row['nom'] === $name) {
				return $row;
			}
			if ($this->application->db()->type === 'mysqli' && mb_strtolower((string) $row['nom']) === mb_strtolower($name)) {
				$near = $row;
			}
		}
		return $near;
	}

	/**
	 * The row of a group, whatever somebody calls it in the pages since the inventory has named it so.
	 *
	 * @return array<string, string|null>|null
	 */
	public function known(string $name): ?array
	{
		$row = $this->row($name);
		if ($row !== null) {
			return $row;
		}
		$rows = array_column($this->rows(), null, 'rowid');
		return $rows[$this->marks->id($name)] ?? null;
	}

	/**
	 * @return array<string, mixed>
	 */
	public function list(): array
	{
		$rights = $this->rights->ofAll();
		$members = $this->members();
		$groups = array();
		foreach ($this->rows() as $row) {
			$groups[] = self::shape($row, $rights[(int) $row['rowid']] ?? array(), $members[(int) $row['rowid']] ?? array());
		}
		return array('changed' => false, 'groups' => $groups);
	}

	/**
	 * @return array<string, mixed>
	 */
	public function show(string $name): array
	{
		$row = $this->row($name);
		return array('changed' => false, 'name' => $name, 'group' => $row === null ? null : $this->of($row));
	}

	/**
	 * @param array<string, string|null> $row
	 * @return array<string, mixed>
	 */
	public function of(array $row): array
	{
		$id = (int) $row['rowid'];
		return self::shape($row, $this->rights->of($id), $this->members($id)[$id] ?? array());
	}

	/**
	 * @param array<string, string|null> $row
	 * @param string[]                   $rights
	 * @param string[]                   $members
	 * @return array<string, mixed> as an inventory has it, and its id, entity and members
	 */
	private static function shape(array $row, array $rights, array $members): array
	{
		sort($rights);
		return array(
			'id' => (int) $row['rowid'], 'name' => (string) $row['nom'],
			'note' => (string) $row['note'],
			'rights' => $rights,
			'state' => 'present',
			'entity' => (int) $row['entity'],
			'members' => $members,
		);
	}

	/**
	 * @return array<int, string[]> logins by the id of the group
	 */
	private function members(?int $only = null): array
	{
		$rows = $this->application->rows(
			'SELECT DISTINCT m.fk_usergroup, u.login FROM '.$this->application->table('usergroup_user').' m'
				.' JOIN '.$this->application->table('user').' u ON u.rowid = m.fk_user'
				.($only === null ? '' : " WHERE m.fk_usergroup = $only")
		);
		$members = array();
		foreach ($rows as $row) {
			$members[(int) $row['fk_usergroup']][] = (string) $row['login'];
		}
		foreach ($members as &$logins) {
			sort($logins);
		}
		return $members;
	}
}
