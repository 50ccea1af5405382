<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

/**
 * The operations that this call knows. In production mode they are kept in routes.php; unless that is refreshed on each call, a
 * call finds only what the call that wrote the file knew, until the description of the API is asked for.
 */
class RouteTable
{
	/** @var string */
	private $file;
	/** @var bool */
	private $production;
	/** @var bool|null whether the operations come from the file; null = not looked yet */
	private $cached;
	/** @var Route[] */
	private $routes = array();
	/** @var array[] endpoint => facts, as the file keeps them */
	private $endpoints = array();
	/** @var bool[] endpoint => true, of which this call has included the file */
	private $included = array();

	/**
	 * @param string $folder     documents/api/temp
	 * @param bool   $production API_PRODUCTION_MODE
	 * @param bool   $refresh    whether the file is written anew instead of read
	 */
	public function __construct($folder, $production, $refresh)
	{
		$this->file = $folder.'/routes.php';
		$this->production = $production;
		$this->cached = $production && !$refresh ? null : false;
		if ($production && !is_dir($folder)) {
			dol_mkdir($folder);
		}
	}

	/**
	 * @param string  $endpoint first part of the path
	 * @param Route[] $routes   its operations
	 * @return void
	 */
	public function add($endpoint, array $routes)
	{
		$this->included[$endpoint] = true;
		if ($this->cached === null) {
			$this->read();
		}
		if ($this->cached) {
			return;
		}
		$this->endpoints[$endpoint] = true;
		$this->routes = array_merge($this->routes, $routes);
	}

	/**
	 * Whether this call has included the endpoint's file. One that is only known from routes.php ends a call in a fatal error,
	 * as measured on 22.0.4: so it is when PATH_INFO, by which the file is chosen, does not arrive.
	 *
	 * @return bool
	 */
	public function includes(Route $route)
	{
		foreach (array_keys($this->included) as $endpoint) {
			if (stripos(ltrim($route->path, '/').'/', $endpoint.'/') === 0) {
				return true;
			}
		}
		return false;
	}

	/** @return Route[] */
	public function all()
	{
		return $this->routes;
	}

	/**
	 * @return void
	 * @throws \RuntimeException when the folder can't be written
	 */
	public function save()
	{
		if (!$this->production || $this->cached) {
			return;
		}
		$text = "<?php\n// Written by the API in production mode.\n".$this->heads().'return '.var_export(array_keys($this->endpoints), true).";\n";
		// Opcache is not told, as in the application: a pool that has read the file keeps it while it looks at no times.
		if (@file_put_contents($this->file, $text, LOCK_EX) === false) {
			throw new \RuntimeException('The cache directory '.dirname($this->file).' should exist with write permission.');
		}
	}

	/** @return string one comment a path, as the application's REST library writes them, and the methods */
	private function heads()
	{
		$methods = array();
		foreach ($this->routes as $route) {
			$path = preg_replace('/\\{[^}]*\\}/', '{s0}', trim($route->path, '/'));
			$methods[$path][] = "// '".$route->method."' =>\n";
		}
		$text = '';
		foreach ($methods as $path => $lines) {
			$text .= "\n//==== v1 ".$path." ====\n".implode('', $lines);
		}
		return $text."\n";
	}

	/** @return void */
	private function read()
	{
		$known = file_exists($this->file) ? include $this->file : null;
		$this->cached = is_array($known);
		foreach ($this->cached ? $known : array() as $endpoint) {
			if ($endpoint === 'explorer') {
				$this->routes = array_merge($this->routes, Explorer::routesFor());
			} elseif (is_file(Registry::fileOf($endpoint))) {
				require_once Registry::fileOf($endpoint);
				$this->routes = array_merge($this->routes, Registry::routesOf($endpoint));
			}
		}
	}
}
