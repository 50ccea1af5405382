<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of a line inside an order in 22.0.4's answers, in their order, with the value that an untouched one has.
return array(
	'module' => null, 'id' => null, 'entity' => null, 'import_key' => null, 'array_options' => array(), 'array_languages' => null,
	'contacts_ids' => null, 'contacts_ids_internal' => null, 'linkedObjectsIds' => null, 'canvas' => null, 'origin_type' => null, 'origin_id' => null,
	'ref' => null, 'ref_ext' => '', 'statut' => null, 'status' => null, 'state_id' => null, 'region_id' => null, 'demand_reason_id' => null,
	'transport_mode_id' => null, 'shipping_method' => null, 'multicurrency_tx' => null, 'multicurrency_total_ht' => null,
	'multicurrency_total_tva' => null, 'multicurrency_total_localtax1' => null, 'multicurrency_total_localtax2' => null,
	'multicurrency_total_ttc' => null, 'last_main_doc' => null, 'fk_account' => null, 'total_ht' => null, 'total_tva' => null,
	'total_localtax1' => '0.00000000', 'total_localtax2' => '0.00000000', 'total_ttc' => null, 'lines' => null, 'actiontypecode' => null,
	'civility_code' => null, 'date_creation' => null, 'date_validation' => null, 'date_modification' => null, 'tms' => null, 'date_cloture' => null,
	'user_author' => null, 'user_creation' => null, 'user_creation_id' => null, 'user_valid' => null, 'user_validation' => null,
	'user_validation_id' => null, 'user_closing_id' => null, 'user_modification' => null, 'user_modification_id' => null, 'fk_user_creat' => null,
	'fk_user_modif' => null, 'specimen' => 0, 'totalpaid' => null, 'extraparams' => array(), 'product' => null, 'cond_reglement_supplier_id' => null,
	'deposit_percent' => null, 'retained_warranty_fk_cond_reglement' => null, 'warehouse_id' => null, 'parent_element' => '',
	'fk_parent_attribute' => '', 'rowid' => null, 'fk_unit' => null, 'date_debut_prevue' => null, 'date_debut_reel' => null, 'date_fin_prevue' => null,
	'date_fin_reel' => null, 'weight' => null, 'weight_units' => '0', 'length' => null, 'length_units' => null, 'width' => null, 'width_units' => null,
	'height' => null, 'height_units' => null, 'surface' => null, 'surface_units' => null, 'volume' => null, 'volume_units' => '0', 'multilangs' => null,
	'product_type' => '0', 'fk_product' => null, 'desc' => null, 'description' => null, 'product_ref' => null, 'product_label' => null,
	'product_barcode' => null, 'product_desc' => null, 'fk_product_type' => '0', 'qty' => null, 'duree' => null, 'remise_percent' => '0',
	'info_bits' => '0', 'special_code' => '0', 'subprice' => null, 'subprice_ttc' => null, 'tva_tx' => null, 'multicurrency_subprice' => null,
	'multicurrency_subprice_ttc' => null, 'label' => null, 'libelle' => null, 'product_tosell' => null, 'product_tobuy' => null,
	'product_tobatch' => '0', 'price' => null, 'vat_src_code' => '', 'localtax1_tx' => '0.0000', 'localtax2_tx' => '0.0000', 'localtax1_type' => '0',
	'localtax2_type' => '0', 'fk_commande' => null, 'commande_id' => null, 'fk_parent_line' => null, 'fk_facture' => null, 'fk_remise_except' => null,
	'rang' => '0', 'fk_fournprice' => null, 'pa_ht' => '0.00000000', 'marge_tx' => '', 'marque_tx' => '', 'remise' => null, 'date_start' => '',
	'date_end' => '', 'packaging' => null,
);
