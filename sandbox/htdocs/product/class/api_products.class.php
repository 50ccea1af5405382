<?php
// SPDX-License-Identifier: GPL-3.0-or-later

use Sandbox\Api\ApiError;
use Sandbox\Sanitizer;
use Sandbox\Sql\SqlError;

/**
 * Products and services.
 */
class Products extends Sandbox\Api\ListEndpoint
{
	public static function routes()
	{
		$list = array_merge(self::listParams('t.ref'), array('mode:int=0', 'category:int=0', 'ids_only:bool=false', 'variant_filter:int=0', 'includestockdata:int=0'));
		return array(
			array('GET', 'products', 'index', 'List products', $list),
			array('POST', 'products', 'post', 'Create a product', array('request_data:array=null')),
			array('GET', 'products/{id}', 'get', 'Get a product', array('id:int', 'includestockdata:int=0')),
			array('PUT', 'products/{id}', 'put', 'Change a product', array('id:int', 'request_data:array=null')),
			array('DELETE', 'products/{id}', 'delete', 'Delete a product', array('id:int')),
			array('GET', 'products/ref/{ref}', 'getByRef', 'Get a product by its reference', array('ref:string')),
			array('GET', 'products/barcode/{barcode}', 'getByBarcode', 'Get a product by its barcode', array('barcode:string')),
		);
	}

	/** @return array */
	public function index($sortfield, $sortorder, $limit, $page, $sqlfilters, $properties, $paginate, $mode, $category, $idsOnly, $variants, $stock)
	{
		$this->need('produit', 'lire');
		$where = array();
		if ($mode === 1 || $mode === 2) {
			$where['t.fk_product_type = ?'] = array($mode - 1);
		}
		if ($category > 0) {
			// No categories here: nothing is in one
			$where['1 = ?'] = array(0);
		}
		$answer = $this->listOf(new Sandbox\Store\Products($this->db), $where, array($sortfield, $sortorder, $limit, $page, $sqlfilters, $idsOnly ? 'id' : $properties, $paginate), 'product list');
		if (!$idsOnly) {
			return $answer;
		}
		if ($paginate) {
			$answer['data'] = array_column($answer['data'], 'id');
			return $answer;
		}
		return array_column($answer, 'id');
	}

	/** @return array */
	public function get($id, $stock = 0)
	{
		$this->need('produit', 'lire');
		if ($id === 0) {
			throw new ApiError(400, 'bad value for parameter id, ref, ref_ext or barcode');
		}
		return $this->withStock($this->present('rowid', $id), $stock);
	}

	/** @return array */
	public function getByRef($ref)
	{
		$this->need('produit', 'lire');
		return $this->present('ref', $ref);
	}

	/** @return array */
	public function getByBarcode($barcode)
	{
		$this->need('produit', 'lire');
		return $this->present('barcode', $barcode);
	}

	/** @return int id */
	public function post($data)
	{
		$this->need('produit', 'creer');
		foreach (array('ref', 'label') as $field) {
			if (!isset($data[$field])) {
				throw new ApiError(400, $field.' field missing');
			}
		}
		$given = $this->clean($data);
		if (trim((string) $given['label']) === '') {
			throw new ApiError(500, 'Error creating product', array(null, 'ErrorMandatoryParametersNotProvided'));
		}
		try {
			return (new Sandbox\Store\Products($this->db))->create($given, $this->user);
		} catch (SqlError $e) {
			throw new ApiError(500, 'Error creating product', array($e->getMessage()));
		}
	}

	/** @return array */
	public function put($id, $data)
	{
		$this->need('produit', 'creer');
		$products = new Sandbox\Store\Products($this->db);
		$row = $this->row('rowid', $id);
		if (isset($data['stock_reel'])) {
			throw new ApiError(400, 'Stock reel cannot be updated here. Use the /stockmovements endpoint instead');
		}
		$given = $this->clean((array) $data);
		if (array_key_exists('ref', $given) && trim((string) $given['ref']) === '') {
			throw new ApiError(500, 'Error updating product', array(null, 'ErrorBadRef'));
		}
		try {
			$products->change($row, $given, $this->user);
		} catch (SqlError $e) {
			throw new ApiError(500, 'Error updating product', array('Error : '.$e->getMessage(), 'Error : '.$e->getMessage()));
		}
		return $this->get($id);
	}

	/** @return array */
	public function delete($id)
	{
		$this->need('produit', 'supprimer');
		$this->row('rowid', $id);
		try {
			$removed = (new Sandbox\Store\Products($this->db))->remove($id);
		} catch (SqlError $e) {
			throw new ApiError(500, "Can't delete, error occurs");
		}
		if (!$removed) {
			throw new ApiError(409, "Can't delete, that product is probably used");
		}
		return $this->success('Object deleted');
	}

	/** @return array */
	private function present($column, $value)
	{
		return (new Sandbox\Store\Products($this->db))->present($this->row($column, $value));
	}

	/** @return array product, with what lies where when that was asked for */
	private function withStock(array $product, $asked)
	{
		if (!$asked || !$this->user->hasRight('stock', 'lire')) {
			return $product;
		}
		$places = (new Sandbox\Store\StockMovements($this->db))->byWarehouse((int) $product['id']);
		$sum = array_sum(array_column($places, 'real'));
		return array_replace($product, array('stock_reel' => $sum, 'stock_theorique' => $sum, 'stock_warehouse' => $places));
	}

	/** @return object */
	private function row($column, $value)
	{
		$row = (new Sandbox\Store\Products($this->db))->row($column, $value);
		if ($row === null) {
			throw new ApiError(404, 'Product not found');
		}
		return $row;
	}

	/** @return array */
	private function clean(array $data)
	{
		$this->refuseInner($data);
		$cleaned = array();
		foreach ($data as $field => $value) {
			$cleaned[$field] = $field === 'label' ? Sanitizer::clean($value, 'nohtml') : Sanitizer::field((string) $field, $value);
		}
		return $cleaned;
	}
}
