<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Groups of users: looked up, made, brought to what is asked for, removed.
 */
class Groups
{
	/** What `group ensure` takes; what is absent or null is left as it is. */
	const WANTED = array('note', 'rights', 'exact');

	/** @var Application */
	private $application;
	/** @var Rights */
	private $rights;
	/** @var GroupMarks */
	private $marks;
	/** @var GroupFacts */
	private $facts;

	public function __construct(Application $application)
	{
		require_once DOL_DOCUMENT_ROOT.'/user/class/usergroup.class.php';
		$this->application = $application;
		$this->rights = new Rights($application, Rights::OF_GROUPS);
		$this->marks = new GroupMarks($application);
		$this->facts = new GroupFacts($application, $this->rights, $this->marks);
	}

	public function facts(): GroupFacts
	{
		return $this->facts;
	}

	private function get(int $id): \UserGroup
	{
		$group = new \UserGroup($this->application->db());
		if ($group->fetch($id) <= 0 || (int) $group->id !== $id) {
			throw new Failure('group', "The group with the id $id could not be read.", 'Check the database.');
		}
		return $group;
	}

	/**
	 * The ids of named groups.
	 *
	 * @param string[] $names
	 * @return array<string, array{id: int, entity: int}> by name; of one that a check run would have made the id is 0
	 * @throws Failure `no_such_group`
	 */
	public function resolve(array $names): array
	{
		$found = array();
		foreach ($names as $name) {
			$row = $this->facts->row((string) $name);
			if ($row === null && !$this->application->isPlannedGroup((string) $name)) {
				$near = Nearness::of((string) $name, array_map('strval', array_column($this->facts->rows(), 'nom')));
				throw new Failure(
					'no_such_group',
					"There is no group \"$name\".",
					$near ? 'Near names: '.implode(', ', $near).'.' : 'There is none at all: make it first, with "group ensure".'
				);
			}
			$found[(string) $name] = array('id' => (int) ($row['rowid'] ?? 0), 'entity' => (int) ($row['entity'] ?? 1));
		}
		return $found;
	}

	/**
	 * @param array<string, mixed> $wanted see WANTED; rights are exact unless "exact" is false
	 * @return array<string, mixed>
	 */
	public function ensure(string $name, array $wanted): array
	{
		$unknown = array_diff(array_keys($wanted), self::WANTED);
		if ($unknown) {
			throw new Failure('usage', 'Unknown: '.implode(', ', $unknown).'.', 'Known: '.implode(', ', self::WANTED).'.');
		}
		self::requireName($name);
		$rights = isset($wanted['rights']) ? $this->rights->names()->resolve((array) $wanted['rights']) : null;
		$row = $this->facts->known($name);
		$before = $row === null ? null : $this->facts->of($row);
		if ($before !== null && $rights !== null) {
			$before['rights'] = $this->rights->before($before['id']);
		}
		$changes = $this->profile($name, $before, isset($wanted['note']) ? (string) $wanted['note'] : null);
		$after = array_merge(
			$before ?? array('name' => $name, 'note' => (string) ($wanted['note'] ?? ''), 'rights' => array(), 'members' => array()),
			array('name' => $name),
			isset($wanted['note']) ? array('note' => (string) $wanted['note']) : array()
		);
		$now = $this->application->check() ? $row : $this->facts->row($name);
		if ($now !== null && $this->marks->put((int) $now['rowid'], $name) && $before !== null) {
			$changes[] = 'mark';
		}
		if ($rights !== null) {
			$answer = $now === null
				? $this->rights->foreseen($rights)
				: $this->rights->ensure($this->get((int) $now['rowid']), $rights, (bool) ($wanted['exact'] ?? true));
			if ($answer['changed']) {
				$changes[] = 'rights';
			}
			$after['rights'] = $answer['rights'];
		}
		if (!$this->application->check()) {
			$after = $this->facts->of((array) $this->facts->row($name));
		}
		return $this->answer($name, $changes, $before, $after);
	}

	/**
	 * Makes the group, or stores its name and note where they are others.
	 *
	 * @param array<string, mixed>|null $before
	 * @return string[] what differed
	 */
	private function profile(string $name, ?array $before, ?string $note): array
	{
		$changes = $before === null ? array('created') : array();
		if ($before !== null && $before['name'] !== $name) {
			$changes[] = 'name';
		}
		if ($before !== null && $note !== null && $before['note'] !== $note) {
			$changes[] = 'note';
		}
		if (!$changes) {
			return $changes;
		}
		if ($this->application->check()) {
			$before === null ? $this->application->planGroup($name) : $this->application->plan('group name', $before['id'], $name);
			return $changes;
		}
		$group = $before === null ? new \UserGroup($this->application->db()) : $this->get($before['id']);
		$group->name = $group->nom = $name;
		// 23 and 24 store the second one in its place.
		$group->note = $group->note_private = $note ?? (string) $group->note;
		if ($before === null) {
			$group->entity = $this->application->entity();
		}
		$result = $before === null ? $group->create() : $group->update();
		$stored = $this->facts->row($name);
		if ($stored === null || (string) $stored['nom'] !== $name || ($note !== null && (string) $stored['note'] !== $note)) {
			throw new Failure(
				'group',
				"The group \"$name\" could not be ".($before === null ? 'made' : 'changed')." as asked (result $result): ".self::told($group),
				'Mend the cause; a note may hold plain text only.'
			);
		}
		return $changes;
	}

	/**
	 * @return array<string, mixed>
	 */
	public function remove(string $name): array
	{
		$row = $this->facts->known($name);
		if ($row === null) {
			return $this->answer($name, array(), null, null);
		}
		$before = $this->facts->of($row);
		if (!$this->application->check()) {
			$group = $this->get((int) $row['rowid']);
			$result = $group->delete($this->application->administrator());
			$this->marks->forget((int) $row['rowid']);
			if ($this->facts->row((string) $row['nom']) !== null) {
				throw new Failure(
					'group',
					"The group \"$name\" could not be removed (result $result): ".self::told($group),
					'Take what refers to it away first.'
				);
			}
		}
		return $this->answer($name, array('removed'), $before, null);
	}

	/**
	 * @param string[]                  $changes
	 * @param array<string, mixed>|null $before
	 * @param array<string, mixed>|null $after
	 * @return array<string, mixed>
	 */
	private function answer(string $name, array $changes, ?array $before, ?array $after): array
	{
		return array(
			'changed' => (bool) $changes,
			'name' => $name,
			'changes' => $changes,
			'group' => $after,
			'diff' => array('before' => $before ?? new \stdClass(), 'after' => $after ?? new \stdClass()),
		);
	}

	private static function told(\UserGroup $group): string
	{
		return Secrecy::tidy($group->error.'; '.implode('; ', (array) $group->errors), 300);
	}

	private static function requireName(string $name): void
	{
		if ($name === '' || trim($name) !== $name || mb_strlen($name) > 180 || preg_match('/[\x00-\x1f\x7f<>]/', $name)) {
			throw new Failure(
				'bad_group',
				'The name of a group is empty, begins or ends with a blank, holds < or >, or is longer than 180 characters.',
				'Choose another name.'
			);
		}
	}
}
