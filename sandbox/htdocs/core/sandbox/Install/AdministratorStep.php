<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Install;

/**
 * The administrator, the first module and the version's stamp.
 */
class AdministratorStep
{
	/**
	 * @param \DoliDB    $db    database
	 * @param \Conf      $conf  configuration
	 * @param \Translate $langs texts
	 * @param array      $given login, pass, selectlang
	 * @return bool
	 * @throws \Sandbox\Sql\SqlError when the database can't be reached: the process ends with 255, as the application does
	 */
	public static function run($db, $conf, $langs, array $given)
	{
		global $user;

		$prefix = MAIN_DB_PREFIX;
		$count = $db->run('SELECT COUNT(*) AS nb FROM '.$prefix.'user')->fetch();
		$conf->setValues($db);
		$user = new \User($db);
		$user->admin = 1;

		require_once DOL_DOCUMENT_ROOT.'/core/modules/modUser.class.php';
		$module = new \modUser($db);
		if ($module->init() <= 0) {
			Page::error('The module user could not be switched on: '.$module->error);
			return false;
		}
		if ((int) $count->nb === 0) {
			\dolibarr_set_const($db, 'DATABASE_PWD_ENCRYPTED', '1', 'chaine', 0, '', 1);
			\dolibarr_set_const($db, 'MAIN_SECURITY_SALT', dol_print_date(dol_now(), 'dayhourlog'), 'chaine', 0, '', 0);
			\dolibarr_set_const($db, 'MAIN_SECURITY_HASH_ALGO', 'password_hash', 'chaine', 0, '', 0);
		}

		$admin = new \User($db);
		$admin->lastname = 'SuperAdmin';
		$admin->login = $given['login'];
		$admin->pass = $given['pass'];
		$admin->admin = 1;
		$admin->entity = 0;
		// The rules for passwords hold for users, not for the installer
		$conf->global->USER_PASSWORD_GENERATED = '';
		$result = $admin->create($user, 1);
		if ($result === -6) {
			print '<div class="warning">'.$admin->error."</div>\n";
		} elseif ($result < 0) {
			Page::error('The administrator could not be made: '.$admin->error);
			return false;
		} else {
			print $langs->trans('AdminLoginCreatedSuccessfuly', htmlspecialchars($given['login']))."<br>\n";
		}
		Seeder::constant($db, $prefix, 'MAIN_VERSION_FIRST_INSTALL', DOL_VERSION, 0, false);
		Seeder::constant($db, $prefix, 'MAIN_VERSION_LAST_INSTALL', DOL_VERSION, 0, true);
		Seeder::constant($db, $prefix, 'MAIN_LANG_DEFAULT', $given['selectlang'] === '' ? 'auto' : $given['selectlang'], 1, true);
		$db->run('DELETE FROM '.$prefix.'const WHERE name = ?', array('MAIN_NOT_INSTALLED'));
		return true;
	}
}
