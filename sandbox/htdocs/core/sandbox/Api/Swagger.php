<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

/**
 * Describes operations in the words of Swagger 2.0.
 */
class Swagger
{
	const TYPES = array(
		'int' => array('type' => 'integer', 'format' => 'int64'),
		'bool' => array('type' => 'boolean'),
		'string' => array('type' => 'string'),
		'array' => array('type' => 'array', 'items' => array('type' => 'string')),
	);

	/** @var string */
	private $baseUrl;
	/** @var array */
	private $definitions = array();

	/** @param string $baseUrl URL of the API */
	public function __construct($baseUrl)
	{
		$this->baseUrl = $baseUrl;
	}

	/**
	 * @param Route[] $routes operations
	 * @param bool    $known  whether a valid key came with the request; without one only open operations are told
	 * @return array
	 */
	public function describe(array $routes, $known)
	{
		$parts = parse_url($this->baseUrl);
		$paths = array();
		foreach ($routes as $route) {
			if ($route->class !== 'Sandbox\Api\Explorer' && ($known || $route->open)) {
				$paths['/'.$route->path][strtolower($route->method)] = $this->operation($route);
			}
		}
		return array(
			'swagger' => '2.0',
			'host' => (isset($parts['host']) ? $parts['host'] : '').(isset($parts['port']) ? ':'.$parts['port'] : ''),
			'basePath' => isset($parts['path']) ? $parts['path'] : '',
			'produces' => array('application/json', 'application/xml'),
			'consumes' => array('application/json', 'application/xml', 'multipart/form-data'),
			'paths' => $paths ?: new \stdClass(),
			'definitions' => $this->definitions ?: new \stdClass(),
			'securityDefinitions' => array('api_key' => array('type' => 'apiKey', 'name' => 'api_key', 'in' => 'query')),
			'info' => array('version' => '1', 'title' => 'API explorer of the miclinik sandbox', 'description' => 'Operations of the modules that are on'),
		);
	}

	/**
	 * @param Route $route operation
	 * @return array
	 */
	private function operation(Route $route)
	{
		$endpoint = (string) strtok($route->path, '/');
		$id = $endpoint.ucfirst($route->call).ucfirst(strtolower($route->method));
		$parameters = array();
		$fields = array();
		foreach ($route->params as $name => $param) {
			if ($route->method === 'GET' || $route->method === 'DELETE' || $route->isInPath($name)) {
				$where = $route->isInPath($name) ? 'path' : 'query';
				$parameters[] = array('name' => $name, 'in' => $where, 'required' => $param['required']) + self::TYPES[$param['type']];
			} elseif ($name !== 'request_data') {
				$fields[$name] = $param;
			}
		}
		if ($fields || isset($route->params['request_data'])) {
			$parameters[] = $this->body($id, $fields);
		}
		$operation = array(
			'operationId' => $id,
			'tags' => array($endpoint),
			'parameters' => $parameters,
			'summary' => $route->summary,
			'responses' => array('200' => array('description' => 'Success'), '400' => array('description' => 'Bad Request'), '403' => array('description' => 'Forbidden')),
		);
		if (!$route->open) {
			$operation['responses']['401'] = array('description' => 'Unauthorized');
			$operation['security'] = array(array('api_key' => array()));
		}
		return $operation;
	}

	/**
	 * @param string $id     name of the operation
	 * @param array  $fields fields of the body; none = any
	 * @return array
	 */
	private function body($id, array $fields)
	{
		$properties = array();
		$required = array();
		foreach ($fields as $name => $param) {
			$properties[$name] = self::TYPES[$param['type']];
			if ($param['required']) {
				$required[] = $name;
			}
		}
		$this->definitions[$id.'Model'] = array('type' => 'object', 'properties' => $properties ?: new \stdClass()) + ($required ? array('required' => $required) : array());
		return array('name' => $id.'Model', 'in' => 'body', 'required' => (bool) $required, 'schema' => array('$ref' => '#/definitions/'.$id.'Model'));
	}
}
