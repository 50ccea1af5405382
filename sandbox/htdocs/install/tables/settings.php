<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of dictionaries and extra fields: one line a column or key, see Sandbox\Install\TableReader for the words.
return array(
	'c_payment_term' => <<<'TABLE'
rowid serial
entity int not null default 1
code varchar(16)
sortorder smallint
active smallint default 1
libelle varchar(255)
libelle_facture text
type_cdr smallint
nbjour smallint
decalage smallint
deposit_percent varchar(63)
module varchar(32)
position int not null default 0
unique uk_c_payment_term_code (entity, code)
TABLE,
	'c_paiement' => <<<'TABLE'
id int not null
entity int not null default 1
code varchar(6) not null
libelle varchar(128)
type smallint
active smallint not null default 1
accountancy_code varchar(32)
module varchar(32)
position int not null default 0
primary (id)
unique uk_c_paiement_code (entity, code)
TABLE,
	'c_tva' => <<<'TABLE'
rowid serial
entity int not null default 1
fk_pays int not null
code varchar(10)
type_vat smallint not null default 0
taux float not null
localtax1 varchar(20) not null default 0
localtax1_type varchar(10) not null default 0
localtax2 varchar(20) not null default 0
localtax2_type varchar(10) not null default 0
use_default smallint default 0
recuperableonly int not null default 0
note varchar(128)
active smallint not null default 1
accountancy_code_sell varchar(32)
accountancy_code_buy varchar(32)
unique uk_c_tva_id (entity, fk_pays, code, taux, recuperableonly)
TABLE,
	'c_units' => <<<'TABLE'
rowid serial
code varchar(3)
sortorder smallint
scale int
label varchar(128)
short_label varchar(5)
unit_type varchar(10)
active smallint not null default 1
unique uk_c_units_code (code)
TABLE,
	'extrafields' => <<<'TABLE'
rowid serial
name varchar(64) not null
entity int not null default 1
elementtype varchar(64) not null default member
label varchar(255) not null
type varchar(8)
size varchar(8)
fieldcomputed text
fielddefault text
fieldunique int default 0
fieldrequired int default 0
perms varchar(255)
enabled varchar(255)
pos int default 0
alwayseditable int default 0
param text
list varchar(255) default 1
printable int default 0
totalizable smallint default 0
langs varchar(64)
help text
css varchar(128)
cssview varchar(128)
csslist varchar(128)
fk_user_author int
fk_user_modif int
datec datetime
tms tms
unique uk_extrafields_name (name, entity, elementtype)
TABLE,
	'societe_extrafields' => <<<'TABLE'
rowid serial
tms tms
fk_object int not null
import_key varchar(14)
unique uk_societe_extrafields (fk_object)
TABLE,
	'product_extrafields' => <<<'TABLE'
rowid serial
tms tms
fk_object int not null
import_key varchar(14)
unique uk_product_extrafields (fk_object)
TABLE,
	'facture_extrafields' => <<<'TABLE'
rowid serial
tms tms
fk_object int not null
import_key varchar(14)
unique uk_facture_extrafields (fk_object)
TABLE,
);
