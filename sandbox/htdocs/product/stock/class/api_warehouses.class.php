<?php
// SPDX-License-Identifier: GPL-3.0-or-later

use Sandbox\Api\ApiError;
use Sandbox\Sanitizer;
use Sandbox\Sql\SqlError;
use Sandbox\Store\Warehouses as Store;

/**
 * Warehouses.
 */
class Warehouses extends Sandbox\Api\ListEndpoint
{
	public static function routes()
	{
		return array(
			array('GET', 'warehouses', 'index', 'List warehouses', self::listParams('t.rowid')),
			array('POST', 'warehouses', 'post', 'Create a warehouse', array('request_data:array=null')),
			array('GET', 'warehouses/{id}', 'get', 'Get a warehouse', array('id:int')),
			array('PUT', 'warehouses/{id}', 'put', 'Change a warehouse', array('id:int', 'request_data:array=null')),
			array('DELETE', 'warehouses/{id}', 'delete', 'Delete a warehouse', array('id:int')),
		);
	}

	/** @return array */
	public function index($sortfield, $sortorder, $limit, $page, $sqlfilters, $properties, $paginate)
	{
		$this->need('stock', 'lire');
		return $this->listOf(new Store($this->db), array(), array($sortfield, $sortorder, $limit, $page, $sqlfilters, $properties, $paginate), 'warehouse list');
	}

	/** @return array */
	public function get($id)
	{
		$this->need('stock', 'lire');
		return (new Store($this->db))->present($this->row($id));
	}

	/** @return int id */
	public function post($data)
	{
		$this->need('stock', 'creer');
		if (!isset($data['label'])) {
			throw new ApiError(400, 'label field missing');
		}
		try {
			return (new Store($this->db))->create($this->clean($data), $this->user);
		} catch (SqlError $e) {
			throw new ApiError(500, 'Error creating warehouse', array($e->getMessage()));
		}
	}

	/** @return array */
	public function put($id, $data)
	{
		$this->need('stock', 'creer');
		$this->row($id);
		try {
			(new Store($this->db))->change($id, $this->clean((array) $data));
		} catch (SqlError $e) {
			throw new ApiError(500, $e->getMessage());
		}
		return $this->get($id);
	}

	/** @return array */
	public function delete($id)
	{
		$this->need('stock', 'supprimer');
		$this->row($id);
		if (!(new Store($this->db))->remove($id)) {
			throw new ApiError(403, 'error when delete warehouse');
		}
		return $this->success('Warehouse deleted');
	}

	/** @return object */
	private function row($id)
	{
		$row = (new Store($this->db))->row('rowid', $id);
		if ($row === null) {
			throw new ApiError(404, 'warehouse not found');
		}
		return $row;
	}

	/** @return array */
	private function clean(array $data)
	{
		$this->refuseInner($data);
		$cleaned = array();
		foreach ($data as $field => $value) {
			$cleaned[$field] = Sanitizer::field((string) $field, $value);
		}
		return $cleaned;
	}
}
