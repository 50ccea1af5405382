<?php
// SPDX-License-Identifier: GPL-3.0-or-later

use Sandbox\Api\ApiError;
use Sandbox\Sql\FilterError;
use Sandbox\Sql\SqlError;
use Sandbox\Store\Countries;

/**
 * Set-up and dictionaries.
 */
class Setup extends Sandbox\Api\Endpoint
{
	public static function routes()
	{
		$list = array('sortfield:string=code', 'sortorder:string=ASC', 'limit:int=100', 'page:int=0', 'filter:string=', 'lang:string=', 'sqlfilters:string=');
		return array(
			array('GET', 'setup/modules', 'getModules', 'Enabled modules'),
			array('GET', 'setup/company', 'getCompany', 'The company'),
			array('GET', 'setup/conf', 'getConfs', 'Constants without secrets'),
			array('GET', 'setup/conf/{constantname}', 'getConf', 'A constant', array('constantname:string')),
			array('GET', 'setup/dictionary/countries', 'getCountries', 'Countries', $list),
			array('GET', 'setup/dictionary/countries/{id}', 'getCountry', 'A country', array('id:int', 'lang:string=')),
			array('GET', 'setup/dictionary/countries/byCode/{code}', 'getCountryByCode', 'A country by two letters', array('code:string', 'lang:string=')),
			array('GET', 'setup/dictionary/countries/byISO/{iso}', 'getCountryByIso', 'A country by three letters', array('iso:string', 'lang:string=')),
		);
	}

	/** @return string[] */
	public function getModules()
	{
		global $conf;
		$this->needAdministrator('API_LOGINS_ALLOWED_FOR_GET_MODULES');
		$names = array_values($conf->modules);
		sort($names);
		return $names;
	}

	/** @return array */
	public function getCompany()
	{
		global $mysoc;
		$this->needAdministrator('API_LOGINS_ALLOWED_FOR_GET_COMPANY');
		$names = array(
			'address' => 'SOCIETE_ADDRESS', 'zip' => 'SOCIETE_ZIP', 'town' => 'SOCIETE_TOWN', 'phone' => 'SOCIETE_TEL', 'email' => 'SOCIETE_MAIL',
			'url' => 'SOCIETE_WEB', 'idprof1' => 'SIREN', 'tva_intra' => 'TVAINTRA', 'logo' => 'SOCIETE_LOGO',
		);
		return array('id' => 0, 'name' => $mysoc->name, 'country_id' => $mysoc->country_id, 'country_code' => $mysoc->country_code)
			+ array_map(static function ($name) {
				return getDolGlobalString('MAIN_INFO_'.$name);
			}, $names) + array('currency_code' => getDolGlobalString('MAIN_MONNAIE'));
	}

	/** @return array */
	public function getConfs()
	{
		global $conf;
		$this->needAdministrator('API_LOGINS_ALLOWED_FOR_CONST_READ');
		return array_filter(get_object_vars($conf->global), static function ($name) {
			return !self::isSecret($name);
		}, ARRAY_FILTER_USE_KEY);
	}

	/** @return string */
	public function getConf($name)
	{
		$this->needAdministrator('API_LOGINS_ALLOWED_FOR_CONST_READ');
		if (self::isSecret($name)) {
			throw new ApiError(403, 'Forbidden. This parameter cant be read with APIs');
		}
		$value = getDolGlobalString($name, "\0");
		if ($value === "\0") {
			throw new ApiError(404, 'Error Bad or unknown value for constname');
		}
		return $value;
	}

	/** @return array */
	public function getCountries($sortfield, $sortorder, $limit, $page, $filter, $lang, $sqlfilters)
	{
		$countries = new Countries($this->db);
		try {
			list($rows) = $countries->find(array(), $this->filterIn($sqlfilters), $sortfield, $sortorder, $limit, $page);
		} catch (FilterError $e) {
			throw new ApiError(400, 'Error when validating parameter sqlfilters -> '.$e->getMessage());
		} catch (SqlError $e) {
			throw new ApiError(503, 'Error when retrieving list of countries');
		}
		// The filter looks at the rows of the page, as in the application
		return array_values(array_filter(array_map(array($countries, 'present'), $rows), static function ($country) use ($filter) {
			return $filter === '' || stripos($country['label'], $filter) !== false;
		}));
	}

	/** @return array */
	public function getCountry($id, $lang)
	{
		return $this->country('rowid', $id);
	}

	/** @return array */
	public function getCountryByCode($code, $lang)
	{
		return $this->country('code', $code);
	}

	/** @return array */
	public function getCountryByIso($iso, $lang)
	{
		return $this->country('code_iso', $iso);
	}

	/** @return array */
	private function country($column, $value)
	{
		$countries = new Countries($this->db);
		$row = $countries->row($column, $value);
		if ($row === null) {
			throw new ApiError(404, 'Country not found');
		}
		return $countries->present($row);
	}

	/** @return bool */
	private static function isSecret($name)
	{
		return (bool) preg_match('/(_KEY|_EXPORTKEY|_SECUREKEY|_SERVERKEY|_PASS|_PASSWORD|_PW|_PW_TICKET|_PW_EMAILING|_SECRET|_SECURITY_TOKEN|_WEB_TOKEN|_SALT)$/', $name);
	}

	/**
	 * @param string $constant constant that names one login which may as well
	 * @return void
	 */
	private function needAdministrator($constant)
	{
		if (empty($this->user->admin) && getDolGlobalString($constant) !== $this->user->login) {
			throw new ApiError(403, 'Error API open to admin users only or to the users with logins defined into constant '.$constant);
		}
	}
}
