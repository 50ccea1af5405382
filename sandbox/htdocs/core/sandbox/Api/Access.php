<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

use Sandbox\Version;

/**
 * Who calls, by the key.
 */
class Access
{
	/** @var \DoliDB */
	private $db;

	/** @param \DoliDB $db database */
	public function __construct($db)
	{
		$this->db = $db;
	}

	/**
	 * @param array $server $_SERVER
	 * @param array $query  $_GET
	 * @return \User with rights
	 * @throws ApiError 401, after a second when the key is wrong; 503
	 */
	public function userOf(array $server, array $query)
	{
		global $user;

		$key = $this->key($server, $query);
		if ($key === '') {
			throw new ApiError(401, "Failed to login to API. Neither parameter 'HTTP_DOLAPIKEY' nor 'Authentication: Bearer' found on HTTP header (and no parameter DOLAPIKEY in URL).");
		}
		if (stripos($key, 'dolcrypt:') === 0) {
			throw new ApiError(503, 'Bad value for the API key. An API key should not start with dolcrypt:');
		}
		// Keys written by other means than the application may be stored in clear
		$sql = 'SELECT rowid, api_key FROM '.MAIN_DB_PREFIX.'user WHERE api_key = ? OR api_key = ?';
		if (Version::keepsKeysInTable()) {
			$sql = 'SELECT fk_user AS rowid, tokenstring AS api_key FROM '.MAIN_DB_PREFIX."oauth_token WHERE (tokenstring = ? OR tokenstring = ?) AND service = 'dolibarr_rest_api'";
		}
		$rows = $this->db->run($sql, array($key, dolEncrypt($key, '', '', 'dolibarr')))->fetchAll();
		if (count($rows) > 1) {
			throw new ApiError(503, 'Error when fetching user api_key : More than 1 user with this apikey');
		}
		if ($rows && !hash_equals(dolDecrypt($rows[0]->api_key), $key)) {
			// MariaDB compares without regard to case, a key does not: refused, at once
			throw new ApiError(401);
		}
		$found = new \User($this->db);
		if (!$rows || $found->fetch((int) $rows[0]->rowid) <= 0 || (int) $found->statut !== \User::STATUS_ENABLED || $found->isNotIntoValidityDateRange()) {
			sleep(1);
			throw new ApiError(401, 'Error user not valid (not found with api key or bad status or bad validity dates) (conf->entity='.$this->entity().')');
		}
		$found->loadRights();
		$user = $found;
		return $found;
	}

	/**
	 * @param array $server $_SERVER
	 * @param array $query  $_GET
	 * @return string key without unprintable characters, '' = none
	 */
	private function key(array $server, array $query)
	{
		$key = '';
		foreach (array('api_key', 'DOLAPIKEY') as $name) {
			if (isset($query[$name]) && is_string($query[$name])) {
				$key = $query[$name];
			}
		}
		if (isset($server['HTTP_DOLAPIKEY'])) {
			$key = $server['HTTP_DOLAPIKEY'];
		} elseif ($key === '') {
			$headers = getallheaders();
			$key = (string) preg_replace('/^Bearer\s+/i', '', isset($headers['Authorization']) ? $headers['Authorization'] : '');
		}
		return dol_string_nounprintableascii($key);
	}

	/** @return int */
	private function entity()
	{
		global $conf;
		return $conf->entity;
	}
}
