<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Defaults and cleaning of the variables of conf/conf.php, used by the pages and by the installer alike.
 */

$dolibarr_main_data_root = trim(isset($dolibarr_main_data_root) ? $dolibarr_main_data_root : '');
$dolibarr_main_document_root = rtrim(trim(isset($dolibarr_main_document_root) ? $dolibarr_main_document_root : ''), '/');
$dolibarr_main_url_root = rtrim(trim(isset($dolibarr_main_url_root) ? $dolibarr_main_url_root : ''), '/');
$dolibarr_main_db_host = trim(isset($dolibarr_main_db_host) ? $dolibarr_main_db_host : '');
$dolibarr_main_db_name = trim(isset($dolibarr_main_db_name) ? $dolibarr_main_db_name : '');
$dolibarr_main_db_user = trim(isset($dolibarr_main_db_user) ? $dolibarr_main_db_user : '');
$dolibarr_main_db_pass = isset($dolibarr_main_db_pass) ? $dolibarr_main_db_pass : '';
if (empty($dolibarr_main_db_type) || $dolibarr_main_db_type === 'mysql') {
	$dolibarr_main_db_type = 'mysqli';
}
if (empty($dolibarr_main_db_port)) {
	$dolibarr_main_db_port = $dolibarr_main_db_type === 'pgsql' ? 5432 : 3306;
}
if (empty($dolibarr_main_db_prefix)) {
	$dolibarr_main_db_prefix = 'llx_';
}
if (empty($dolibarr_main_db_character_set)) {
	$dolibarr_main_db_character_set = $dolibarr_main_db_type === 'mysqli' ? 'utf8' : '';
}
if (empty($dolibarr_main_db_collation)) {
	$dolibarr_main_db_collation = $dolibarr_main_db_type === 'mysqli' ? 'utf8_unicode_ci' : '';
}
if ($dolibarr_main_data_root === '' && $dolibarr_main_document_root !== '') {
	$dolibarr_main_data_root = str_replace('/htdocs', '', $dolibarr_main_document_root).'/documents';
}
if (empty($dolibarr_main_authentication)) {
	$dolibarr_main_authentication = 'dolibarr';
}
