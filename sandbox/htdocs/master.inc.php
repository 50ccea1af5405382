<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What every page and every command needs: configuration, database, constants, the empty user.
 */

require_once __DIR__.'/filefunc.inc.php';
require_once DOL_DOCUMENT_ROOT.'/core/class/conf.class.php';
require_once DOL_DOCUMENT_ROOT.'/core/class/translate.class.php';
require_once DOL_DOCUMENT_ROOT.'/core/class/hookmanager.class.php';
require_once DOL_DOCUMENT_ROOT.'/user/class/user.class.php';

$conf = new Conf();
Sandbox\Connection::describe($conf, get_defined_vars());
$langs = new Translate('', $conf);
$db = null;

if (!defined('NOREQUIREDB')) {
	$db = Sandbox\Connection::open($conf->db);
	if (!$db->connected) {
		Sandbox\Connection::reportFailure($db, !empty($dolibarr_main_prod));
		exit(1);
	}
	unset($dolibarr_main_db_pass);
	unset($conf->db->pass);
	// As the application has it: whoever calls chooses the company whose constants count.
	$company = (int) (GETPOST('entity') ?: GETPOST('switchentity'));
	if ((isset($_GET['loginfunction']) || isset($_POST['loginfunction'])) && $company !== 0) {
		$conf->entity = $company;
	} elseif (defined('DOLENTITY')) {
		$conf->entity = (int) DOLENTITY;
	}
	$conf->setValues($db);
}

$user = new User($db);
$mysoc = new stdClass();
$mysoc->name = getDolGlobalString('MAIN_INFO_SOCIETE_NOM');
$country = explode(':', getDolGlobalString('MAIN_INFO_SOCIETE_COUNTRY'));
$mysoc->country_id = (int) $country[0];
$mysoc->country_code = isset($country[1]) ? $country[1] : '';
$hookmanager = new HookManager($db);
