<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

/**
 * Which file answers which endpoint, and which module switches it on in the explorer.
 */
class Registry
{
	/** First part of a path => folder whose class/ holds api_<endpoint>.class.php. */
	const FOLDERS = array(
		'login' => 'api', 'status' => 'api', 'setup' => 'api', 'users' => 'user', 'thirdparties' => 'societe', 'products' => 'product',
		'orders' => 'commande', 'invoices' => 'compta/facture', 'warehouses' => 'product/stock', 'stockmovements' => 'product/stock',
	);

	/** Module => endpoints that the explorer lists while it is on. */
	const MODULES = array(
		'api' => array('login', 'setup', 'status'), 'user' => array('users'), 'societe' => array('thirdparties'), 'product' => array('products'),
		'service' => array('products'), 'commande' => array('orders'), 'facture' => array('invoices'), 'stock' => array('stockmovements', 'warehouses'),
		'webhook' => array('webhook'),
	);

	/**
	 * @param string $name endpoint, lower case
	 * @return string folder below the document root
	 */
	public static function folderOf($name)
	{
		return isset(self::FOLDERS[$name]) ? self::FOLDERS[$name] : $name;
	}

	/**
	 * @param string $name endpoint, lower case
	 * @return string file that answers it, which may not exist
	 */
	public static function fileOf($name)
	{
		$file = str_replace('_', '', $name === 'api' ? $name : (string) preg_replace('/api$/', '', $name));
		return DOL_DOCUMENT_ROOT.'/'.self::folderOf($name).'/class/api_'.$file.'.class.php';
	}

	/**
	 * @param string[] $modules enabled modules
	 * @param bool     $login   whether the endpoint login is on
	 * @return string[] endpoints, sorted
	 */
	public static function endpointsOf(array $modules, $login)
	{
		$names = array();
		foreach (self::MODULES as $module => $endpoints) {
			if (!empty($modules[$module])) {
				$names = array_merge($names, $endpoints);
			}
		}
		$names = array_filter(array_unique($names), static function ($name) use ($login) {
			return ($login || $name !== 'login') && is_file(self::fileOf($name));
		});
		sort($names);
		return $names;
	}

	/**
	 * @param string $name endpoint whose file was included
	 * @return Route[]
	 */
	public static function routesOf($name)
	{
		$class = ucwords($name);
		if (!class_exists($class)) {
			return array();
		}
		return array_map(static function ($facts) use ($class) {
			return new Route($class, $facts);
		}, $class::routes());
	}
}
