<?php
// SPDX-License-Identifier: GPL-3.0-or-later

use Sandbox\Api\ApiError;
use Sandbox\Api\Visibility;
use Sandbox\Sanitizer;
use Sandbox\Sql\SqlError;
use Sandbox\Store\ThirdParties as Store;

/**
 * Third parties.
 */
class Thirdparties extends Sandbox\Api\ListEndpoint
{
	/** Mode of a list => condition, what is not found. */
	const MODES = array(
		1 => array('t.client IN (1, 3)', 'No customers found'),
		2 => array('t.client IN (2, 3)', 'No prospects found'),
		3 => array('t.client = 0', 'No other third parties found'),
		4 => array('t.fournisseur = 1', 'No suppliers found'),
	);

	public static function routes()
	{
		return array(
			array('GET', 'thirdparties', 'index', 'List third parties', array_merge(self::listParams('t.rowid'), array('mode:int=0', 'category:int=0'))),
			array('POST', 'thirdparties', 'post', 'Create a third party', array('request_data:array=null')),
			array('GET', 'thirdparties/{id}', 'get', 'Get a third party', array('id:int')),
			array('PUT', 'thirdparties/{id}', 'put', 'Change a third party', array('id:int', 'request_data:array=null')),
			array('DELETE', 'thirdparties/{id}', 'delete', 'Delete a third party', array('id:int')),
			array('GET', 'thirdparties/email/{email}', 'getByEmail', 'Get a third party by its e-mail', array('email:string')),
			array('GET', 'thirdparties/barcode/{barcode}', 'getByBarcode', 'Get a third party by its barcode', array('barcode:string')),
		);
	}

	/** @return array */
	public function index($sortfield, $sortorder, $limit, $page, $sqlfilters, $properties, $paginate, $mode, $category)
	{
		$this->need('societe', 'lire');
		$where = (new Visibility($this->db, $this->user))->conditions('t.rowid');
		if (isset(self::MODES[$mode])) {
			$where[self::MODES[$mode][0]] = array();
		}
		if ($category > 0) {
			// No categories here: nobody is in one
			$where['1 = ?'] = array(0);
		}
		$answer = $this->listOf(new Store($this->db), $where, array($sortfield, $sortorder, $limit, $page, $sqlfilters, $properties, $paginate), 'thirdparties');
		if (!($paginate ? $answer['data'] : $answer)) {
			throw new ApiError(404, isset(self::MODES[$mode]) ? self::MODES[$mode][1] : ($mode === 0 ? 'No third parties found' : ''));
		}
		return $answer;
	}

	/** @return array */
	public function get($id)
	{
		return $this->present('rowid', $id);
	}

	/** @return array */
	public function getByEmail($email)
	{
		return $this->present('email', $email);
	}

	/** @return array */
	public function getByBarcode($barcode)
	{
		return $this->present('barcode', $barcode);
	}

	/** @return int id */
	public function post($data)
	{
		$this->need('societe', 'creer');
		if (!isset($data['name'])) {
			throw new ApiError(400, 'name field missing');
		}
		try {
			return (new Store($this->db))->create($this->clean($data), $this->user);
		} catch (SqlError $e) {
			throw new ApiError(500, 'Error creating thirdparty', $e->name === 'NAME' ? array(null, $e->getMessage()) : array('', $e->getMessage()));
		}
	}

	/** @return array */
	public function put($id, $data)
	{
		$this->need('societe', 'creer');
		$row = $this->row('rowid', $id);
		try {
			(new Store($this->db))->change($row, $this->clean((array) $data), $this->user);
		} catch (SqlError $e) {
			throw new ApiError(500, $e->getMessage());
		}
		// The answer to a change has other keys than that to GET, as in 22.0.4
		return array_diff_key($this->get($id), array('actiontypecode' => true)) + array('socid' => $id, 'trackid' => 'thi'.$id);
	}

	/** @return array */
	public function delete($id)
	{
		$this->need('societe', 'supprimer');
		$this->row('rowid', $id);
		if (!(new Store($this->db))->remove($id)) {
			// The word product is the application's
			throw new ApiError(409, "Can't delete, that product is probably used");
		}
		return $this->success('Object deleted');
	}

	/** @return array */
	private function present($column, $value)
	{
		$this->need('societe', 'lire', '', 'Access not allowed for login '.$this->user->login.'. No read permission on thirdparties.');
		return (new Store($this->db))->present($this->row($column, $value, ' on this thirdparty'));
	}

	/** @return object */
	private function row($column, $value, $suffix = '')
	{
		$row = (new Store($this->db))->row($column, $value);
		if ($row === null) {
			throw new ApiError(404, 'Thirdparty not found');
		}
		(new Visibility($this->db, $this->user))->check((int) $row->rowid, $suffix);
		return $row;
	}

	/** @return array */
	private function clean(array $data)
	{
		$this->refuseInner($data);
		$cleaned = array();
		foreach ($data as $field => $value) {
			$plain = in_array($field, array('name', 'name_alias', 'firstname', 'prefix_comm'), true);
			$cleaned[$field] = $plain ? Sanitizer::clean($value, 'nohtml') : Sanitizer::field((string) $field, $value);
		}
		return $cleaned;
	}
}
