<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of dictionaries that an installation begins with: table => rows, the first column is what each is known by.
return array(
	'c_payment_term' => array(
		array('code' => 'RECEP', 'libelle' => 'Due upon receipt', 'libelle_facture' => 'Due upon receipt', 'nbjour' => 1, 'type_cdr' => 0, 'sortorder' => 1),
		array('code' => '30D', 'libelle' => '30 days', 'libelle_facture' => 'Due in 30 days', 'nbjour' => 30, 'type_cdr' => 0, 'sortorder' => 2),
	),
	'c_paiement' => array(
		array('code' => 'LIQ', 'id' => 4, 'libelle' => 'Cash', 'type' => 2),
		array('code' => 'CHQ', 'id' => 7, 'libelle' => 'Cheque', 'type' => 2),
	),
	'c_tva' => array(
		array('taux' => 21, 'fk_pays' => 4, 'code' => '', 'note' => 'Standard'),
	),
	'c_units' => array(
		array('code' => 'P', 'label' => 'piece', 'short_label' => 'p', 'unit_type' => 'qty', 'scale' => 1, 'sortorder' => 10),
	),
);
