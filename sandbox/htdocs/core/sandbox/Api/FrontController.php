<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

use Sandbox\Version;

/**
 * From the request to the operations that may answer it. The gates come in the application's order, and each prints its
 * sentence before it sets the status: without output buffering the status stays 200, as measured on 22.0.4.
 */
class FrontController
{
	/** Paths below explorer that ask for the description of the API. */
	const DESCRIPTIONS = array('/swagger.json', '/swagger.json/root', '/resources.json', '/resources.json/root');

	/** @var \DoliDB */
	private $db;
	/** @var \Conf */
	private $conf;
	/** @var \Translate */
	private $langs;
	/** @var array */
	private $server;

	/**
	 * @param \DoliDB    $db     database
	 * @param \Conf      $conf   configuration
	 * @param \Translate $langs  texts
	 * @param array      $server $_SERVER
	 */
	public function __construct($db, $conf, $langs, array $server)
	{
		$this->db = $db;
		$this->conf = $conf;
		$this->langs = $langs;
		$this->server = $server;
	}

	/** @return void */
	public function run()
	{
		$url = $this->url();
		if (!isModEnabled('api')) {
			print $this->langs->trans('WarningModuleNotActive', 'Api').".<br><br>\n".$this->langs->trans('ToActivateModule');
			return;
		}
		if (preg_match('#api/index\.php/explorer#', $url) && getDolGlobalString('API_EXPLORER_DISABLED')) {
			print $this->langs->trans('WarningAPIExplorerDisabled').".<br><br>\n";
			return;
		}
		preg_match('#index\.php/([^/]+)(.*)$#', $url, $parts);
		$endpoint = isset($parts[1]) ? $parts[1] : '';
		$describes = $endpoint === 'explorer' && in_array($parts[2], self::DESCRIPTIONS, true);
		if ($describes && !is_writable($this->conf->api->dir_temp)) {
			$this->refuse('Erreur temp dir api/temp not writable', '500 temp dir api/temp not writable');
			return;
		}
		$refresh = $describes || !getDolGlobalString('API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE');
		$table = new RouteTable($this->conf->api->dir_temp, getDolGlobalBool('API_PRODUCTION_MODE'), $refresh);
		$table->add('explorer', Explorer::routesFor());

		if (getDolGlobalString('API_RESTRICT_ON_IP') && !in_array(getUserRemoteIP(), explode(' ', getDolGlobalString('API_RESTRICT_ON_IP')), true)) {
			$this->refuse('APIs are not allowed from the IP '.htmlspecialchars(getUserRemoteIP()), '503 API not allowed from your IP');
			return;
		}
		if ($describes) {
			foreach (Registry::endpointsOf($this->conf->modules, Version::givesKeys() || Version::alwaysListsLogin()) as $name) {
				require_once Registry::fileOf($name);
				$table->add($name, Registry::routesOf($name));
			}
		} elseif ($endpoint !== '' && $endpoint !== 'explorer' && !$this->load(strtolower($endpoint), $table)) {
			return;
		}

		$dispatcher = new Dispatcher($this->db, $table, $this->server);
		$dispatcher->answer(!getDolGlobalString('API_DISABLE_COMPRESSION'));
		(new CallCounter($this->db, $this->conf))->count($dispatcher);
		// Outside the answer: when the folder can't be written this ends the process with 500 after a correct body, as measured
		$table->save();
	}

	/** @return string the URL path as PHP took it apart */
	private function url()
	{
		$url = $this->server['PHP_SELF'];
		if (preg_match('#api/index\.php$#', $url)) {
			$original = isset($this->server['ORIG_PATH_INFO']) ? $this->server['ORIG_PATH_INFO'] : '';
			$url .= empty($this->server['PATH_INFO']) ? $original : $this->server['PATH_INFO'];
		}
		if (getDolGlobalString('MAIN_NGINX_FIX')) {
			$url = isset($this->server['SCRIPT_URI']) ? $this->server['SCRIPT_URI'] : $this->server['PHP_SELF'];
		}
		return $url;
	}

	/**
	 * @param string     $endpoint lower case
	 * @param RouteTable $table    gets the endpoint's operations
	 * @return bool whether the endpoint is there and allowed
	 */
	private function load($endpoint, RouteTable $table)
	{
		$rules = getDolGlobalString('API_ENDPOINT_RULES');
		if ($rules !== '' && !in_array($endpoint.':1', array_map('trim', explode(',', $rules)), true)) {
			$this->refuse('The API with endpoint /'.htmlspecialchars($endpoint).' is forbidden by config API_ENDPOINT_RULES', '501 API is forbidden by API_ENDPOINT_RULES');
			return false;
		}
		$file = Registry::fileOf($endpoint);
		if (!preg_match('/^[a-z0-9_]+$/', $endpoint) || !is_file($file)) {
			$this->refuse('API not found (failed to include API file)', '501 API not found (failed to include API file)');
			return false;
		}
		require_once $file;
		$table->add($endpoint, Registry::routesOf($endpoint));
		return true;
	}

	/**
	 * @param string $text   what the client reads
	 * @param string $status status and reason
	 * @return void
	 */
	private function refuse($text, $status)
	{
		print $text;
		header('HTTP/1.1 '.$status);
	}
}
