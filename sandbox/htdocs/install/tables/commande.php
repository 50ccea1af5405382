<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of orders and their lines: one line a column or key, see Sandbox\Install\TableReader for the words.
return array(
	'commande' => <<<'TABLE'
rowid serial
ref varchar(30) not null
entity int not null default 1
ref_ext varchar(255)
ref_client varchar(255)
fk_soc int not null
fk_projet int
tms tms
date_creation datetime
date_valid datetime
date_cloture datetime
date_commande date
fk_user_author int
fk_user_modif int
fk_user_valid int
fk_user_cloture int
source smallint
fk_statut smallint default 0
amount_ht decimal(24,8) default 0.00000000
remise_percent float default 0
remise_absolue float default 0
remise float default 0
total_tva decimal(24,8) default 0.00000000
localtax1 decimal(24,8) default 0.00000000
localtax2 decimal(24,8) default 0.00000000
revenuestamp decimal(24,8) default 0.00000000
total_ht decimal(24,8) default 0.00000000
total_ttc decimal(24,8) default 0.00000000
signed_status smallint
note_private text
note_public text
model_pdf varchar(255)
last_main_doc varchar(255)
module_source varchar(32)
pos_source varchar(32)
facture smallint default 0
fk_account int
fk_currency varchar(3)
fk_cond_reglement int
deposit_percent varchar(63)
fk_mode_reglement int
date_livraison datetime
fk_shipping_method int
fk_warehouse int
fk_availability int
fk_input_reason int
fk_delivery_address int
fk_incoterms int
location_incoterms varchar(255)
import_key varchar(14)
extraparams varchar(255)
fk_multicurrency int
multicurrency_code varchar(3)
multicurrency_tx decimal(24,8) default 1.00000000
multicurrency_total_ht decimal(24,8) default 0.00000000
multicurrency_total_tva decimal(24,8) default 0.00000000
multicurrency_total_ttc decimal(24,8) default 0.00000000
index idx_commande_fk_account (fk_account)
index idx_commande_fk_currency (fk_currency)
index idx_commande_fk_projet (fk_projet)
index idx_commande_fk_soc (fk_soc)
index idx_commande_fk_user_author (fk_user_author)
index idx_commande_fk_user_cloture (fk_user_cloture)
index idx_commande_fk_user_valid (fk_user_valid)
unique uk_commande_ref (ref, entity)
foreign fk_commande_fk_soc (fk_soc) references societe (rowid)
foreign fk_commande_fk_user_author (fk_user_author) references user (rowid)
foreign fk_commande_fk_user_cloture (fk_user_cloture) references user (rowid)
foreign fk_commande_fk_user_valid (fk_user_valid) references user (rowid)
TABLE,
	'commandedet' => <<<'TABLE'
rowid serial
fk_commande int not null
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
price float
subprice decimal(24,8) default 0.00000000
subprice_ttc decimal(24,8) default 0.00000000
total_ht decimal(24,8) default 0.00000000
total_tva decimal(24,8) default 0.00000000
total_localtax1 decimal(24,8) default 0.00000000
total_localtax2 decimal(24,8) default 0.00000000
total_ttc decimal(24,8) default 0.00000000
product_type int default 0
date_start datetime
date_end datetime
info_bits int default 0
buy_price_ht decimal(24,8) default 0.00000000
fk_product_fournisseur_price int
special_code int default 0
rang int default 0
fk_unit int
import_key varchar(14)
ref_ext varchar(255)
fk_commandefourndet int
fk_multicurrency int
multicurrency_code varchar(3)
multicurrency_subprice decimal(24,8) default 0.00000000
multicurrency_subprice_ttc decimal(24,8) default 0.00000000
multicurrency_total_ht decimal(24,8) default 0.00000000
multicurrency_total_tva decimal(24,8) default 0.00000000
multicurrency_total_ttc decimal(24,8) default 0.00000000
extraparams varchar(255)
index idx_commandedet_fk_commande (fk_commande)
index idx_commandedet_fk_product (fk_product)
foreign fk_commandedet_fk_commande (fk_commande) references commande (rowid)
TABLE,
);
