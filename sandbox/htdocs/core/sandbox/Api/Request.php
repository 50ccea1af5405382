<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

/**
 * The request as the REST library of the application sees it: the path comes from REQUEST_URI and SCRIPT_NAME, never from PATH_INFO.
 */
class Request
{
	/** @var string upper case; HEAD counts as GET */
	public $method;
	/** @var string path below index.php, without slashes at its ends and without .json or .xml */
	public $path;
	/** @var string part of the URL path that SCRIPT_NAME shares with it */
	public $base;
	/** @var array query parameters */
	public $query;

	/** @var array */
	private $server;
	/** @var array|null */
	private $data;

	/**
	 * @param array $server $_SERVER
	 * @param array $query  $_GET
	 */
	public function __construct(array $server, array $query)
	{
		$this->server = $server;
		$this->query = self::fixTypes($query);
		$method = isset($server['HTTP_X_HTTP_METHOD_OVERRIDE']) ? $server['HTTP_X_HTTP_METHOD_OVERRIDE'] : $server['REQUEST_METHOD'];
		$this->method = strtoupper($method) === 'HEAD' ? 'GET' : strtoupper($method);
		$uri = strtok(urldecode($server['REQUEST_URI']), '?');
		list($this->base, $path) = self::withoutCommonStart((string) $uri, $server['SCRIPT_NAME']);
		$this->path = str_replace(array('.json', '.xml'), '', rtrim($path, '/'));
	}

	/**
	 * @param string $uri    path of the request
	 * @param string $script SCRIPT_NAME
	 * @return string[] what both begin with, what the request has more
	 */
	private static function withoutCommonStart($uri, $script)
	{
		$uriParts = explode('/', $uri);
		$scriptParts = explode('/', $script);
		$common = 0;
		while (isset($scriptParts[$common], $uriParts[$common]) && $scriptParts[$common] === $uriParts[$common]) {
			$common++;
		}
		return array(implode('/', array_slice($uriParts, 0, $common)), implode('/', array_slice($uriParts, $common)));
	}

	/**
	 * @return array body and query together; request_data is the body
	 * @throws ApiError 400 or 403 when the body can't be read
	 */
	public function data()
	{
		if ($this->data === null) {
			$this->data = $this->query;
			if (in_array($this->method, array('POST', 'PUT', 'PATCH'), true)) {
				$body = $this->body();
				$this->data = (is_array($body) ? $body : array()) + array('request_data' => $body) + $this->query;
			}
		}
		return $this->data;
	}

	/**
	 * @return mixed decoded body
	 */
	private function body()
	{
		$type = isset($this->server['CONTENT_TYPE']) ? strtolower(trim(strtok($this->server['CONTENT_TYPE'], ';'))) : '';
		switch ($type) {
			case '':
			case 'application/json':
				return self::decodeJson((string) file_get_contents('php://input'));
			case 'application/x-www-form-urlencoded':
				parse_str((string) file_get_contents('php://input'), $fields);
				return self::fixTypes($fields);
			case 'multipart/form-data':
				return self::fixTypes($_POST);
			case 'application/xml':
				return self::decodeXml((string) file_get_contents('php://input'));
		}
		throw new ApiError(403, 'Content type `'.$type.'` is not supported.');
	}

	/**
	 * @param string $text JSON
	 * @return mixed anything but null; nothing and 0 are a body without fields
	 * @throws ApiError 400
	 */
	private static function decodeJson($text)
	{
		if ($text === '') {
			return array();
		}
		$value = json_decode($text, true, 512, JSON_BIGINT_AS_STRING);
		if (json_last_error() !== JSON_ERROR_NONE) {
			throw new ApiError(400, 'Error encoding/decoding JSON: '.json_last_error_msg());
		}
		if ($value === null) {
			throw new ApiError(400, 'Error parsing JSON');
		}
		return $value === 0 ? array() : $value;
	}

	/**
	 * @param string $text XML; entities are not resolved
	 * @return array
	 */
	private static function decodeXml($text)
	{
		$before = libxml_use_internal_errors(true);
		$root = function_exists('simplexml_load_string') ? simplexml_load_string($text, 'SimpleXMLElement', LIBXML_NONET | LIBXML_NOCDATA) : false;
		libxml_use_internal_errors($before);
		if ($root === false) {
			throw new ApiError(400, 'Malformed XML');
		}
		return (array) json_decode((string) json_encode($root), true);
	}

	/**
	 * @param array $values fields of a form or a query string
	 * @return array true and false as such, without empty fields
	 */
	private static function fixTypes(array $values)
	{
		foreach ($values as $name => $value) {
			if (is_array($value)) {
				$values[$name] = self::fixTypes($value);
			} elseif ($value === '') {
				unset($values[$name]);
			} elseif ($value === 'true' || $value === 'false') {
				$values[$name] = $value === 'true';
			}
		}
		return $values;
	}
}
