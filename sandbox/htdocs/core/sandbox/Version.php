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

	/** @return bool whether a job says in which process it runs */
	public static function keepsPidOfJobs()
	{
		return self::isFrom(17);
	}

	/** @return bool whether a job without a next time cannot be written; later it gets the present one */
	public static function wantsNextRun()
	{
		return !self::isFrom(17);
	}

	/** @return bool whether the jobs that a module brings are due at once; before, they had no next time */
	public static function hasNewJobsDue()
	{
		return self::isFrom(17);
	}

	/** @return bool whether a job of a module that is off fails */
	public static function refusesJobsOfModulesThatAreOff()
	{
		return self::isFrom(17);
	}

	/** @return bool whether a job that ends PHP is written down as failed by itself */
	public static function endsDeadJobs()
	{
		return self::isFrom(24);
	}

	/** @return string constant that says how to log in to the mail server */
	public static function constantForMailLogIn()
	{
		return self::isFrom(17) ? 'MAIN_MAIL_SMTPS_AUTH_TYPE' : 'MAIL_SMTP_AUTH_TYPE';
	}

	/** @return bool whether a mail server is greeted by the site's name; before, by the server's own */
	public static function greetsByDomain()
	{
		return self::isFrom(22);
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
