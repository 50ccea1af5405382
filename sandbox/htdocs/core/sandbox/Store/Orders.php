<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Store;

use Sandbox\DateValue;

/**
 * Orders of customers.
 */
class Orders extends Documents
{
	const CLOSED = 3;

	const WRITABLE = array(
		'ref_ext' => 'ref_ext', 'ref_client' => 'ref_client', 'note_public' => 'note_public', 'note_private' => 'note_private', 'cond_reglement_id' => 'fk_cond_reglement',
		'mode_reglement_id' => 'fk_mode_reglement', 'shipping_method_id' => 'fk_shipping_method', 'fk_project' => 'fk_projet', 'module_source' => 'module_source', 'pos_source' => 'pos_source',
	);

	protected function table()
	{
		return 'commande';
	}

	protected function shape()
	{
		return 'order';
	}

	protected function prefix()
	{
		return 'SO';
	}

	protected function event()
	{
		return 'ORDER_VALIDATE';
	}

	protected function trackPrefix()
	{
		return 'ord';
	}

	protected function dateColumn()
	{
		return 'date_commande';
	}

	protected function source()
	{
		return 'order';
	}

	protected function writable()
	{
		return self::WRITABLE;
	}

	protected function map()
	{
		return array(
			'id' => 'rowid', 'entity' => 'entity', 'ref' => 'ref', 'statut' => 'fk_statut', 'status' => 'fk_statut', 'socid' => 'fk_soc', 'date' => '@date_commande',
			'date_commande' => '@date_commande', 'date_creation' => '@date_creation', 'date_validation' => '@date_valid', 'date_modification' => '@tms',
			'delivery_date' => '@date_livraison', 'total_ht' => 'total_ht', 'total_tva' => 'total_tva', 'total_ttc' => 'total_ttc', 'multicurrency_total_ht' => 'multicurrency_total_ht',
			'multicurrency_total_tva' => 'multicurrency_total_tva', 'multicurrency_total_ttc' => 'multicurrency_total_ttc', 'multicurrency_code' => 'multicurrency_code',
			'user_creation_id' => 'fk_user_author', 'user_author_id' => 'fk_user_author', 'user_validation_id' => 'fk_user_valid', 'user_modification_id' => 'fk_user_modif',
			'ref_customer' => 'ref_client', 'billed' => 'facture', 'import_key' => 'import_key',
		) + self::WRITABLE;
	}

	/**
	 * @param int $id order
	 * @return bool whether a line names a product that is not on sale
	 */
	public function holdsWhatIsNotOnSale($id)
	{
		foreach ($this->lines()->rows($id) as $line) {
			if ($line->fk_product !== null && empty($line->product_tosell)) {
				return true;
			}
		}
		return false;
	}

	protected function fresh(array $given)
	{
		$values = array('date_creation' => $this->db->idate(dol_now()), 'note_public' => '', 'note_private' => '');
		if (isset($given['delivery_date'])) {
			$values['date_livraison'] = DateValue::day($given['delivery_date']);
		}
		return $values;
	}
}
