<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of invoices and their lines: one line a column or key, see Sandbox\Install\TableReader for the words.
return array(
	'facture' => <<<'TABLE'
rowid serial
ref varchar(30) not null
entity int not null default 1
ref_ext varchar(255)
ref_client varchar(255)
type smallint not null default 0
subtype smallint
fk_soc int not null
datec datetime
datef date
date_pointoftax date
date_valid date
tms tms
date_closing datetime
paye smallint not null default 0
remise_percent float default 0
remise_absolue float default 0
remise float default 0
close_code varchar(16)
close_missing_amount decimal(24,8)
close_note varchar(128)
total_tva decimal(24,8) default 0.00000000
localtax1 decimal(24,8) default 0.00000000
localtax2 decimal(24,8) default 0.00000000
revenuestamp decimal(24,8) default 0.00000000
total_ht decimal(24,8) default 0.00000000
total_ttc decimal(24,8) default 0.00000000
fk_statut smallint not null default 0
fk_user_author int
fk_user_modif int
fk_user_valid int
fk_user_closing int
module_source varchar(32)
pos_source varchar(32)
fk_fac_rec_source int
fk_facture_source int
fk_projet int
increment varchar(10)
fk_account int
fk_currency varchar(3)
fk_cond_reglement int not null default 1
fk_mode_reglement int
date_lim_reglement date
payment_reference varchar(25)
note_private text
note_public text
model_pdf varchar(255)
last_main_doc varchar(255)
fk_input_reason int
fk_incoterms int
location_incoterms varchar(255)
fk_transport_mode int
prorata_discount float
situation_cycle_ref int
situation_counter smallint
situation_final smallint
retained_warranty float
retained_warranty_date_limit date
retained_warranty_fk_cond_reglement int
import_key varchar(14)
extraparams varchar(255)
is_also_delivery_note smallint not null default 0
fk_multicurrency int
multicurrency_code varchar(3)
multicurrency_tx decimal(24,8) default 1.00000000
multicurrency_total_ht decimal(24,8) default 0.00000000
multicurrency_total_tva decimal(24,8) default 0.00000000
multicurrency_total_ttc decimal(24,8) default 0.00000000
index idx_facture_datef (datef)
index idx_facture_fk_account (fk_account)
index idx_facture_fk_currency (fk_currency)
index idx_facture_fk_facture_source (fk_facture_source)
index idx_facture_fk_input_reason (fk_input_reason)
index idx_facture_fk_projet (fk_projet)
index idx_facture_fk_soc (fk_soc)
index idx_facture_fk_statut (fk_statut)
index idx_facture_fk_user_author (fk_user_author)
index idx_facture_fk_user_valid (fk_user_valid)
index idx_facture_tms (tms)
unique uk_facture_ref (ref, entity)
foreign fk_facture_fk_facture_source (fk_facture_source) references facture (rowid)
foreign fk_facture_fk_soc (fk_soc) references societe (rowid)
foreign fk_facture_fk_user_author (fk_user_author) references user (rowid)
foreign fk_facture_fk_user_valid (fk_user_valid) references user (rowid)
TABLE,
	'facturedet' => <<<'TABLE'
rowid serial
fk_facture int not null
fk_parent_line int
fk_product int
label varchar(255)
description text
vat_src_code varchar(10) default ''
tva_tx decimal(7,4)
localtax1_tx decimal(7,4) default 0.0000
localtax1_type varchar(10)
localtax2_tx decimal(7,4) default 0.0000
localtax2_type varchar(10)
qty float
remise_percent float default 0
remise float default 0
fk_remise_except int
subprice decimal(24,8)
subprice_ttc decimal(24,8) default 0.00000000
price decimal(24,8)
total_ht decimal(24,8)
total_tva decimal(24,8)
total_localtax1 decimal(24,8) default 0.00000000
total_localtax2 decimal(24,8) default 0.00000000
total_ttc decimal(24,8)
product_type int default 0
date_start datetime
date_end datetime
info_bits int default 0
buy_price_ht decimal(24,8) default 0.00000000
fk_product_fournisseur_price int
batch varchar(128)
fk_warehouse int
special_code int default 0
rang int default 0
fk_contract_line int
fk_unit int
import_key varchar(14)
fk_code_ventilation int not null default 0
situation_percent float default 100
fk_prev_id int
fk_user_author int
fk_user_modif int
fk_multicurrency int
multicurrency_code varchar(3)
multicurrency_subprice decimal(24,8) default 0.00000000
multicurrency_subprice_ttc decimal(24,8) default 0.00000000
multicurrency_total_ht decimal(24,8) default 0.00000000
multicurrency_total_tva decimal(24,8) default 0.00000000
multicurrency_total_ttc decimal(24,8) default 0.00000000
ref_ext varchar(255)
extraparams varchar(255)
index idx_facturedet_fk_code_ventilation (fk_code_ventilation)
index idx_facturedet_fk_facture (fk_facture)
index idx_facturedet_fk_product (fk_product)
unique uk_fk_remise_except (fk_remise_except, fk_facture)
foreign fk_facturedet_fk_facture (fk_facture) references facture (rowid)
TABLE,
	'paiement_facture' => <<<'TABLE'
rowid serial
fk_paiement int
fk_facture int
amount decimal(24,8) default 0.00000000
multicurrency_code varchar(3)
multicurrency_tx decimal(24,8) default 1.00000000
multicurrency_amount decimal(24,8) default 0.00000000
index idx_paiement_facture_fk_facture (fk_facture)
index idx_paiement_facture_fk_paiement (fk_paiement)
unique uk_paiement_facture (fk_paiement, fk_facture)
foreign fk_paiement_facture_fk_facture (fk_facture) references facture (rowid)
TABLE,
);
