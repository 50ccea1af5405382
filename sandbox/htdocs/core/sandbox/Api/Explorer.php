<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

/**
 * The explorer: its page, the files of Swagger UI, the description of the API.
 */
class Explorer
{
	const TYPES = array('css' => 'text/css', 'js' => 'application/javascript', 'png' => 'image/png', 'html' => 'text/html');

	/** @var RouteTable */
	private $table;
	/** @var \User|null */
	private $caller;
	/** @var array */
	private $server;

	/**
	 * @param RouteTable $table  operations that this call knows
	 * @param \User|null $caller user of the key, null without a valid one
	 * @param array      $server $_SERVER
	 */
	public function __construct(RouteTable $table, $caller, array $server)
	{
		$this->table = $table;
		$this->caller = $caller;
		$this->server = $server;
	}

	/** @return Route[] */
	public static function routesFor()
	{
		return array(
			new Route(__CLASS__, array('GET', 'explorer', 'index', '', array(), true)),
			new Route(__CLASS__, array('GET', 'explorer/swagger', 'swagger', '', array(), true)),
			new Route(__CLASS__, array('GET', 'explorer/{file}', 'file', '', array('file:string'), true)),
		);
	}

	/** @return RawAnswer page, or the way to it */
	public function index()
	{
		$path = (string) strtok($this->server['REQUEST_URI'], '?');
		return substr($path, -1) === '/' ? $this->file('index.html') : $this->redirect();
	}

	/**
	 * @param string $file name of a file of the explorer
	 * @return RawAnswer
	 * @throws ApiError 404
	 */
	public function file($file)
	{
		if ($file === 'index.html' && preg_match('#index\.html$#', (string) strtok($this->server['REQUEST_URI'], '?'))) {
			return $this->redirect();
		}
		$extension = pathinfo($file, PATHINFO_EXTENSION);
		foreach (array(DOL_DOCUMENT_ROOT.'/api/explorer', DOL_DOCUMENT_ROOT.'/includes/swagger-ui') as $folder) {
			if (preg_match('/^[\w-]+(\.[\w-]+)*$/', $file) && isset(self::TYPES[$extension]) && is_file($folder.'/'.$file)) {
				return new RawAnswer((string) file_get_contents($folder.'/'.$file), array('Content-Type: '.self::TYPES[$extension].';charset=UTF-8'));
			}
		}
		throw new ApiError(404);
	}

	/** @return array the description of the API */
	public function swagger()
	{
		return (new Swagger($this->baseUrl()))->describe($this->table->all(), $this->caller !== null);
	}

	/** @return RawAnswer */
	private function redirect()
	{
		return new RawAnswer('', array('Location: '.$this->baseUrl().'/explorer/', 'Content-Type: text/html; charset=UTF-8'));
	}

	/** @return string URL of the API: from conf.php, never from the header Host */
	private function baseUrl()
	{
		global $dolibarr_main_url_root;

		$root = (string) preg_replace('#'.preg_quote(DOL_URL_ROOT, '#').'$#i', '', trim($dolibarr_main_url_root));
		$base = (new Request($this->server, array()))->base;
		return $base !== '' && strpos($root, $base) === false ? $root.$base : $root;
	}
}
