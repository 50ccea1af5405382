<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Store;

use Sandbox\Sanitizer;
use Sandbox\Sql\SqlError;

/**
 * Products and services.
 */
class Products extends Records
{
	const WRITABLE = array(
		'ref' => 'ref', 'ref_ext' => 'ref_ext', 'label' => 'label', 'description' => 'description', 'note_public' => 'note_public', 'note_private' => 'note',
		'type' => 'fk_product_type', 'status' => 'tosell', 'status_buy' => 'tobuy', 'status_batch' => 'tobatch', 'price' => 'price', 'price_ttc' => 'price_ttc',
		'price_min' => 'price_min', 'price_min_ttc' => 'price_min_ttc', 'price_base_type' => 'price_base_type', 'cost_price' => 'cost_price', 'tva_tx' => 'tva_tx',
		'default_vat_code' => 'default_vat_code', 'localtax1_tx' => 'localtax1_tx', 'localtax2_tx' => 'localtax2_tx', 'barcode' => 'barcode',
		'country_id' => 'fk_country', 'customcode' => 'customcode', 'url' => 'url', 'finished' => 'finished', 'weight' => 'weight', 'weight_units' => 'weight_units',
		'length' => 'length', 'width' => 'width', 'height' => 'height', 'surface' => 'surface', 'volume' => 'volume', 'seuil_stock_alerte' => 'seuil_stock_alerte',
		'desiredstock' => 'desiredstock', 'accountancy_code_sell' => 'accountancy_code_sell', 'accountancy_code_buy' => 'accountancy_code_buy',
		'fk_default_warehouse' => 'fk_default_warehouse', 'stockable_product' => 'stockable_product', 'fk_unit' => 'fk_unit',
	);

	protected function table()
	{
		return 'product';
	}

	protected function shape()
	{
		return 'product';
	}

	protected function map()
	{
		return array('id' => 'rowid', 'entity' => 'entity', 'stock_reel' => 'stock', 'pmp' => 'pmp', 'date_creation' => '@datec', 'date_modification' => '@tms', 'import_key' => 'import_key') + self::WRITABLE;
	}

	protected function writable()
	{
		return self::WRITABLE;
	}

	protected function listed()
	{
		return array('rowid', 'ref', 'ref_ext');
	}

	protected function emptyValue($column)
	{
		return in_array($column, array('label', 'description', 'price_base_type', 'customcode'), true) ? '' : null;
	}

	/**
	 * @param array $given properties, cleaned
	 * @param \User $user  who does it
	 * @return int id
	 * @throws SqlError when there is no reference, it is taken, or a value does not fit
	 */
	public function create(array $given, $user)
	{
		$values = $this->columnsFrom($given) + array('price_base_type' => '', 'tosell' => 0, 'tobuy' => 0, 'tva_tx' => 0, 'price' => 0, 'description' => '', 'customcode' => '', 'seuil_stock_alerte' => 0);
		$values['ref'] = Sanitizer::reference((string) $values['ref']);
		if ($values['ref'] === '') {
			throw new SqlError('REF', 'ProductModuleNotSetupForAutoRef');
		}
		$values = $this->withPrices($values, array());
		return $this->db->transaction(function () use ($values, $user) {
			$this->refuseTaken($values['ref'], 0);
			$now = $this->db->idate(dol_now());
			return $this->db->insert($this->name(), $values + array('entity' => $this->entity(), 'datec' => $now, 'tms' => $now, 'fk_user_author' => (int) $user->id));
		});
	}

	/**
	 * @param object $row   row as it is
	 * @param array  $given properties, cleaned
	 * @param \User  $user  who does it
	 * @return void
	 * @throws SqlError when the reference is taken or a value does not fit
	 */
	public function change($row, array $given, $user)
	{
		$values = $this->columnsFrom($given);
		if (isset($values['ref'])) {
			$values['ref'] = Sanitizer::changedReference((string) $values['ref']);
		}
		if (array_key_exists('label', $values) && trim((string) $values['label']) === '') {
			$values['label'] = 'MISSING LABEL';
		}
		$values = $this->withPrices($values, (array) $row);
		$this->db->transaction(function () use ($row, $values, $user) {
			if (isset($values['ref'])) {
				$this->refuseTaken($values['ref'], (int) $row->rowid);
			}
			$this->db->update($this->name(), $values + array('tms' => $this->db->idate(dol_now()), 'fk_user_modif' => (int) $user->id), (int) $row->rowid);
		});
	}

	/**
	 * @param int $id product
	 * @return bool false when an order or an invoice has it
	 * @throws SqlError on PostgreSQL without the table that only modVariants makes: the application asks for it
	 */
	public function remove($id)
	{
		return $this->db->transaction(function () use ($id) {
			foreach (array('commandedet', 'facturedet', 'stock_mouvement') as $table) {
				if ($this->db->run('SELECT rowid FROM '.MAIN_DB_PREFIX.$table.' WHERE fk_product = ? LIMIT 1', array($id))->fetch()) {
					return false;
				}
			}
			if ($this->db->type === 'pgsql') {
				$this->db->run('SELECT rowid FROM '.MAIN_DB_PREFIX.'product_attribute_combination WHERE fk_product_parent = ?', array($id));
			}
			$this->db->run('DELETE FROM '.MAIN_DB_PREFIX.'product_stock WHERE fk_product = ?', array($id));
			$this->db->run('DELETE FROM '.$this->name().' WHERE rowid = ?', array($id));
			return true;
		});
	}

	/**
	 * @param string $ref reference
	 * @param int    $id  product that may have it
	 * @return void
	 * @throws SqlError
	 */
	private function refuseTaken($ref, $id)
	{
		if ($this->db->run('SELECT rowid FROM '.$this->name().' WHERE ref = ? AND entity = ? AND rowid <> ?', array($ref, $this->entity(), $id))->fetch()) {
			throw new SqlError('DB_ERROR_RECORD_ALREADY_EXISTS', 'ErrorProductAlreadyExists');
		}
	}

	/**
	 * @param array $values columns to write
	 * @param array $before columns as they are
	 * @return array columns to write, the price without and with tax in step
	 */
	private function withPrices(array $values, array $before)
	{
		if (!array_intersect(array('price', 'price_ttc', 'tva_tx', 'price_base_type', 'price_min', 'price_min_ttc'), array_keys($values))) {
			return $values;
		}
		$all = $values + $before + array('price' => 0, 'price_ttc' => 0, 'price_min' => 0, 'price_min_ttc' => 0, 'tva_tx' => 0, 'price_base_type' => '');
		$factor = 1 + ((float) $all['tva_tx'] + (float) (isset($all['localtax1_tx']) ? $all['localtax1_tx'] : 0)) / 100;
		$gross = $all['price_base_type'] === 'TTC';
		foreach (array('price', 'price_min') as $name) {
			if ($gross) {
				$values[$name] = round((float) $all[$name.'_ttc'] / $factor, 5);
			} else {
				$values[$name.'_ttc'] = round((float) $all[$name] * $factor, 5);
			}
		}
		return $values;
	}
}
