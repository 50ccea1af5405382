<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of a movement of stock in 22.0.4's answers, in their order, with the value that an untouched one has.
return array(
	'module' => null, 'id' => null, 'entity' => null, 'import_key' => null, 'array_options' => array(), 'array_languages' => null,
	'contacts_ids' => null, 'contacts_ids_internal' => null, 'linkedObjectsIds' => null, 'origin_type' => '', 'origin_id' => '0', 'ref' => null,
	'ref_ext' => null, 'statut' => null, 'status' => null, 'state_id' => null, 'region_id' => null, 'demand_reason_id' => null,
	'transport_mode_id' => null, 'shipping_method' => null, 'fk_multicurrency' => null, 'multicurrency_code' => null, 'multicurrency_tx' => null,
	'multicurrency_total_ht' => null, 'multicurrency_total_tva' => null, 'multicurrency_total_localtax1' => null,
	'multicurrency_total_localtax2' => null, 'multicurrency_total_ttc' => null, 'last_main_doc' => null, 'actiontypecode' => null,
	'civility_code' => null, 'date_creation' => null, 'date_validation' => null, 'date_modification' => null, 'tms' => 1795518691,
	'date_cloture' => null, 'user_author' => null, 'user_creation' => null, 'user_creation_id' => null, 'user_valid' => null, 'user_validation' => null,
	'user_validation_id' => null, 'user_closing_id' => null, 'user_modification' => null, 'user_modification_id' => null, 'fk_user_creat' => null,
	'fk_user_modif' => null, 'specimen' => 0, 'totalpaid' => null, 'extraparams' => array(), 'product' => null, 'cond_reglement_supplier_id' => null,
	'deposit_percent' => null, 'retained_warranty_fk_cond_reglement' => null, 'warehouse_id' => null, 'product_id' => null, 'entrepot_id' => null,
	'qty' => null, 'type' => '3', 'datem' => null, 'price' => '0.00000000', 'fk_user_author' => null, 'label' => '', 'fk_origin' => '0',
	'origintype' => '', 'line_id_oject_src' => null, 'line_id_oject_origin' => null, 'inventorycode' => null, 'batch' => null,
	'line_id_object_src' => null, 'line_id_object_origin' => null, 'eatby' => '', 'sellby' => '',
);
