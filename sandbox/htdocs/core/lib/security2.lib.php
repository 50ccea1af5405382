<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * @param string   $login    login
 * @param string   $password clear text
 * @param int      $entity   company
 * @param string[] $modes    kept for callers; the sandbox knows only its own database
 * @param string   $context  kept for callers
 * @return string the login, '' when it is refused (after one second, to slow guessing down)
 */
function checkLoginPassEntity($login, $password, $entity, $modes = array('dolibarr'), $context = '')
{
	global $db;

	$sql = 'SELECT login, pass_crypted FROM '.MAIN_DB_PREFIX.'user WHERE login = ? AND entity IN (0, ?) AND statut = 1';
	$row = $db->run($sql, array($login, (int) $entity))->fetch();
	if ($row && dol_verifyHash($password, $row->pass_crypted)) {
		return $row->login;
	}
	sleep(1);
	$_SESSION['dol_loginmesg'] = 'Bad value for login or password';
	return '';
}

/**
 * @return string a random password of 24 characters
 */
function getRandomPassword()
{
	return dolGetRandomBytes(24);
}
