<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox;

/**
 * Login form and what a user sees who is logged in.
 */
class LoginPage
{
	/** @var \DoliDB */
	private $db;

	/**
	 * @param \DoliDB $db database
	 */
	public function __construct($db)
	{
		$this->db = $db;
		PageSession::start();
	}

	/**
	 * @param string $method GET or POST
	 * @param array  $form   $_POST
	 * @return string HTML
	 */
	public function answer($method, array $form)
	{
		$message = '';
		if ($method === 'POST') {
			if (!PageSession::isFresh($form)) {
				http_response_code(403);
				$message = 'The form is out of date. Send it again.';
			} elseif (isset($form['logout'])) {
				unset($_SESSION['dol_login']);
			} elseif (!$this->logIn($form)) {
				$message = 'Bad value for login or password';
			}
		}
		return $this->frame(empty($_SESSION['dol_login']) ? $this->form($message) : $this->home($_SESSION['dol_login']));
	}

	/** @return bool */
	private function logIn(array $form)
	{
		$login = isset($form['username']) && is_string($form['username']) ? $form['username'] : '';
		$password = isset($form['password']) && is_string($form['password']) ? $form['password'] : '';
		$only = getDolGlobalString('MAIN_ONLY_LOGIN_ALLOWED');
		if (($only !== '' && $only !== $login) || checkLoginPassEntity($login, $password, 1) === '') {
			return false;
		}
		session_regenerate_id(true);
		$_SESSION['dol_login'] = $login;
		$_SESSION['newtoken'] = bin2hex(random_bytes(16));
		return true;
	}

	/** @return string */
	private function form($message)
	{
		return '<form id="login" method="post" action="'.self::text(DOL_URL_ROOT.'/index.php').'">'
			.'<input type="hidden" name="token" value="'.self::text($_SESSION['newtoken']).'">'
			.'<input type="hidden" name="actionlogin" value="login">'
			.($message === '' ? '' : '<p class="error" role="alert">'.self::text($message).'</p>')
			.'<label>Login <input type="text" id="username" name="username" autocomplete="username" required autofocus></label>'
			.'<label>Password <input type="password" id="password" name="password" autocomplete="current-password" required></label>'
			.'<button type="submit" class="button">Log in</button></form>';
	}

	/** @return string */
	private function home($login)
	{
		$counts = '';
		foreach (array('product' => 'Products', 'societe' => 'Third parties', 'commande' => 'Orders', 'facture' => 'Invoices') as $table => $label) {
			$counts .= '<tr><th scope="row">'.$label.'</th><td>'.(int) $this->db->run('SELECT COUNT(*) AS nb FROM '.MAIN_DB_PREFIX.$table)->fetch()->nb.'</td></tr>';
		}
		return '<form method="post" action="'.self::text(DOL_URL_ROOT.'/index.php').'"><input type="hidden" name="token" value="'.self::text($_SESSION['newtoken']).'">'
			.'<p>Logged in as <b>'.self::text($login).'</b></p><table>'.$counts.'</table>'
			.'<p><a href="'.self::text(DOL_URL_ROOT.'/api/index.php/explorer/').'">API explorer</a></p><button name="logout" value="1" class="button">Log out</button></form>';
	}

	/** @return string */
	private function frame($content)
	{
		$root = self::text(DOL_URL_ROOT);
		$company = getDolGlobalString('MAIN_INFO_SOCIETE_NOM', DOL_APPLICATION_TITLE);
		return '<!doctype html>'."\n".'<html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex,follow"><meta name="viewport" content="width=device-width, initial-scale=1">'
			.'<title>'.self::text($company).'</title><link rel="icon" href="'.$root.'/theme/sandbox/favicon.svg">'
			.'<link rel="stylesheet" href="'.$root.'/theme/sandbox/style.css"><script src="'.$root.'/theme/sandbox/login.js" defer></script></head>'
			.'<body><main><h1>'.self::text($company).'</h1>'.$content.'<p class="version">'.self::text(DOL_APPLICATION_TITLE.' '.DOL_VERSION).'</p></main></body></html>'."\n";
	}

	/** @return string */
	private static function text($text)
	{
		return htmlspecialchars($text, ENT_QUOTES, 'UTF-8');
	}
}
