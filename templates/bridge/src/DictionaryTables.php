<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The application's dictionaries: which table each is in, by what a row is known, and how its columns are called here.
 *
 * As admin/dict.php of 16, 22 and 24 has them. A column that the version at hand lacks is told from the table itself.
 */
class DictionaryTables
{
	/**
	 * By name: the table, its id column where the page makes the ids itself ('' where the database does), by what a row
	 * is known, and the columns: a word alone is called as its column is, `#` after it stands for a number.
	 */
	const ALL = array(
		'asset_disposal_types' => array('c_asset_disposal_type', 'rowid', 'code', 'code label'),
		'availabilities' => array('c_availability', 'rowid', 'code', 'code label quantity=qty# unit=type_duration position#'),
		'batch_statuses' => array('c_productbatch_qcstatus', 'rowid', 'code', 'code label'),
		'civilities' => array('c_civility', 'rowid', 'code', 'code label'),
		'company_types' => array('c_typent', 'id', 'code', 'code label=libelle country=fk_country position#'),
		'contact_types' => array('c_type_contact', 'rowid', 'element source code', 'element source code label=libelle position#'),
		'countries' => array('c_country', 'rowid', 'code', 'code label phone_code trunk_prefix favorite# eec# sepa#'),
		'currencies' => array('c_currencies', 'code_iso', 'code', 'code=code_iso label unicode'),
		'departments' => array('c_hrm_department', 'rowid', 'code', 'code label position=pos#'),
		'ecotaxes' => array('c_ecotaxe', '', 'code', 'code label price# organization country=fk_pays'),
		'event_types' => array('c_actioncomm', 'id', 'code', 'code label=libelle type color position#'),
		'expense_types' => array('c_type_fees', 'id', 'code', 'code label accountancy_code'),
		'functions' => array('c_hrm_function', 'rowid', 'code', 'code label position=pos#'),
		'invoice_subtypes' => array('c_invoice_subtype', '', 'country code', 'country=fk_country code label'),
		'label_formats' => array(
			'c_format_cards', '', 'code', 'code label=name paper_size orientation metric left_margin=leftmargin# top_margin=topmargin#'
				.' columns=nx# rows=ny# space_x=spacex# space_y=spacey# width# height# font_size# custom_x# custom_y#',
		),
		'lead_statuses' => array('c_lead_status', '', 'code', 'code label percent# position#'),
		'leave_types' => array(
			'c_holiday_types', '', 'code', 'code label affect# delay# new_by_month=newbymonth# country=fk_country'
				.' block_if_negative# position=sortorder#',
		),
		'legal_forms' => array('c_forme_juridique', '', 'code', 'code label=libelle country=fk_pays'),
		'order_methods' => array('c_input_method', '', 'code', 'code label=libelle'),
		'order_sources' => array('c_input_reason', 'rowid', 'code', 'code label'),
		'paper_formats' => array('c_paper_format', '', 'code', 'code label width# height# unit'),
		'payment_modes' => array('c_paiement', 'id', 'code', 'code label=libelle type# accountancy_code'),
		'payment_terms' => array(
			'c_payment_term', '', 'code', 'code label=libelle document_label=libelle_facture deposit=deposit_percent days=nbjour#'
				.' type=type_cdr# offset=decalage# position=sortorder#',
		),
		'product_natures' => array('c_product_nature', 'rowid', 'code', 'code# label'),
		'prospect_levels' => array('c_prospectlevel', 'code', 'code', 'code label position=sortorder#'),
		'prospect_statuses' => array('c_stcomm', 'id', 'code', 'code label=libelle picto'),
		'public_holidays' => array(
			'c_hrm_public_holiday', 'id', 'code', 'code dayrule day# month# year# country=fk_country',
		),
		'regions' => array('c_regions', '', 'code', 'code=code_region# label=nom country=fk_pays'),
		'resource_types' => array('c_type_resource', '', 'code', 'code label'),
		'revenue_stamps' => array(
			'c_revenuestamp', '', 'country rate', 'country=fk_pays rate=taux# type=revenuestamp_type accountancy_code_sell'
				.' accountancy_code_buy note',
		),
		'shipping_methods' => array('c_shipment_mode', 'rowid', 'code', 'code label=libelle tracking'),
		'social_contributions' => array('c_chargesociales', 'id', 'code', 'code label=libelle country=fk_pays accountancy_code'),
		'social_networks' => array('c_socialnetworks', '', 'code', 'code label url icon'),
		'staff_sizes' => array('c_effectif', 'id', 'code', 'code label=libelle'),
		'states' => array('c_departements', '', 'region code', 'region=fk_region# code=code_departement label=nom'),
		'transport_modes' => array('c_transport_mode', '', 'code', 'code label'),
		'units' => array('c_units', '', 'code', 'code label short_label type=unit_type scale# position=sortorder#'),
		'vat_rates' => array(
			'c_tva', '', 'country code rate npr', 'country=fk_pays code rate=taux# npr=recuperableonly# use=type_vat#'
				.' localtax1 localtax1_type localtax2 localtax2_type accountancy_code_sell accountancy_code_buy'
				.' default=use_default# einvoice_code=einvoice_vatex note',
		),
		'website_containers' => array('c_type_container', '', 'code', 'code label'),
	);

	/** What a new row has where nothing is said, because the page asks for it or the application cannot do without. */
	const OF_NEW = array(
		'payment_terms' => array('type' => 0, 'days' => 0, 'position' => 0),
		'payment_modes' => array('type' => 2),
		'vat_rates' => array('code' => '', 'npr' => 0, 'localtax1' => '0', 'localtax1_type' => '0', 'localtax2' => '0', 'localtax2_type' => '0'),
		'units' => array('position' => 0),
	);

	/** Dictionaries whose rows are all of a country: that of the company where none is named. */
	const OF_A_COUNTRY = array('vat_rates', 'revenue_stamps', 'social_contributions', 'legal_forms', 'regions', 'invoice_subtypes', 'ecotaxes');

	/**
	 * @return array{table: string, id: string, made: bool, key: string[], columns: array<string, string>, numbers: string[]}
	 * @throws Failure `unknown_dictionary`
	 */
	public static function get(string $name): array
	{
		if (!isset(self::ALL[$name])) {
			throw new Failure(
				'unknown_dictionary',
				"There is no dictionary \"$name\" here.",
				'Near names: '.implode(', ', Nearness::of($name, array_keys(self::ALL))).'.'
			);
		}
		list($table, $id, $key, $words) = self::ALL[$name];
		$columns = $numbers = array();
		foreach (explode(' ', $words) as $word) {
			$pair = explode('=', rtrim($word, '#'));
			$columns[$pair[0]] = $pair[1] ?? $pair[0];
			if (substr($word, -1) === '#') {
				$numbers[] = $pair[0];
			}
		}
		// Where the page makes no ids it calls them rowid; where the id is the code there is none to be made.
		$made = $id !== '' && !in_array($id, $columns, true);
		return array('table' => $table, 'id' => $id ?: 'rowid', 'made' => $made, 'key' => explode(' ', $key), 'columns' => $columns, 'numbers' => $numbers);
	}
}
