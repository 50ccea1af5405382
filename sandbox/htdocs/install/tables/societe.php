<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of third parties: one line a column or key, see Sandbox\Install\TableReader for the words.
return array(
	'societe' => <<<'TABLE'
rowid serial
nom varchar(128)
name_alias varchar(128)
entity int not null default 1
ref_ext varchar(255)
statut smallint default 0
parent int
status smallint default 1
code_client varchar(24)
code_fournisseur varchar(24)
tp_payment_reference varchar(25)
accountancy_code_customer_general varchar(32)
code_compta varchar(32)
accountancy_code_supplier_general varchar(32)
code_compta_fournisseur varchar(32)
address varchar(255)
zip varchar(25)
town varchar(50)
fk_departement int default 0
fk_pays int default 0
geolat decimal(24,8)
geolong decimal(24,8)
georesultcode varchar(16)
phone varchar(30)
phone_mobile varchar(30)
fax varchar(30)
url varchar(255)
email varchar(128)
fk_account int default 0
socialnetworks text
fk_effectif int default 0
fk_typent int
fk_forme_juridique int default 0
fk_currency varchar(3)
siren varchar(128)
siret varchar(128)
ape varchar(128)
idprof4 varchar(128)
idprof5 varchar(128)
idprof6 varchar(128)
tva_intra varchar(20)
capital decimal(24,8)
fk_stcomm int not null default 0
note_private text
note_public text
model_pdf varchar(255)
last_main_doc varchar(255)
prefix_comm varchar(5)
client smallint default 0
fournisseur smallint default 0
supplier_account varchar(32)
fk_prospectlevel varchar(12)
fk_incoterms int
location_incoterms varchar(255)
customer_bad smallint default 0
customer_rate float default 0
supplier_rate float default 0
remise_client float default 0
remise_supplier float default 0
mode_reglement smallint
cond_reglement smallint
deposit_percent varchar(63)
transport_mode smallint
mode_reglement_supplier smallint
cond_reglement_supplier smallint
transport_mode_supplier smallint
fk_shipping_method int
tva_assuj smallint default 1
vat_reverse_charge smallint default 0
localtax1_assuj smallint default 0
localtax1_value decimal(7,4)
localtax2_assuj smallint default 0
localtax2_value decimal(7,4)
barcode varchar(180)
fk_barcode_type int default 0
price_level int
outstanding_limit decimal(24,8)
order_min_amount decimal(24,8)
supplier_order_min_amount decimal(24,8)
default_lang varchar(6)
logo varchar(255)
logo_squarred varchar(255)
canvas varchar(32)
fk_warehouse int
webservices_url varchar(255)
webservices_key varchar(128)
accountancy_code_sell varchar(32)
accountancy_code_buy varchar(32)
tms tms
datec datetime
fk_user_creat int
fk_user_modif int
fk_multicurrency int
multicurrency_code varchar(3)
ip varchar(250)
import_key varchar(14)
index idx_societe_account (fk_account)
index idx_societe_forme_juridique (fk_forme_juridique)
index idx_societe_nom (nom)
index idx_societe_pays (fk_pays)
index idx_societe_prospectlevel (fk_prospectlevel)
index idx_societe_shipping_method (fk_shipping_method)
index idx_societe_stcomm (fk_stcomm)
index idx_societe_typent (fk_typent)
index idx_societe_user_creat (fk_user_creat)
index idx_societe_user_modif (fk_user_modif)
unique uk_societe_barcode (barcode, fk_barcode_type, entity)
unique uk_societe_code_client (code_client, entity)
unique uk_societe_code_fournisseur (code_fournisseur, entity)
unique uk_societe_prefix_comm (prefix_comm, entity)
TABLE,
	'societe_commerciaux' => <<<'TABLE'
rowid serial
fk_soc int
fk_user int
fk_c_type_contact_code varchar(32) not null default SALESREPTHIRD
import_key varchar(14)
unique uk_societe_commerciaux_c_type_contact (fk_soc, fk_user, fk_c_type_contact_code)
foreign fk_societe_commerciaux_fk_soc (fk_soc) references societe (rowid)
foreign fk_societe_commerciaux_fk_user (fk_user) references user (rowid)
TABLE,
);
