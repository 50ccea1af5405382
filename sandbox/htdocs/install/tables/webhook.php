<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Table of whom the module webhook tells; see Sandbox\Install\TableReader for the words.
return array(
	'webhook_target' => <<<'TABLE'
rowid serial
tms tms
entity int not null default 1
ref varchar(128) not null
label varchar(255)
type int not null default 0
description text
date_creation datetime not null
fk_user_creat int not null
fk_user_modif int
status int not null default 0
url varchar(255) not null
trigger_codes text
index idx_webhook_target_ref (ref)
index idx_webhook_target_status (status)
TABLE,
);
