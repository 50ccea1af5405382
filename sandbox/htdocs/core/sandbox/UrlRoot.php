<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox;

/**
 * Where the application lives as a URL: taken from the request when the document root can be found in it, else from conf.php.
 */
class UrlRoot
{
	/**
	 * @param string $documentRoot folder of the application
	 * @param string $urlRoot      dolibarr_main_url_root, without a trailing slash
	 * @param array  $server       $_SERVER
	 * @return string URL without a trailing slash
	 */
	public static function absolute($documentRoot, $urlRoot, array $server)
	{
		$prefix = self::prefixInRequest($documentRoot, $server);
		if ($prefix === null) {
			return $urlRoot;
		}
		$port = isset($server['SERVER_PORT']) ? (int) $server['SERVER_PORT'] : 80;
		$secure = isHTTPS() || $port === 443;
		$name = isset($server['SERVER_NAME']) ? $server['SERVER_NAME'] : '';
		return ($secure ? 'https' : 'http').'://'.$name.(in_array($port, array(0, 80, 443), true) ? '' : ':'.$port).$prefix;
	}

	/**
	 * @param string $absolute URL
	 * @return string its path, '' for the root
	 */
	public static function path($absolute)
	{
		$path = strstr((string) preg_replace('#^https?://#i', '', $absolute), '/');
		return $path === false || $path === '/' ? '' : $path;
	}

	/**
	 * @param string $documentRoot folder of the application
	 * @param array  $server       $_SERVER
	 * @return string|null the leading part of SCRIPT_NAME that is the application's folder below the server's root
	 */
	private static function prefixInRequest($documentRoot, array $server)
	{
		$real = realpath($documentRoot);
		if ($real === false || empty($server['DOCUMENT_ROOT']) || empty($server['SCRIPT_NAME'])) {
			return null;
		}
		$prefix = '';
		foreach (array_filter(explode('/', $server['SCRIPT_NAME']), 'strlen') as $part) {
			$prefix .= '/'.$part;
			if (@realpath($server['DOCUMENT_ROOT'].$prefix) === $real) {
				return $prefix;
			}
		}
		return null;
	}
}
