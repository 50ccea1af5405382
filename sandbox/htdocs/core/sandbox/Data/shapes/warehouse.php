<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of a warehouse in 22.0.4's answers, in their order, with the value that an untouched one has.
return array(
	'module' => null, 'id' => null, 'entity' => null, 'import_key' => null, 'array_options' => array(), 'array_languages' => null,
	'contacts_ids' => null, 'contacts_ids_internal' => null, 'linkedObjectsIds' => null, 'canvas' => null, 'fk_project' => null, 'contact_id' => null,
	'user' => null, 'origin_type' => null, 'origin_id' => null, 'ref' => null, 'ref_ext' => null, 'statut' => '1', 'status' => null, 'country_id' => '0',
	'country_code' => '', 'state_id' => null, 'region_id' => null, 'barcode_type' => null, 'barcode_type_coder' => null, 'mode_reglement_id' => null,
	'cond_reglement_id' => null, 'demand_reason_id' => null, 'transport_mode_id' => null, 'shipping_method_id' => null, 'shipping_method' => null,
	'fk_multicurrency' => null, 'multicurrency_code' => null, 'multicurrency_tx' => null, 'multicurrency_total_ht' => null,
	'multicurrency_total_tva' => null, 'multicurrency_total_localtax1' => null, 'multicurrency_total_localtax2' => null,
	'multicurrency_total_ttc' => null, 'last_main_doc' => null, 'fk_account' => null, 'note_public' => null, 'note_private' => null, 'total_ht' => null,
	'total_tva' => null, 'total_localtax1' => null, 'total_localtax2' => null, 'total_ttc' => null, 'lines' => null, 'actiontypecode' => null,
	'name' => null, 'lastname' => null, 'firstname' => null, 'civility_id' => null, 'civility_code' => null, 'date_creation' => null,
	'date_validation' => null, 'date_modification' => null, 'tms' => null, 'date_cloture' => null, 'user_author' => null, 'user_creation' => null,
	'user_creation_id' => null, 'user_valid' => null, 'user_validation' => null, 'user_validation_id' => null, 'user_closing_id' => null,
	'user_modification' => null, 'user_modification_id' => null, 'fk_user_creat' => null, 'fk_user_modif' => null, 'specimen' => 0, 'totalpaid' => null,
	'extraparams' => array(), 'product' => null, 'cond_reglement_supplier_id' => null, 'deposit_percent' => null,
	'retained_warranty_fk_cond_reglement' => null, 'warehouse_id' => null, 'libelle' => null, 'label' => null, 'description' => '', 'lieu' => '',
	'address' => '', 'zip' => '', 'town' => '', 'phone' => '', 'fax' => '', 'fk_parent' => null, 'warehouse_usage' => null,
);
