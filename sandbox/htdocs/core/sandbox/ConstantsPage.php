<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox;

/**
 * The form in which an administrator sets a constant.
 */
class ConstantsPage
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
		if (!$this->isAdministrator()) {
			http_response_code(403);
			return 'Access denied.';
		}
		$given = array_filter(array($form['constname'] ?? '', $form['constvalue'] ?? ''), 'is_string');
		if ($method === 'POST' && (!PageSession::isFresh($form) || count($given) !== 2 || !preg_match('/^[A-Z][A-Z0-9_]*$/D', $given[0]))) {
			http_response_code(403);
			return 'The form is out of date, or not filled in. Send it again.';
		}
		if ($method === 'POST') {
			dolibarr_set_const($this->db, $given[0], $given[1], 'chaine', 1, '', 1);
		}
		return '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Other Setup</title></head><body><form method="post">'
			.'<input type="hidden" name="token" value="'.$_SESSION['newtoken'].'"><input type="hidden" name="action" value="add">'
			.'<label>Name <input name="constname"></label><label>Value <input name="constvalue"></label>'
			.'<button name="add" value="1">Add</button></form></body></html>';
	}

	/** @return bool */
	private function isAdministrator()
	{
		$user = new \User($this->db);
		return !empty($_SESSION['dol_login']) && $user->fetch(0, $_SESSION['dol_login']) > 0 && $user->admin && $user->statut;
	}
}
