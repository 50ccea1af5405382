<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * The version that runs here.
 */
class Status extends Sandbox\Api\Endpoint
{
	public static function routes()
	{
		return array(array('GET', 'status', 'index', 'Version and state of this installation'));
	}

	/** @return array */
	public function index()
	{
		global $dolibarr_main_prod;

		$answer = array('code' => 200, 'dolibarr_version' => DOL_VERSION, 'access_locked' => getDolGlobalString('MAIN_ONLY_LOGIN_ALLOWED', '0'));
		if (empty($dolibarr_main_prod)) {
			$answer += array(
				'environment' => 'non-production',
				'timestamp_now_utc' => dol_now(),
				'timestamp_php_tz' => date_default_timezone_get(),
				'date_tz' => dol_print_date(dol_now()),
			);
		}
		return array('success' => $answer);
	}
}
