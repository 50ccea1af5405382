<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

/**
 * Which of JSON and XML the client gets, and how it is written.
 */
class Format
{
	/** @var string json or xml */
	public $name = 'json';
	/** @var bool whether the answer depends on the header Accept */
	public $vary = false;

	/**
	 * @param array $server $_SERVER
	 * @return Format
	 * @throws ApiError 406 when the client takes neither
	 */
	public static function negotiate(array $server)
	{
		$format = new self();
		$path = (string) parse_url($server['REQUEST_URI'], PHP_URL_PATH);
		if (preg_match('/\.(json|xml)(\/|$)/', $path, $m)) {
			$format->name = $m[1];
			return $format;
		}
		$format->vary = true;
		$accept = isset($server['HTTP_ACCEPT']) && trim($server['HTTP_ACCEPT']) !== '' ? strtolower($server['HTTP_ACCEPT']) : '*/*';
		foreach (self::byPriority($accept) as $type) {
			if ($type === 'application/json' || $type === 'application/xml') {
				$format->name = substr($type, 12);
				return $format;
			}
		}
		if (strpos($accept, 'application/*') !== false) {
			return $format;
		}
		if (strpos($accept, 'text/*') !== false) {
			$format->name = 'xml';
			return $format;
		}
		if (strpos($accept, '*/*') === false) {
			throw new ApiError(406, 'Content negotiation failed. Try `application/json` instead.');
		}
		return $format;
	}

	/**
	 * @param mixed $value  body
	 * @param bool  $pretty whether a person is to read it
	 * @return string
	 */
	public function encode($value, $pretty)
	{
		if ($this->name === 'xml') {
			return Xml::encode($value);
		}
		$flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PARTIAL_OUTPUT_ON_ERROR | ($pretty ? JSON_PRETTY_PRINT : 0);
		return (string) json_encode($value, $flags);
	}

	/** @return string */
	public function contentType()
	{
		return 'application/'.$this->name.'; charset=utf-8';
	}

	/**
	 * @param string $accept header
	 * @return string[] types, the preferred one first
	 */
	private static function byPriority($accept)
	{
		$weights = array();
		foreach (explode(',', $accept) as $i => $item) {
			$quality = preg_match('/;\s*q=([0-9.]+)/', $item, $m) ? (float) $m[1] : 1.0;
			$weights[trim((string) strtok($item, ';'))] = $quality - $i / 10000;
		}
		arsort($weights);
		return array_keys($weights);
	}
}
