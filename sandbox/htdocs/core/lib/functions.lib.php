<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Functions that the application offers everywhere, as far as the bridge and the sandbox use them.
 */

/**
 * @param string $name    constant
 * @param string $default value when it is not set
 * @return string
 */
function getDolGlobalString($name, $default = '')
{
	global $conf;
	return isset($conf->global->$name) ? (string) $conf->global->$name : (string) $default;
}

/**
 * @param string $name    constant
 * @param int    $default value when it is not set
 * @return int
 */
function getDolGlobalInt($name, $default = 0)
{
	global $conf;
	return isset($conf->global->$name) ? (int) $conf->global->$name : (int) $default;
}

/**
 * @param string $name    constant
 * @param bool   $default value when it is not set
 * @return bool
 */
function getDolGlobalBool($name, $default = false)
{
	global $conf;
	return isset($conf->global->$name) ? (bool) $conf->global->$name : (bool) $default;
}

/**
 * @param string $module name in lower case, the way $conf->modules has it
 * @return bool
 */
function isModEnabled($module)
{
	global $conf;
	$names = array('produit' => 'product', 'propale' => 'propal', 'invoice' => 'facture', 'order' => 'commande');
	$module = isset($names[$module]) ? $names[$module] : $module;
	return !empty($conf->modules[$module]);
}

/**
 * @param string $message what happened; never a secret
 * @param int    $level   syslog level
 * @return void
 */
function dol_syslog($message, $level = LOG_INFO)
{
	if ($level <= LOG_ERR) {
		error_log($message);
	}
}

/**
 * @return int seconds since 1970, UTC
 */
function dol_now()
{
	return time();
}

/**
 * @param int|string $time   seconds since 1970
 * @param string     $format dayrfc, standard, dayhourlog, or a pattern of date()
 * @return string
 */
function dol_print_date($time, $format = 'standard')
{
	if ($time === '' || $time === null) {
		return '';
	}
	$patterns = array('standard' => 'Y-m-d H:i:s', 'dayrfc' => 'Y-m-d', 'dayhourlog' => 'YmdHis');
	return gmdate(isset($patterns[$format]) ? $patterns[$format] : $format, (int) $time);
}

/**
 * @param string $dir      folder, made with its parents
 * @param string $dataroot unused here, kept for callers
 * @param string $mode     octal permissions
 * @return int number of folders made, < 0 on failure
 */
function dol_mkdir($dir, $dataroot = '', $mode = '0755')
{
	if (is_dir($dir)) {
		return 0;
	}
	return @mkdir($dir, octdec($mode), true) || is_dir($dir) ? 1 : -1;
}

/**
 * @param string $path file
 * @param string $mode octal permissions
 * @return void
 */
function dolChmod($path, $mode = '664')
{
	@chmod($path, octdec((string) $mode));
}

/**
 * @return bool whether the request came over TLS
 */
function isHTTPS()
{
	return (!empty($_SERVER['HTTPS']) && strtolower($_SERVER['HTTPS']) !== 'off')
		|| (isset($_SERVER['HTTP_X_FORWARDED_PROTO']) && $_SERVER['HTTP_X_FORWARDED_PROTO'] === 'https');
}

/**
 * The client's address as the application takes it. X-Forwarded-For, Client-IP and CF-Connecting-IP are believed, as measured
 * on 22.0.4: whoever needs a trustworthy address blanks these headers in the web server.
 *
 * @param int $trusted 1 = only the address of the connection
 * @return string
 */
function getUserRemoteIP($trusted = 0)
{
	$connection = isset($_SERVER['REMOTE_ADDR']) ? $_SERVER['REMOTE_ADDR'] : '';
	if ($trusted) {
		return $connection;
	}
	foreach (array('HTTP_X_FORWARDED_FOR', 'HTTP_CLIENT_IP') as $header) {
		if (!empty($_SERVER[$header]) && preg_match('/^[0-9.:,\[\]\s]+$/', $_SERVER[$header])) {
			$addresses = explode(',', $_SERVER[$header]);
			return $addresses[0];
		}
	}
	return empty($_SERVER['HTTP_CF_CONNECTING_IP']) ? $connection : $_SERVER['HTTP_CF_CONNECTING_IP'];
}

/**
 * @param string $path path below the application, or below custom/, which comes first
 * @return string file
 */
function dol_buildpath($path)
{
	$path = ltrim((string) $path, '/');
	$custom = DOL_DOCUMENT_ROOT.'/custom/'.$path;
	return $path !== '' && file_exists($custom) ? $custom : DOL_DOCUMENT_ROOT.'/'.$path;
}

/**
 * @param string $path path below the application
 * @return mixed what the file returned
 */
function dol_include_once($path)
{
	return @include_once dol_buildpath($path);
}

/**
 * @param string $text UTF-8
 * @return int length in characters
 */
function dol_strlen($text)
{
	return function_exists('mb_strlen') ? mb_strlen((string) $text, 'UTF-8') : strlen((string) $text);
}

/**
 * @param string $text anything
 * @return string only printable ASCII
 */
function dol_string_nounprintableascii($text)
{
	return (string) preg_replace('/[^\x20-\x7E]/', '', (string) $text);
}

/**
 * @param mixed  $value request value
 * @param string $kind  none, int, alphanohtml, nohtml, restricthtml, aZ09, email
 * @return mixed cleaned value
 */
function sanitizeVal($value, $kind = 'alphanohtml')
{
	return Sandbox\Sanitizer::clean($value, $kind);
}

/**
 * @param string $name GET or POST parameter
 * @return string
 */
function GETPOST($name)
{
	$value = isset($_GET[$name]) ? $_GET[$name] : (isset($_POST[$name]) ? $_POST[$name] : '');
	return is_string($value) ? trim($value) : '';
}

/**
 * @param string $condition PHP, as far as the sandbox knows it
 * @return bool
 */
function verifCond($condition)
{
	return Sandbox\Jobs\Condition::holds((string) $condition);
}

/**
 * @param string $name name of a file
 * @return string the name with only what is safe in one
 */
function dol_sanitizeFileName($name)
{
	return (string) preg_replace('/[^A-Za-z0-9._\-]/', '_', str_replace('..', '_', (string) $name));
}

/**
 * @param string $element what is shared between companies
 * @return string companies whose rows count, for IN ()
 */
function getEntity($element)
{
	global $conf;
	return '0,'.(int) $conf->entity;
}
