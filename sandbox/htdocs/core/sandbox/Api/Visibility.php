<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

/**
 * Which third parties a user may see, and with them their orders and invoices: an external user the own one, a user
 * without societe.client.voir those the user represents.
 */
class Visibility
{
	/** @var \DoliDB */
	private $db;
	/** @var \User */
	private $user;

	/**
	 * @param \DoliDB $db   database
	 * @param \User   $user who calls
	 */
	public function __construct($db, $user)
	{
		$this->db = $db;
		$this->user = $user;
	}

	/**
	 * @param string $column column that holds the third party's id
	 * @param int[]  $chosen third parties that a list was asked for; they replace the rule, as measured on 22.0.4
	 * @return array conditions with values
	 */
	public function conditions($column, array $chosen = array())
	{
		if ((int) $this->user->socid > 0) {
			return array($column.' = ?' => array((int) $this->user->socid));
		}
		if ($chosen) {
			return array($column.' IN ('.implode(', ', array_fill(0, count($chosen), '?')).')' => $chosen);
		}
		if ($this->user->hasRight('societe', 'client', 'voir')) {
			return array();
		}
		return array($column.' IN (SELECT sc.fk_soc FROM '.MAIN_DB_PREFIX.'societe_commerciaux sc WHERE sc.fk_user = ?)' => array((int) $this->user->id));
	}

	/**
	 * @param int    $id     third party
	 * @param string $suffix what the message says besides
	 * @return void
	 * @throws ApiError 403
	 */
	public function check($id, $suffix = '')
	{
		foreach ($this->conditions('s.rowid') as $sql => $values) {
			if (!$this->db->run('SELECT s.rowid FROM '.MAIN_DB_PREFIX.'societe s WHERE s.rowid = ? AND '.$sql, array_merge(array((int) $id), $values))->fetch()) {
				throw new ApiError(403, 'Access not allowed for login '.$this->user->login.$suffix);
			}
		}
	}
}
