<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/**
 * API of the appointments.
 *
 * @access protected
 * @class  DolibarrApiAccess {@requires user,external}
 */
class Citas extends DolibarrApi
{
	public function __construct()
	{
		global $db;
		$this->db = $db;
	}

	/**
	 * List appointments
	 *
	 * @return array
	 *
	 * @url GET list
	 */
	public function all()
	{
		$found = array();
		$rows = $this->db->query('SELECT rowid, patient FROM '.MAIN_DB_PREFIX.'citas_cita ORDER BY rowid');
		while ($rows && $row = $this->db->fetch_object($rows)) {
			$found[] = array('id' => (int) $row->rowid, 'patient' => $row->patient);
		}
		return $found;
	}
}
