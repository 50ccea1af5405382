<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Store;

use Sandbox\Sql\SqlError;

/**
 * Movements of stock, and with them what lies where.
 */
class StockMovements extends Records
{
	protected function table()
	{
		return 'stock_mouvement';
	}

	protected function shape()
	{
		return 'stockmovement';
	}

	protected function map()
	{
		return array(
			'id' => 'rowid', 'product_id' => 'fk_product', 'warehouse_id' => 'fk_entrepot', 'qty' => 'value', 'type' => 'type_mouvement', 'datem' => '@datem', 'tms' => '@tms',
			'price' => 'price', 'label' => 'label', 'inventorycode' => 'inventorycode', 'fk_user_author' => 'fk_user_author', 'batch' => 'batch',
		);
	}

	protected function writable()
	{
		return array();
	}

	protected function companies()
	{
		return array('t.fk_entrepot IN (SELECT e.rowid FROM '.MAIN_DB_PREFIX.'entrepot e WHERE e.entity = ?)' => array($this->entity()));
	}

	/**
	 * @param int    $product   product
	 * @param int    $warehouse warehouse
	 * @param float  $quantity  more than 0 into it, less out of it
	 * @param int    $type      0 to 3, as in the application
	 * @param array  $more      other columns
	 * @param \User  $user      who does it
	 * @return int id
	 * @throws SqlError when product or warehouse do not exist
	 */
	public function create($product, $warehouse, $quantity, $type, array $more, $user)
	{
		return $this->db->transaction(function () use ($product, $warehouse, $quantity, $type, $more, $user) {
			$stock = MAIN_DB_PREFIX.'product_stock';
			$known = $this->db->run('SELECT rowid FROM '.MAIN_DB_PREFIX.'product WHERE rowid = ? FOR UPDATE', array($product))->fetch()
				&& $this->db->run('SELECT rowid FROM '.MAIN_DB_PREFIX.'entrepot WHERE rowid = ?', array($warehouse))->fetch();
			if (!$known) {
				throw new SqlError('DB_ERROR_NO_PARENT', 'The product or the warehouse does not exist');
			}
			$now = $this->db->idate(dol_now());
			$row = $this->db->run('SELECT rowid, reel FROM '.$stock.' WHERE fk_product = ? AND fk_entrepot = ?', array($product, $warehouse))->fetch();
			if ($row) {
				$this->db->update($stock, array('reel' => (float) $row->reel + $quantity, 'tms' => $now), (int) $row->rowid);
			} else {
				$this->db->insert($stock, array('fk_product' => $product, 'fk_entrepot' => $warehouse, 'reel' => $quantity, 'tms' => $now));
			}
			$sum = $this->db->run('SELECT SUM(reel) AS reel FROM '.$stock.' WHERE fk_product = ?', array($product))->fetch();
			$this->db->update(MAIN_DB_PREFIX.'product', array('stock' => $sum->reel), $product);
			return $this->db->insert($this->name(), $more + array(
				'fk_product' => $product, 'fk_entrepot' => $warehouse, 'value' => $quantity, 'type_mouvement' => $type, 'fk_user_author' => (int) $user->id, 'datem' => $now, 'tms' => $now,
			));
		});
	}

	/**
	 * @param int $product product
	 * @return array warehouse => what lies there
	 */
	public function byWarehouse($product)
	{
		$places = array();
		foreach ($this->db->run('SELECT rowid, fk_entrepot, reel FROM '.MAIN_DB_PREFIX.'product_stock WHERE fk_product = ?', array($product))->fetchAll() as $row) {
			$places[$row->fk_entrepot] = array('real' => $row->reel, 'id' => $row->rowid);
		}
		return $places;
	}
}
