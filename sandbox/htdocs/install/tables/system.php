<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of constants, dictionaries, warehouses: one line a column or key, see Sandbox\Install\TableReader for the words.
return array(
	'const' => <<<'TABLE'
rowid serial
name varchar(180) not null
entity int not null default 1
value text not null
type varchar(64) default string
visible smallint not null default 1
note text
tms tms
unique uk_const (name, entity)
TABLE,
	'c_country' => <<<'TABLE'
rowid int not null
code varchar(2) not null
code_iso varchar(3)
numeric_code varchar(3)
label varchar(128) not null
eec smallint not null default 0
sepa smallint not null default 0
active smallint not null default 1
favorite smallint not null default 0
unique idx_c_country_code (code)
unique idx_c_country_code_iso (code_iso)
unique idx_c_country_label (label)
primary (rowid)
TABLE,
	'c_currencies' => <<<'TABLE'
code_iso varchar(3) not null
label varchar(128) not null
unicode varchar(32)
active smallint not null default 1
primary (code_iso)
unique uk_c_currencies_code_iso (code_iso)
TABLE,
	'entrepot' => <<<'TABLE'
rowid serial
ref varchar(255) not null
datec datetime
tms tms
entity int not null default 1
fk_project int
description text
lieu varchar(64)
address varchar(255)
zip varchar(10)
town varchar(50)
fk_departement int
fk_pays int default 0
phone varchar(30)
fax varchar(30)
barcode varchar(180)
fk_barcode_type int
warehouse_usage int default 1
statut smallint default 1
fk_user_author int
model_pdf varchar(255)
import_key varchar(14)
fk_parent int default 0
unique uk_entrepot_label (ref, entity)
TABLE,
);
