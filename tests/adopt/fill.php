<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gives a site something to keep: modules, a user with a key, a third party, a secret constant. fill.php HTDOCS
 */

define('NOSESSION', 1);
define('NOLOGIN', 1);
chdir($argv[1]);
require 'master.inc.php';
require_once DOL_DOCUMENT_ROOT.'/core/lib/admin.lib.php';
require_once DOL_DOCUMENT_ROOT.'/core/lib/security.lib.php';
require_once DOL_DOCUMENT_ROOT.'/user/class/user.class.php';
require_once DOL_DOCUMENT_ROOT.'/societe/class/societe.class.php';

$user = new User($db);
$user->fetch(0, 'admin');
method_exists($user, 'loadRights') ? $user->loadRights() : $user->getrights();
foreach (array('modSociete', 'modProduct', 'modApi') as $module) {
	$answer = activateModule($module);
	if (!empty($answer['errors'])) {
		exit(json_encode($answer)."\n");
	}
}
dolibarr_set_const($db, 'MAIN_INFO_SOCIETE_NOM', "Clínica \"Norte\" d'Aro", 'chaine', 0, '', 1);
dolibarr_set_const($db, 'MAIN_INFO_SOCIETE_COUNTRY', '4:ES:Spain', 'chaine', 0, '', 1);
dolibarr_set_const($db, 'MAIN_MAIL_SMTPS_PW', function_exists('dolEncrypt') ? dolEncrypt('mail secret') : 'mail secret', 'chaine', 0, '', 1);

$caller = new User($db);
$caller->login = 'robot';
$caller->lastname = 'Robot';
$caller->pass = 'Robot.Pass.1';
$caller->email = 'robot@example.org';
$caller->admin = 0;
$caller->entity = 1;
$caller->api_key = str_repeat('0a1b2c3d', 5);
if ($caller->create($user) <= 0) {
	exit('user: '.$caller->error."\n");
}
$caller->addrights(0, 'societe', 'lire');
$caller->addrights(0, 'societe', 'client');
$caller->addrights(0, 'produit', 'lire');

$client = new Societe($db);
$client->name = 'Ana "la" O\'Higgins';
$client->client = 1;
$client->code_client = -1;
$client->country_id = 4;
if ($client->create($user) <= 0) {
	exit('third party: '.$client->error."\n");
}
echo "filled\n";
