<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Table of scheduled jobs; see Sandbox\Install\TableReader for the words. Versions before 17 leave pid alone.
return array(
	'cronjob' => <<<'TABLE'
rowid serial
tms tms
datec datetime
jobtype varchar(10) not null
label varchar(255) not null
command varchar(255)
classesname varchar(255)
objectname varchar(255)
methodename varchar(255)
params text
md5params varchar(32)
module_name varchar(255)
priority int default 0
datelastrun datetime
datenextrun datetime
datestart datetime
dateend datetime
datelastresult datetime
lastresult text
lastoutput text
unitfrequency varchar(255) not null default 3600
frequency int not null default 0
maxrun int not null default 0
nbrun int
autodelete int default 0
status int not null default 1
processing int not null default 0
pid int
test varchar(255) default 1
fk_user_author int
fk_user_mod int
fk_mailing int
note text
libname varchar(255)
email_alert varchar(128)
entity int default 0
index idx_cronjob_status (status)
index idx_cronjob_datelastrun (datelastrun)
index idx_cronjob_datenextrun (datenextrun)
index idx_cronjob_datestart (datestart)
index idx_cronjob_dateend (dateend)
unique uk_cronjob (label, entity)
TABLE,
);
