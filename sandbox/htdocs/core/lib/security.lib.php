<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Password hashes and reversible encryption. The stored forms are those of 22.0.4: dolcrypt:AES-256-CTR:<iv>:<base64>.
 */

if (!defined('MAIN_SECURITY_REVERSIBLE_ALGO')) {
	define('MAIN_SECURITY_REVERSIBLE_ALGO', 'AES-256-CTR');
}

/**
 * @param string $text       clear text
 * @param string $key        '' = the instance's unique id
 * @param string $ciphering  '' = AES-256-CTR
 * @param string $forceseed  text that makes the result the same each time, needed where the database is searched for it
 * @return string dolcrypt:<cipher>:<iv>:<base64>, or the text as it is when there is no key
 */
function dolEncrypt($text, $key = '', $ciphering = '', $forceseed = '')
{
	global $conf;

	$text = (string) $text;
	$key = $key === '' ? $conf->file->instance_unique_id : $key;
	if ($text === '' || $key === '' || preg_match('/^dolcrypt:[^:]+:.+/', $text)) {
		return $text;
	}
	$cipher = $ciphering === '' ? MAIN_SECURITY_REVERSIBLE_ALGO : $ciphering;
	$length = openssl_cipher_iv_length($cipher) ?: 16;
	$iv = substr($forceseed === '' ? bin2hex(random_bytes($length)) : md5($forceseed), 0, $length);
	return 'dolcrypt:'.$cipher.':'.$iv.':'.openssl_encrypt($text, $cipher, $key, 0, $iv);
}

/**
 * @param string|null $text stored value, encrypted or clear
 * @param string      $key  '' = dolcrypt_key of conf.php, else the instance's unique id
 * @return string clear text; garbage when the key is another one than at encryption
 */
function dolDecrypt($text, $key = '')
{
	global $conf;

	if (!preg_match('/^dolcrypt:([^:]+):(?:([^:]*):)?(.+)$/', (string) $text, $parts)) {
		return (string) $text;
	}
	if ($key === '') {
		$key = !empty($conf->file->dolcrypt_key) ? $conf->file->dolcrypt_key : $conf->file->instance_unique_id;
	}
	return $key === '' ? (string) $text : (string) openssl_decrypt($parts[3], $parts[1], $key, 0, $parts[2]);
}

/**
 * @param string $text clear text
 * @param string $type 0 = the configured algorithm, else 1 sha1, 2 sha1md5, 3 md5, 5 sha256, 6 password_hash
 * @return string
 */
function dol_hash($text, $type = '0')
{
	$names = array('1' => 'sha1', '2' => 'sha1md5', '3' => 'md5', '5' => 'sha256', '6' => 'password_hash');
	$algo = isset($names[$type]) ? $names[$type] : ($type === '0' || $type === 'auto' ? getDolGlobalString('MAIN_SECURITY_HASH_ALGO', 'md5') : $type);
	if ($algo === 'password_hash') {
		return password_hash($text, PASSWORD_DEFAULT);
	}
	$text = getDolGlobalString('MAIN_SECURITY_SALT').$text;
	if ($algo === 'sha1md5') {
		return sha1(md5($text));
	}
	return hash(in_array($algo, array('sha1', 'sha256'), true) ? $algo : 'md5', $text);
}

/**
 * @param string $text clear text
 * @param string $hash stored hash
 * @param string $type as for dol_hash
 * @return bool
 */
function dol_verifyHash($text, $hash, $type = '0')
{
	$hash = (string) $hash;
	if ($hash === '') {
		return false;
	}
	return $hash[0] === '$' ? password_verify($text, $hash) : hash_equals($hash, dol_hash($text, $type));
}

/**
 * @param int $length characters
 * @return string random hexadecimal text
 */
function dolGetRandomBytes($length)
{
	return bin2hex(random_bytes((int) floor($length / 2)));
}
