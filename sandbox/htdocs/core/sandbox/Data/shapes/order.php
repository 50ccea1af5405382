<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of an order in 22.0.4's answers, in their order, with the value that an untouched one has.
return array(
	'module' => null, 'id' => null, 'entity' => null, 'import_key' => null, 'array_options' => array(), 'array_languages' => null,
	'contacts_ids' => null, 'contacts_ids_internal' => null, 'linkedObjectsIds' => array(), 'canvas' => null, 'fk_project' => null, 'contact_id' => null,
	'user' => null, 'origin_type' => null, 'origin_id' => null, 'ref' => null, 'ref_ext' => null, 'statut' => '0', 'status' => '0', 'country_id' => null,
	'country_code' => null, 'state_id' => null, 'region_id' => null, 'mode_reglement_id' => null, 'cond_reglement_id' => null,
	'demand_reason_id' => null, 'transport_mode_id' => null, 'shipping_method_id' => null, 'shipping_method' => null, 'fk_multicurrency' => '0',
	'multicurrency_code' => 'EUR', 'multicurrency_tx' => '1.00000000', 'multicurrency_total_ht' => '0.00000000',
	'multicurrency_total_tva' => '0.00000000', 'multicurrency_total_localtax1' => null, 'multicurrency_total_localtax2' => null,
	'multicurrency_total_ttc' => '0.00000000', 'last_main_doc' => null, 'fk_account' => null, 'note_public' => '', 'note_private' => null,
	'total_ht' => '0.00000000', 'total_tva' => '0.00000000', 'total_localtax1' => '0.00000000', 'total_localtax2' => '0.00000000',
	'total_ttc' => '0.00000000', 'lines' => array(), 'actiontypecode' => null, 'name' => null, 'lastname' => null, 'firstname' => null,
	'civility_id' => null, 'civility_code' => null, 'date_creation' => null, 'date_validation' => '', 'date_modification' => null, 'tms' => null,
	'date_cloture' => null, 'user_author' => null, 'user_creation' => null, 'user_creation_id' => null, 'user_valid' => null, 'user_validation' => null,
	'user_validation_id' => null, 'user_closing_id' => null, 'user_modification' => null, 'user_modification_id' => null, 'fk_user_creat' => null,
	'fk_user_modif' => null, 'specimen' => 0, 'totalpaid' => null, 'extraparams' => array(), 'product' => null, 'cond_reglement_supplier_id' => null,
	'deposit_percent' => null, 'retained_warranty_fk_cond_reglement' => null, 'warehouse_id' => null, 'code' => '', 'fk_incoterms' => '0',
	'label_incoterms' => null, 'location_incoterms' => '', 'socid' => null, 'ref_client' => null, 'ref_customer' => null, 'contactid' => null,
	'billed' => '0', 'date_lim_reglement' => null, 'cond_reglement_code' => null, 'cond_reglement_doc' => null, 'mode_reglement_code' => null,
	'availability_id' => null, 'availability_code' => null, 'availability' => null, 'demand_reason_code' => null, 'date' => null,
	'date_commande' => null, 'delivery_date' => '', 'fk_remise_except' => null, 'remise_percent' => null, 'source' => null, 'signed_status' => 0,
	'user_author_id' => null, 'line' => null, 'module_source' => null, 'pos_source' => null, 'expeditions' => null, 'online_payment_url' => null,
);
