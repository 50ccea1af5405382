<?php
// SPDX-License-Identifier: GPL-3.0-or-later

use Sandbox\Api\ApiError;
use Sandbox\Store\Users as Store;

/**
 * Users.
 */
class Users extends Sandbox\Api\ListEndpoint
{
	public static function routes()
	{
		return array(
			array('GET', 'users', 'index', 'List users', self::listParams('t.rowid')),
			array('GET', 'users/info', 'getInfo', 'The user of this key', array('includepermissions:int=0')),
			array('GET', 'users/{id}', 'get', 'Get a user', array('id:int', 'includepermissions:int=0')),
			array('GET', 'users/login/{login}', 'getByLogin', 'Get a user by the login', array('login:string', 'includepermissions:int=0')),
		);
	}

	/** @return array */
	public function index($sortfield, $sortorder, $limit, $page, $sqlfilters, $properties, $paginate)
	{
		$this->need('user', 'user', 'lire', 'You are not allowed to read list of users');
		return $this->listOf(new Store($this->db), array(), array($sortfield, $sortorder, $limit, $page, $sqlfilters, $properties, $paginate), 'User list');
	}

	/** @return array */
	public function getInfo($includepermissions)
	{
		if (!$this->user->hasRight('user', 'self', 'creer') && !$this->user->hasRight('user', 'user', 'lire')) {
			throw new ApiError(403, 'Not allowed');
		}
		return $this->one($this->user->id, $includepermissions);
	}

	/** @return array */
	public function get($id, $includepermissions)
	{
		$this->need('user', 'user', 'lire', 'Not allowed');
		return $this->one($id, $includepermissions);
	}

	/** @return array */
	public function getByLogin($login, $includepermissions)
	{
		$this->need('user', 'user', 'lire', 'Not allowed');
		$found = new User($this->db);
		if ($found->fetch(0, $login) <= 0) {
			throw new ApiError(404, 'User not found');
		}
		return $this->one($found->id, $includepermissions);
	}

	/** @return array */
	private function one($id, $includepermissions)
	{
		$found = new User($this->db);
		$row = $found->fetch((int) $id) > 0 ? (new Store($this->db))->row('rowid', (int) $id) : null;
		if ($row === null) {
			throw new ApiError(404, 'User not found');
		}
		$object = (new Store($this->db))->present($row);
		if ($includepermissions > 0) {
			$found->loadRights();
			$object['rights'] = $found->rights;
		}
		return $object;
	}
}
