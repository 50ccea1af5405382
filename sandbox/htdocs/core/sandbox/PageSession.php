<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox;

/**
 * The session of whoever uses the pages, and the token of their forms.
 */
class PageSession
{
	public static function start()
	{
		session_name('DOLSESSID_'.substr(md5($GLOBALS['conf']->file->instance_unique_id.DOL_DOCUMENT_ROOT), 0, 32));
		session_set_cookie_params(array('httponly' => true, 'samesite' => 'Lax', 'secure' => isHTTPS(), 'path' => DOL_URL_ROOT === '' ? '/' : DOL_URL_ROOT));
		session_start();
		if (empty($_SESSION['newtoken'])) {
			$_SESSION['newtoken'] = bin2hex(random_bytes(16));
		}
	}

	/** @return bool whether a form has the token of this session */
	public static function isFresh(array $form)
	{
		return isset($form['token']) && is_string($form['token']) && hash_equals($_SESSION['newtoken'], $form['token']);
	}
}
