<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * The groups that a user is in, and how a user goes, with all of them.
 */
trait Memberships
{
	/**
	 * Takes the user away, unless records refer to it.
	 *
	 * @param User $user who does it
	 * @return int 1, or -1
	 */
	public function delete(User $user)
	{
		try {
			$this->db->transaction(function () {
				foreach (array('user_rights', 'usergroup_user', 'user_param') as $table) {
					$this->db->run('DELETE FROM '.MAIN_DB_PREFIX.$table.' WHERE fk_user = ?', array((int) $this->id));
				}
				$this->db->run('DELETE FROM '.MAIN_DB_PREFIX.'user WHERE rowid = ?', array((int) $this->id));
			});
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = $e->getMessage();
			return -1;
		}
		return 1;
	}

	/**
	 * @param int $group     id of the group
	 * @param int $entity    company
	 * @param int $notrigger kept for callers
	 * @return int 1, or -1
	 */
	public function SetInGroup($group, $entity, $notrigger = 0)
	{
		$this->RemoveFromGroup($group, $entity, $notrigger);
		try {
			$this->db->insert(MAIN_DB_PREFIX.'usergroup_user', array('entity' => (int) $entity, 'fk_user' => (int) $this->id, 'fk_usergroup' => (int) $group));
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = $e->getMessage();
			return -1;
		}
		return 1;
	}

	/**
	 * @param int $group     id of the group
	 * @param int $entity    company
	 * @param int $notrigger kept for callers
	 * @return int 1
	 */
	public function RemoveFromGroup($group, $entity, $notrigger = 0)
	{
		$sql = 'DELETE FROM '.MAIN_DB_PREFIX.'usergroup_user WHERE fk_user = ? AND fk_usergroup = ? AND entity = ?';
		$this->db->run($sql, array((int) $this->id, (int) $group, (int) $entity));
		return 1;
	}
}
