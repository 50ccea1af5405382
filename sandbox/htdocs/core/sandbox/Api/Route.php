<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

/**
 * One operation. A parameter is written name:type for a required one and name:type=default for another; type is int, string,
 * bool or array. One that the path names in braces comes from the path; request_data is the whole body.
 */
class Route
{
	/** @var string */
	public $method;
	/** @var string for instance products/{id} */
	public $path;
	/** @var string class that answers */
	public $class;
	/** @var string its method */
	public $call;
	/** @var string[][] name, type, default, required */
	public $params = array();
	/** @var string one line for the explorer */
	public $summary;
	/** @var bool whether it answers without a key */
	public $open;

	/**
	 * @param string $class class that answers
	 * @param array  $facts method, path, call, params, summary, open
	 */
	public function __construct($class, array $facts)
	{
		$this->class = $class;
		list($this->method, $this->path, $this->call, $this->summary) = $facts;
		$this->open = !empty($facts[5]);
		foreach (isset($facts[4]) ? $facts[4] : array() as $text) {
			preg_match('/^(\w+):(\w+)(=(.*))?$/s', $text, $m);
			$this->params[$m[1]] = array('type' => $m[2], 'required' => !isset($m[3]), 'default' => isset($m[4]) ? self::constant($m[2], $m[4]) : null);
		}
	}

	/** @return bool whether the path is the one that is asked for, whatever its parameters hold */
	public function hasPath($path)
	{
		return (bool) preg_match($this->pattern(), $path);
	}

	/**
	 * @param string $path path of the request
	 * @return array|null values of the parameters in the path
	 */
	public function match($path)
	{
		if (!preg_match($this->pattern(), $path, $m)) {
			return null;
		}
		return array_filter($m, 'is_string', ARRAY_FILTER_USE_KEY);
	}

	/**
	 * @param array $data body and query, then the path on top
	 * @return array arguments in order
	 * @throws ApiError 400
	 */
	public function arguments(array $data)
	{
		$arguments = array();
		// A body that is a bare text, number or boolean is the first parameter
		$first = (string) key($this->params);
		if (isset($data['request_data']) && !is_array($data['request_data']) && $first !== '' && !array_key_exists($first, $data)) {
			$data[$first] = $data['request_data'];
		}
		foreach ($this->params as $name => $param) {
			$arguments[] = Parameter::check($name, $param, array_key_exists($name, $data) ? $data[$name] : null);
		}
		return $arguments;
	}

	/** @return bool */
	public function isInPath($name)
	{
		return strpos($this->path, '{'.$name.'}') !== false;
	}

	/** @return string */
	private function pattern()
	{
		return '#^'.preg_replace('/\{(\w+)\}/', '(?P<$1>[^/]+)', $this->path).'$#i';
	}

	/** @return mixed */
	private static function constant($type, $text)
	{
		if ($text === 'null') {
			return null;
		}
		return $type === 'int' ? (int) $text : ($type === 'bool' ? $text === 'true' : $text);
	}
}
