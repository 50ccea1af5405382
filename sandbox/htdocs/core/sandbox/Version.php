<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox;

/**
 * What differs from 22.0.4 when DOL_VERSION is changed: as much of newer versions as the toolkit's own tests look at.
 */
class Version
{
	/** @return bool whether /login gives keys: from 24 on it has to be switched on, before it could be switched off */
	public static function givesKeys()
	{
		return self::isFrom(24) ? getDolGlobalInt('API_ENABLE_LOGIN_API') !== 0 : !getDolGlobalString('API_DISABLE_LOGIN_API');
	}

	/** @return bool whether the explorer lists /login although it is off */
	public static function alwaysListsLogin()
	{
		return self::isFrom(24);
	}

	/** @return bool whether keys are looked for in a table of their own */
	public static function keepsKeysInTable()
	{
		return self::isFrom(24) && getDolGlobalString('API_IN_TOKEN_TABLE');
	}

	/** @return string[] properties of an object that a client may not send */
	public static function innerProperties()
	{
		return self::isFrom(24) ? array('db', 'element', 'table_element', 'fields', 'error', 'errors', 'context', 'thirdparty', 'user') : array();
	}

	/** @return bool whether an order with a product that is not on sale cannot be validated */
	public static function wantsProductsOnSale()
	{
		return self::isFrom(23);
	}

	/**
	 * @param int $major first number of a version
	 * @return bool whether this is that one or a newer one
	 */
	private static function isFrom($major)
	{
		return (int) DOL_VERSION >= $major;
	}
}
