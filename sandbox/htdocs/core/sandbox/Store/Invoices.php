<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Store;

use Sandbox\DateValue;

/**
 * Invoices to customers.
 */
class Invoices extends Documents
{
	const PAID = 2;

	/** The state that a list asks for => the number that the table has. */
	const STATES = array('draft' => 0, 'unpaid' => 1, 'paid' => 2, 'cancelled' => 3);

	const WRITABLE = array(
		'ref_ext' => 'ref_ext', 'ref_client' => 'ref_client', 'note_public' => 'note_public', 'note_private' => 'note_private', 'cond_reglement_id' => 'fk_cond_reglement',
		'mode_reglement_id' => 'fk_mode_reglement', 'fk_project' => 'fk_projet', 'module_source' => 'module_source', 'pos_source' => 'pos_source',
	);

	protected function table()
	{
		return 'facture';
	}

	protected function shape()
	{
		return 'invoice';
	}

	protected function prefix()
	{
		return 'IN';
	}

	protected function event()
	{
		return 'BILL_VALIDATE';
	}

	protected function trackPrefix()
	{
		return 'inv';
	}

	protected function dateColumn()
	{
		return 'datef';
	}

	protected function source()
	{
		return 'invoice';
	}

	protected function writable()
	{
		return self::WRITABLE;
	}

	protected function map()
	{
		return array(
			'id' => 'rowid', 'entity' => 'entity', 'ref' => 'ref', 'statut' => 'fk_statut', 'status' => 'fk_statut', 'socid' => 'fk_soc', 'type' => 'type', 'paye' => 'paye',
			'date' => '@datef', 'date_lim_reglement' => '@date_lim_reglement', 'date_creation' => '@datec', 'date_validation' => '@date_valid', 'date_modification' => '@tms',
			'datem' => '@tms', 'total_ht' => 'total_ht', 'total_tva' => 'total_tva', 'total_ttc' => 'total_ttc', 'multicurrency_total_ht' => 'multicurrency_total_ht',
			'multicurrency_total_tva' => 'multicurrency_total_tva', 'multicurrency_total_ttc' => 'multicurrency_total_ttc', 'multicurrency_code' => 'multicurrency_code',
			'user_creation_id' => 'fk_user_author', 'fk_user_author' => 'fk_user_author', 'user_validation_id' => 'fk_user_valid', 'fk_user_valid' => 'fk_user_valid',
			'ref_customer' => 'ref_client', 'import_key' => 'import_key',
		) + self::WRITABLE;
	}

	protected function derived($row)
	{
		$paid = (float) $this->paid((int) $row->rowid);
		return parent::derived($row) + array(
			'totalpaid' => $paid == 0 ? 0 : (string) $paid, 'remaintopay' => (string) round((float) $row->total_ttc - $paid, 2), 'contacts_ids' => array(),
		);
	}

	protected function fresh(array $given)
	{
		$day = isset($given['date']) ? $given['date'] : dol_now();
		return array(
			'datec' => $this->db->idate(dol_now()), 'type' => isset($given['type']) && is_numeric($given['type']) ? (int) $given['type'] : 0, 'paye' => 0,
			'date_lim_reglement' => DateValue::day(empty($given['date_lim_reglement']) ? $day : $given['date_lim_reglement']),
			'fk_cond_reglement' => 0, 'fk_mode_reglement' => 0,
		);
	}

	/**
	 * @param object $row invoice
	 * @return bool whether it may go: a draft, or the last number without a payment
	 */
	public function isErasable($row)
	{
		if ((int) $row->fk_statut === self::DRAFT) {
			return true;
		}
		$prefix = (string) preg_replace('/\d+$/', '', $row->ref);
		$sql = 'SELECT rowid FROM '.$this->name().' WHERE ref > ? AND ref LIKE ? AND entity = ? LIMIT 1';
		return (float) $this->paid((int) $row->rowid) == 0 && !$this->db->run($sql, array($row->ref, $prefix.'%', $this->entity()))->fetch();
	}

	/**
	 * @param int $id invoice
	 * @return string sum of its payments
	 */
	private function paid($id)
	{
		return $this->db->run('SELECT COALESCE(SUM(amount), 0) AS paid FROM '.MAIN_DB_PREFIX.'paiement_facture WHERE fk_facture = ?', array($id))->fetch()->paid;
	}
}
