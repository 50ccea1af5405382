<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of constants, dictionaries, stock: one line a column or key, see Sandbox\Install\TableReader for the words.
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
	'product_stock' => <<<'TABLE'
rowid serial
tms tms
fk_product int not null
fk_entrepot int not null
reel float
import_key varchar(14)
index idx_product_stock_fk_entrepot (fk_entrepot)
index idx_product_stock_fk_product (fk_product)
unique uk_product_stock (fk_product, fk_entrepot)
foreign fk_entrepot_entrepot_rowid (fk_entrepot) references entrepot (rowid)
foreign fk_product_product_rowid (fk_product) references product (rowid)
TABLE,
	'stock_mouvement' => <<<'TABLE'
rowid serial
tms tms
datem datetime
fk_product int not null
batch varchar(128)
eatby date
sellby date
fk_entrepot int not null
value float
price decimal(24,8) default 0.00000000
type_mouvement smallint
fk_user_author int
label varchar(255)
inventorycode varchar(128)
fk_project int
fk_origin int
origintype varchar(64)
model_pdf varchar(255)
fk_projet int not null default 0
index idx_stock_mouvement_fk_entrepot (fk_entrepot)
index idx_stock_mouvement_fk_product (fk_product)
TABLE,
);
