<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Store;

use Sandbox\DateValue;
use Sandbox\Sql\SqlError;

/**
 * Lines of orders or invoices and the sums that follow from them.
 */
class Lines
{
	/** Names that lines have in one kind of document and not in the other. */
	const KINDS = array(
		'commande' => array('table' => 'commandedet', 'parent' => 'fk_commande', 'shape' => 'orderline'),
		'facture' => array('table' => 'facturedet', 'parent' => 'fk_facture', 'shape' => 'invoiceline'),
	);

	/** @var \DoliDB */
	private $db;
	/** @var array */
	private $kind;
	/** @var string */
	private $document;

	/**
	 * @param \DoliDB $db       database
	 * @param string  $document commande or facture
	 */
	public function __construct($db, $document)
	{
		$this->db = $db;
		$this->document = $document;
		$this->kind = self::KINDS[$document];
	}

	/**
	 * @param int $parent document
	 * @return object[] rows in order, each with what its product adds
	 */
	public function rows($parent)
	{
		$sql = 'SELECT l.*, p.ref AS product_ref, p.label AS product_label, p.description AS product_desc, p.tosell AS product_tosell, p.tobuy AS product_tobuy,'
			.' p.tobatch AS product_tobatch, p.barcode AS product_barcode, p.fk_product_type FROM '.$this->name().' l LEFT JOIN '.MAIN_DB_PREFIX.'product p ON p.rowid = l.fk_product'
			.' WHERE l.'.$this->kind['parent'].' = ? ORDER BY l.rang, l.rowid';
		return $this->db->run($sql, array($parent))->fetchAll();
	}

	/**
	 * @param object $row   line of rows()
	 * @param bool   $alone whether it is answered by itself
	 * @return array line as the API answers it
	 */
	public function present($row, $alone = false)
	{
		$line = Records::template($this->kind['shape']);
		if ($alone) {
			$line += Records::template('orderlinealone');
		}
		$product = $row->fk_product !== null;
		$parent = $row->{$this->kind['parent']};
		$values = array(
			'id' => $row->rowid, 'rowid' => $row->rowid, 'desc' => $row->description, 'description' => $row->description, 'fk_product' => $row->fk_product,
			'ref' => $row->product_ref, 'product_ref' => $row->product_ref, 'product_label' => $row->product_label, 'product_desc' => $row->product_desc,
			'libelle' => $row->product_label, 'label' => $row->label, 'qty' => $row->qty, 'subprice' => $row->subprice, 'tva_tx' => $row->tva_tx,
			'remise_percent' => $row->remise_percent, 'total_ht' => $row->total_ht, 'total_tva' => $row->total_tva, 'total_ttc' => $row->total_ttc,
			'multicurrency_subprice' => $row->subprice, 'multicurrency_total_ht' => $row->total_ht, 'multicurrency_total_tva' => $row->total_tva,
			'multicurrency_total_ttc' => $row->total_ttc, 'product_type' => $row->product_type, 'fk_product_type' => $product ? $row->fk_product_type : null,
			'product_tosell' => $row->product_tosell, 'product_tobuy' => $row->product_tobuy, 'product_barcode' => $row->product_barcode, 'rang' => $row->rang,
			'special_code' => $row->special_code, 'info_bits' => $row->info_bits, 'ref_ext' => (string) $row->ref_ext, 'fk_parent_line' => $row->fk_parent_line,
			'date_start' => $this->db->jdate($row->date_start), 'date_end' => $this->db->jdate($row->date_end), 'pa_ht' => $row->buy_price_ht,
			'marque_tx' => (float) $row->subprice > 0 ? 100 : '', $this->kind['parent'] => $parent,
		);
		if ($this->document === 'commande') {
			$values += array('commande_id' => $parent, 'price' => (string) round((float) $row->subprice * (1 - (float) $row->remise_percent / 100), 8));
		}
		return array_intersect_key($values, $line) + $line;
	}

