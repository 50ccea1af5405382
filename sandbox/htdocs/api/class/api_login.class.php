<?php
// SPDX-License-Identifier: GPL-3.0-or-later

use Sandbox\Api\ApiError;
use Sandbox\Version;

require_once DOL_DOCUMENT_ROOT.'/core/lib/security2.lib.php';

/**
 * Gives the key of a user for login and password.
 */
class Login extends Sandbox\Api\Endpoint
{
	public static function routes()
	{
		$params = array('login:string', 'password:string', 'entity:string=', 'reset:int=0');
		return array(
			array('GET', 'login', 'index', 'Key for login and password; both end up in logs, use POST', $params, true),
			array('POST', 'login', 'index', 'Key for login and password', $params, true),
		);
	}

	/**
	 * @param \DoliDB    $db   database
	 * @param \User|null $user nobody
	 */
	public function __construct($db, $user)
	{
		parent::__construct($db, $user);
		if (!Version::givesKeys()) {
			throw new ApiError(403, 'Error login APIs are disabled. The token has to be taken from the pages');
		}
	}

	/**
	 * @param string $login    login
	 * @param string $password clear text
	 * @param string $entity   company, '' = the first
	 * @param int    $reset    1 = a new key
	 * @return array
	 */
	public function index($login, $password, $entity, $reset)
	{
		if ($entity !== '' && !is_numeric($entity)) {
			throw new ApiError(403, 'Bad value for entity, must be the numeric ID of company.');
		}
		$company = $entity === '' ? 1 : (int) $entity;
		$found = new User($this->db);
		if (checkLoginPassEntity($login, $password, $company) === '' || $found->fetch(0, $login, '', 0, $company) <= 0) {
			throw new ApiError(403, 'Access denied');
		}
		$key = $found->api_key;
		if ($key === '' || $reset) {
			$key = $this->renew($found);
		}
		$text = 'Welcome '.$found->login.($reset ? ' - Token is new' : ' - This is your token. Send it as DOLAPIKEY with any call, or give it to the API explorer.');
		return array('success' => array('code' => 200, 'token' => $key, 'entity' => $found->entity, 'message' => $text));
	}

	/**
	 * @param User $found user
	 * @return string new key
	 */
	private function renew(User $found)
	{
		$found->loadRights();
		if (!$found->hasRight('user', 'self', 'creer')) {
			throw new ApiError(403, ($found->api_key === '' ? 'No API token set for this user and user' : 'User').' need write permission on itself to reset its API token');
		}
		$key = bin2hex(random_bytes(20));
		$this->db->update(MAIN_DB_PREFIX.'user', array('api_key' => dolEncrypt($key, '', '', 'dolibarr')), (int) $found->id);
		return $key;
	}
}
