<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

use Sandbox\Sql\SqlError;

/**
 * Finds the operation, checks key and parameters, calls it and sends the answer.
 */
class Dispatcher
{
	/** @var \DoliDB */
	private $db;
	/** @var RouteTable */
	private $table;
	/** @var array */
	private $server;
	/** @var string */
	private $stage = 'get';
	/** @var string[] */
	private $done = array();
	/** @var Format */
	private $format;
	/** @var int */
	public $status = 200;
	/** @var \User|null who called */
	public $caller;

	/**
	 * @param \DoliDB    $db     database
	 * @param RouteTable $table  operations
	 * @param array      $server $_SERVER
	 */
	public function __construct($db, RouteTable $table, array $server)
	{
		$this->db = $db;
		$this->table = $table;
		$this->server = $server;
		$this->format = new Format();
	}

	/**
	 * @param bool $compress whether the body may be compressed here
	 * @return void
	 */
	public function answer($compress)
	{
		$pretty = !getDolGlobalBool('API_PRODUCTION_MODE');
		try {
			$result = $this->call();
			$body = $result instanceof RawAnswer ? $result : ($result === null ? '' : $this->format->encode($result, $pretty));
		} catch (ApiError $e) {
			$this->status = $e->getCode();
			$body = $this->status === 304 ? '' : $this->format->encode($e->body($this->stage, $this->done, $pretty), $pretty);
			if ($this->status === 401) {
				header('WWW-Authenticate: ');
			}
		}
		$this->send($body, $compress);
	}

	/** @return mixed what the operation returned */
	private function call()
	{
		$request = new Request($this->server, $_GET);
		$this->enter('route');
		$unacceptable = null;
		try {
			$this->format = Format::negotiate($this->server);
		} catch (ApiError $e) {
			$unacceptable = $e;
		}
		list($route, $inPath) = $this->find($request);
		$data = $inPath + $request->data();
		$this->enter('negotiate');
		if ($unacceptable !== null) {
			throw $unacceptable;
		}
		$this->enter('authenticate');
		$this->authenticate($route, $request);
		$this->enter('validate');
		$arguments = $route->arguments($data);
		$this->enter('call');
		$class = $route->class;
		if (!$this->table->includes($route)) {
			throw new \Error('Class "'.$class.'" not found');
		}
		$endpoint = $class === 'Sandbox\Api\Explorer' ? new Explorer($this->table, $this->caller, $this->server) : new $class($this->db, $this->caller);
		try {
			return call_user_func_array(array($endpoint, $route->call), $arguments);
		} catch (SqlError $e) {
			error_log('Unexpected answer of the database: '.$e->name);
			throw new ApiError(500, 'The database refused a statement: '.$e->getMessage());
		}
	}

	/**
	 * @param Request $request the request
	 * @return array{0: Route, 1: array} operation, parameters in the path
	 * @throws ApiError 404, 405, or 400 when a parameter in the path has the wrong type
	 */
	private function find(Request $request)
	{
		$wrongParameter = null;
		$methods = array();
		foreach ($this->table->all() as $route) {
			if ($route->method !== $request->method) {
				if (strpos($route->path, '{') === false && $route->hasPath($request->path)) {
					$methods[] = $route->method;
				}
				continue;
			}
			$values = $route->match($request->path);
			if ($values === null) {
				continue;
			}
			$wrong = $this->wrongType($route, $values);
			if ($wrong === null) {
				return array($route, $values);
			}
			$wrongParameter = $wrongParameter === null ? $wrong : $wrongParameter;
		}
		if ($wrongParameter !== null) {
			throw new ApiError(400, 'invalid value specified for `'.$wrongParameter.'`');
		}
		if ($methods) {
			header('Allow: '.implode(', ', array_unique($methods)));
			throw new ApiError(405);
		}
		throw new ApiError(404);
	}

	/** @return string|null name of a parameter that should be a number and isn't */
	private function wrongType(Route $route, array $values)
	{
		foreach ($values as $name => $value) {
			if ($route->params[$name]['type'] === 'int' && !is_numeric($value)) {
				return $name;
			}
		}
		return null;
	}

	/** @return void */
	private function authenticate(Route $route, Request $request)
	{
		if ($route->open && $route->class !== 'Sandbox\Api\Explorer') {
			return;
		}
		if ($route->open && $route->call !== 'swagger') {
			return;
		}
		try {
			$this->caller = (new Access($this->db))->userOf($this->server, $_GET);
		} catch (ApiError $e) {
			// The description is for everybody; a key makes it longer, and a wrong one slower
			if (!$route->open) {
				throw $e;
			}
		}
	}

	/** @return void */
	private function enter($stage)
	{
		$this->done[] = $this->stage;
		$this->stage = $stage;
	}

	/**
	 * @param string|RawAnswer $body     body
	 * @param bool             $compress whether the body may be compressed here
	 * @return void
	 */
	private function send($body, $compress)
	{
		if ($this->format->vary) {
			header('Vary: Accept');
		}
		header('Cache-Control: no-cache, must-revalidate');
		header('Expires: 0');
		if ($body instanceof RawAnswer) {
			$body->sendHeaders();
			$text = $body->text;
		} else {
			header('Content-Type: '.$this->format->contentType());
			header('Content-Language: en');
			$protocol = isset($this->server['SERVER_PROTOCOL']) ? $this->server['SERVER_PROTOCOL'] : 'HTTP/1.1';
			header($protocol.' '.$this->status.' '.(isset(ApiError::REASONS[$this->status]) ? ApiError::REASONS[$this->status] : ''));
			$text = $body;
		}
		$accepted = isset($this->server['HTTP_ACCEPT_ENCODING']) ? $this->server['HTTP_ACCEPT_ENCODING'] : '';
		if ($compress && $text !== '' && strpos($accepted, 'gzip') !== false && function_exists('gzencode')) {
			header('Content-Encoding: gzip');
			$text = gzencode($text, 9);
		}
		print $text;
	}
}
