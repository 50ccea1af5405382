<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of products and their stock: one line a column or key, see Sandbox\Install\TableReader for the words.
return array(
	'product' => <<<'TABLE'
rowid serial
ref varchar(128) not null
entity int not null default 1
ref_ext varchar(128)
datec datetime
tms tms
fk_parent int default 0
label varchar(255) not null
description text
note_public text
note text
customcode varchar(32)
fk_country int
fk_state int
price decimal(24,8) default 0.00000000
price_ttc decimal(24,8) default 0.00000000
price_min decimal(24,8) default 0.00000000
price_min_ttc decimal(24,8) default 0.00000000
price_base_type varchar(3) default HT
price_label varchar(255)
cost_price decimal(24,8)
default_vat_code varchar(10)
tva_tx decimal(7,4)
recuperableonly int not null default 0
localtax1_tx decimal(7,4) default 0.0000
localtax1_type varchar(10) not null default 0
localtax2_tx decimal(7,4) default 0.0000
localtax2_type varchar(10) not null default 0
fk_user_author int
fk_user_modif int
tosell smallint default 1
tobuy smallint default 1
tobatch smallint not null default 0
sell_or_eat_by_mandatory smallint not null default 0
batch_mask varchar(32)
fk_product_type int default 0
duration varchar(6)
seuil_stock_alerte float
url varchar(255)
barcode varchar(180)
fk_barcode_type int
accountancy_code_sell varchar(32)
accountancy_code_sell_intra varchar(32)
accountancy_code_sell_export varchar(32)
accountancy_code_buy varchar(32)
accountancy_code_buy_intra varchar(32)
accountancy_code_buy_export varchar(32)
partnumber varchar(32)
net_measure float
net_measure_units smallint
weight float
weight_units smallint
length float
length_units smallint
width float
width_units smallint
height float
height_units smallint
surface float
surface_units smallint
volume float
volume_units smallint
stockable_product int not null default 1
stock float
pmp decimal(24,8) not null default 0.00000000
fifo decimal(24,8)
lifo decimal(24,8)
fk_default_warehouse int
fk_default_bom int
fk_default_workstation int
canvas varchar(32)
finished smallint
lifetime int
qc_frequency int
hidden smallint default 0
import_key varchar(14)
model_pdf varchar(255)
fk_price_expression int
desiredstock float default 0
fk_unit int
price_autogen smallint default 0
fk_project int
mandatory_period smallint default 0
last_main_doc varchar(255)
packaging decimal(24,8)
index idx_product_barcode (barcode)
index idx_product_entity_fk_product_type (entity, fk_product_type)
index idx_product_fk_barcode_type (fk_barcode_type)
index idx_product_fk_country (fk_country)
index idx_product_fk_project (fk_project)
index idx_product_fk_user_author (fk_user_author)
index idx_product_import_key (import_key)
index idx_product_label (label)
index idx_product_seuil_stock_alerte (seuil_stock_alerte)
unique uk_product_barcode (barcode, fk_barcode_type, entity)
unique uk_product_ref (ref, entity)
foreign fk_product_fk_country (fk_country) references c_country (rowid)
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
