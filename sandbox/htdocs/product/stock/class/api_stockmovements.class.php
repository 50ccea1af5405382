<?php
// SPDX-License-Identifier: GPL-3.0-or-later

use Sandbox\Api\ApiError;
use Sandbox\DateValue;
use Sandbox\Sanitizer;
use Sandbox\Sql\SqlError;
use Sandbox\Store\StockMovements as Store;

/**
 * Movements of stock.
 */
class Stockmovements extends Sandbox\Api\ListEndpoint
{
	public static function routes()
	{
		$params = array('product_id:int', 'warehouse_id:int', 'qty:string', 'type:int=2', 'lot:string=', 'movementcode:string=', 'movementlabel:string=', 'price:string=', 'datem:string=');
		return array(
			array('GET', 'stockmovements', 'index', 'List movements of stock', self::listParams('t.rowid')),
			array('POST', 'stockmovements', 'post', 'Move stock', $params),
		);
	}

	/** @return array */
	public function index($sortfield, $sortorder, $limit, $page, $sqlfilters, $properties, $paginate)
	{
		$this->need('stock', 'lire');
		return $this->listOf(new Store($this->db), array(), array($sortfield, $sortorder, $limit, $page, $sqlfilters, $properties, $paginate), 'stock movement list');
	}

	/** @return int id */
	public function post($product, $warehouse, $quantity, $type, $lot, $code, $label, $price, $date)
	{
		$this->need('stock', 'creer');
		if (!is_numeric($quantity)) {
			throw new ApiError(400, 'Invalid value specified for `qty`. Expecting numeric value');
		}
		if ((float) $quantity == 0) {
			throw new ApiError(503, 'Making a stock movement with a quantity of 0 is not possible');
		}
		// 0 and 1 are moves by hand, 2 and 3 by a document; the odd ones of each pair go with the sign
		$type = $quantity > 0 ? ($type === 1 ? 0 : ($type === 2 ? 3 : $type)) : $type;
		$more = array('label' => Sanitizer::clean($label, 'alphanohtml'), 'inventorycode' => Sanitizer::clean($code, 'alphanohtml'), 'batch' => $lot === '' ? null : Sanitizer::clean($lot, 'alphanohtml'));
		try {
			$more['price'] = is_numeric($price) ? (float) $price : 0;
			if ($date !== '') {
				$more['datem'] = $this->db->idate(DateValue::seconds($date));
			}
			return (new Store($this->db))->create($product, $warehouse, (float) $quantity, $type, $more, $this->user);
		} catch (SqlError $e) {
			throw new ApiError(503, 'Error when create stock movement : '.$e->getMessage());
		}
	}
}