	/**
	 * @param int   $parent document
	 * @param array $given  properties, cleaned
	 * @param bool  $strict whether a line without a product must say whether it is a product or a service, as in POST orders/{id}/lines
	 * @return int id
	 * @throws SqlError when a value does not fit
	 */
	public function add($parent, array $given, $strict)
	{
		$product = empty($given['fk_product']) ? null : (int) $given['fk_product'];
		if ($strict && $product === null && (!isset($given['product_type']) || $given['product_type'] === '')) {
			throw new SqlError('DB_ERROR_1366', "Incorrect integer value: '' for column `".$this->name()."`.`product_type` at row 1");
		}
		$type = isset($given['product_type']) ? (int) $given['product_type'] : 0;
		if ($product !== null) {
			$row = $this->db->run('SELECT fk_product_type FROM '.MAIN_DB_PREFIX.'product WHERE rowid = ?', array($product))->fetch();
			if (!$row) {
				throw new SqlError('DB_ERROR_NO_PARENT', 'The product '.$product.' does not exist');
			}
			$type = (int) $row->fk_product_type;
		}
		$values = $this->columns($given) + array($this->kind['parent'] => $parent, 'fk_product' => $product, 'product_type' => $type, 'buy_price_ht' => 0);
		$id = $this->db->insert($this->name(), $values);
		$this->sum($parent);
		return $id;
	}

	/**
	 * Changes a line. What is left out becomes 0, as measured on 22.0.4.
	 *
	 * @param int   $parent document
	 * @param int   $id     line
	 * @param array $given  properties, cleaned
	 * @return void
	 */
	public function change($parent, $id, array $given)
	{
		if ($this->db->run('SELECT rowid FROM '.$this->name().' WHERE rowid = ? AND '.$this->kind['parent'].' = ?', array($id, $parent))->fetch()) {
			$this->db->update($this->name(), $this->columns($given), $id);
			$this->sum($parent);
		}
	}

	/**
	 * @param int $parent document
	 * @param int $id     line
	 * @return bool whether the document had that line
	 */
	public function remove($parent, $id)
	{
		$gone = $this->db->run('DELETE FROM '.$this->name().' WHERE rowid = ? AND '.$this->kind['parent'].' = ?', array($id, $parent))->rowCount();
		if ($gone) {
			$this->sum($parent);
		}
		return $gone > 0;
	}

	/**
	 * @param int $parent document
	 * @return void
	 */
	public function removeAll($parent)
	{
		$this->db->run('DELETE FROM '.$this->name().' WHERE '.$this->kind['parent'].' = ?', array($parent));
	}

	/** @return array columns of a line */
	private function columns(array $given)
	{
		$number = static function ($name) use ($given) {
			$value = isset($given[$name]) && $given[$name] !== '' ? $given[$name] : 0;
			if (!is_numeric($value)) {
				throw new SqlError('DB_ERROR_1366', 'Incorrect decimal value: \''.(is_string($value) ? $value : '').'\' for column '.$name);
			}
			return (float) $value;
		};
		$net = round($number('qty') * $number('subprice') * (1 - $number('remise_percent') / 100), 2);
		$tax = round($net * $number('tva_tx') / 100, 2);
		return array(
			'description' => isset($given['desc']) ? (string) $given['desc'] : '', 'label' => isset($given['label']) && $given['label'] !== '' ? (string) $given['label'] : null,
			'qty' => $number('qty'), 'subprice' => $number('subprice'), 'tva_tx' => $number('tva_tx'), 'remise_percent' => $number('remise_percent'),
			'total_ht' => $net, 'total_tva' => $tax, 'total_ttc' => $net + $tax, 'rang' => (int) $number('rang'), 'special_code' => (int) $number('special_code'),
			'info_bits' => (int) $number('info_bits'), 'ref_ext' => isset($given['ref_ext']) ? (string) $given['ref_ext'] : null,
			'date_start' => DateValue::day(isset($given['date_start']) ? $given['date_start'] : null), 'date_end' => DateValue::day(isset($given['date_end']) ? $given['date_end'] : null),
		);
	}

	/**
	 * @param int $parent document
	 * @return void
	 */
	private function sum($parent)
	{
		$sql = 'SELECT COALESCE(SUM(total_ht), 0) AS total_ht, COALESCE(SUM(total_tva), 0) AS total_tva, COALESCE(SUM(total_ttc), 0) AS total_ttc FROM '.$this->name().' WHERE '.$this->kind['parent'].' = ?';
		$sums = (array) $this->db->run($sql, array($parent))->fetch();
		foreach ($sums as $name => $value) {
			$sums['multicurrency_'.$name] = $value;
		}
		$this->db->update(MAIN_DB_PREFIX.$this->document, $sums + array('tms' => $this->db->idate(dol_now())), $parent);
	}

	/** @return string */
	private function name()
	{
		return MAIN_DB_PREFIX.$this->kind['table'];
	}
}
