<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of users, groups and rights: one line a column or key, see Sandbox\Install\TableReader for the words.
return array(
	'user' => <<<'TABLE'
rowid serial
entity int not null default 1
ref_employee varchar(50)
ref_ext varchar(50)
admin smallint default 0
employee smallint default 1
fk_establishment int default 0
datec datetime
tms tms
fk_user_creat int
fk_user_modif int
login varchar(50) not null
pass_encoding varchar(24)
pass varchar(128)
pass_crypted varchar(128)
pass_temp varchar(128)
api_key varchar(128)
gender varchar(10)
civility varchar(6)
lastname varchar(50)
firstname varchar(50)
address varchar(255)
zip varchar(25)
town varchar(50)
fk_state int default 0
fk_country int default 0
birth date
birth_place varchar(64)
job varchar(128)
office_phone varchar(30)
office_fax varchar(30)
user_mobile varchar(30)
personal_mobile varchar(30)
email varchar(255)
personal_email varchar(255)
email_oauth2 varchar(255)
signature longtext
socialnetworks text
fk_soc int
fk_socpeople int
fk_member int
fk_user int
fk_user_expense_validator int
fk_user_holiday_validator int
national_registration_number varchar(50)
idpers1 varchar(128)
idpers2 varchar(128)
idpers3 varchar(128)
note_public text
note_private text
model_pdf varchar(255)
last_main_doc varchar(255)
datelastlogin datetime
datepreviouslogin datetime
datelastpassvalidation datetime
datestartvalidity datetime
dateendvalidity datetime
flagdelsessionsbefore datetime
iplastlogin varchar(250)
ippreviouslogin varchar(250)
ldap_sid varchar(255)
openid varchar(255)
statut smallint default 1
photo varchar(255)
lang varchar(6)
color varchar(6)
barcode varchar(255)
fk_barcode_type int default 0
accountancy_code_user_general varchar(32)
accountancy_code varchar(32)
nb_holiday int default 0
thm decimal(24,8)
tjm decimal(24,8)
salary decimal(24,8)
salaryextra decimal(24,8)
dateemployment date
dateemploymentend date
weeklyhours decimal(16,8)
import_key varchar(14)
default_range int
default_c_exp_tax_cat int
fk_warehouse int
index idx_user_fk_societe (fk_soc)
unique uk_user_api_key (api_key)
unique uk_user_fk_member (fk_member)
unique uk_user_fk_socpeople (fk_socpeople)
unique uk_user_login (login, entity)
TABLE,
	'usergroup' => <<<'TABLE'
rowid serial
nom varchar(180) not null
entity int not null default 1
datec datetime
tms tms
note text
model_pdf varchar(255)
unique uk_usergroup_name (nom, entity)
TABLE,
	'usergroup_user' => <<<'TABLE'
rowid serial
entity int not null default 1
fk_user int not null
fk_usergroup int not null
unique uk_usergroup_user (entity, fk_user, fk_usergroup)
foreign fk_usergroup_user_fk_user (fk_user) references user (rowid)
foreign fk_usergroup_user_fk_usergroup (fk_usergroup) references usergroup (rowid)
TABLE,
	'usergroup_rights' => <<<'TABLE'
rowid serial
entity int not null default 1
fk_usergroup int not null
fk_id int not null
unique uk_usergroup_rights (entity, fk_usergroup, fk_id)
foreign fk_usergroup_rights_fk_usergroup (fk_usergroup) references usergroup (rowid)
TABLE,
	'user_rights' => <<<'TABLE'
rowid serial
entity int not null default 1
fk_user int not null
fk_id int not null
unique uk_user_rights (entity, fk_user, fk_id)
foreign fk_user_rights_fk_user_user (fk_user) references user (rowid)
TABLE,
	'oauth_token' => <<<'TABLE'
rowid serial
service varchar(36)
token text
tokenstring text
state text
fk_user int
datec datetime
tms tms
entity int default 1
TABLE,
	'user_param' => <<<'TABLE'
fk_user int not null
entity int not null default 1
param varchar(180) not null
value text not null
unique uk_user_param (fk_user, param, entity)
TABLE,
	'rights_def' => <<<'TABLE'
id int not null
entity int not null default 1
libelle varchar(255)
module varchar(64)
module_origin varchar(64)
module_position int not null default 0
family_position int not null default 0
perms varchar(50)
subperms varchar(50)
type varchar(1)
bydefault smallint default 0
enabled text
primary (id, entity)
TABLE,
);
