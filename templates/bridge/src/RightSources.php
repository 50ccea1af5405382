<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Where the rights of a user come from: rows of its own, groups, or the flag of an administrator, by which the
 * application gives those over users.
 */
class RightSources
{
	/** @var Application */
	private $application;
	/** @var Rights */
	private $rights;

	public function __construct(Application $application)
	{
		$this->application = $application;
		$this->rights = new Rights($application);
	}

	/**
	 * @return array<string, array{own: bool, with: string[], groups: string[], administrator: bool}> by name, in order;
	 *         `with`: rights of its own that bring it along
	 */
	public function of(\User $user): array
	{
		$own = $this->rights->of((int) $user->id);
		$groups = $this->ofGroups((int) $user->id);
		$forced = (int) $user->admin === 1 ? $this->forced() : array();
		$found = array();
		foreach ($own + $groups['names'] + $forced as $id => $name) {
			$found[$name] = array(
				'own' => isset($own[$id]),
				'with' => isset($own[$id]) ? Rights::bringing($name, array_values($own)) : array(),
				'groups' => $groups['by'][$id] ?? array(),
				'administrator' => isset($forced[$id]),
			);
		}
		ksort($found);
		return $found;
	}

	/**
	 * @return array{names: array<int, string>, by: array<int, string[]>} names of rights, and of the groups that give them
	 */
	private function ofGroups(int $user): array
	{
		$memberships = new Memberships($this->application);
		$rights = new Rights($this->application, Rights::OF_GROUPS);
		$names = $by = array();
		foreach ($memberships->ofAll($user)[$user] ?? array() as $group) {
			$row = $memberships->groups()->facts()->row($group);
			foreach ($row === null ? array() : $rights->of((int) $row['rowid']) as $id => $name) {
				$names[$id] = $name;
				$by[$id][] = $group;
			}
		}
		return array('names' => $names, 'by' => $by);
	}

	/** @return array<int, string> what the application gives to an administrator who has nothing, by id */
	private function forced(): array
	{
		$nobody = new \User($this->application->db());
		$nobody->id = 0;
		$nobody->admin = 1;
		Versions::loadRights($nobody);
		return array_filter($this->rights->names()->defined(), static function (string $name) use ($nobody): bool {
			$at = $nobody->rights;
			foreach (explode('.', $name) as $part) {
				$at = is_object($at) ? ($at->$part ?? null) : null;
			}
			return !empty($at) && !is_object($at);
		});
	}
}
