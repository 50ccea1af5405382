<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Store;

/**
 * Users, as the API tells about them: neither password nor key.
 */
class Users extends Records
{
	protected function table()
	{
		return 'user';
	}

	protected function shape()
	{
		return 'user';
	}

	protected function writable()
	{
		return array();
	}

	protected function map()
	{
		$same = array('entity', 'login', 'lastname', 'firstname', 'admin', 'employee', 'email', 'job', 'gender', 'office_phone', 'user_mobile', 'address', 'zip', 'town', 'note_public', 'note_private', 'signature', 'lang', 'datelastpassvalidation');
		return array_combine($same, $same) + array(
			'id' => 'rowid', 'ref' => 'rowid', 'status' => 'statut', 'statut' => 'statut', 'socid' => 'fk_soc', 'datec' => '@datec', 'datem' => '@tms',
			'datelastlogin' => '@datelastlogin', 'datepreviouslogin' => '@datepreviouslogin', 'flagdelsessionsbefore' => '@flagdelsessionsbefore',
			'datestartvalidity' => '@datestartvalidity', 'dateendvalidity' => '@dateendvalidity',
		);
	}

	protected function derived($row)
	{
		return array('rights' => new \stdClass(), 'conf' => new \stdClass());
	}

	/**
	 * Users of entity 0 belong to every company.
	 */
	public function row($column, $value, $lock = false)
	{
		$sql = 'SELECT * FROM '.$this->name().' WHERE '.$this->db->quoteName($column).' = ? AND entity IN (0, ?)'.($lock ? ' FOR UPDATE' : '');
		return $this->db->run($sql, array($value, $this->entity()))->fetch() ?: null;
	}

	protected function companies()
	{
		return array('t.entity IN (0, ?)' => array($this->entity()));
	}
}
