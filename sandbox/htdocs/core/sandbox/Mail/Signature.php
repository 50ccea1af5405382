<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Mail;

/**
 * A signature after RFC 6376 (DKIM): rsa-sha256, relaxed.
 */
class Signature
{
	/**
	 * @param Message $message  what is signed; its headers are in one line each
	 * @param string  $key      private key, PEM
	 * @param string  $domain   that signs
	 * @param string  $selector name of the key
	 * @return string the header with its end of line, '' when the key cannot be read
	 */
	public static function of($message, $key, $domain, $selector)
	{
		$private = openssl_pkey_get_private($key);
		if ($private === false) {
			return '';
		}
		$headers = array_intersect_key($message->headers(), array_flip(array('From', 'To', 'Subject', 'Date', 'Message-ID')));
		$body = preg_replace('/[ \t]+(?=\r\n|$)/', '', preg_replace('/[ \t]+/', ' ', rtrim($message->body, "\r\n")))."\r\n";
		$value = 'v=1; a=rsa-sha256; c=relaxed/relaxed; d='.$domain.'; s='.$selector.'; t='.time().'; h='.strtolower(implode(':', array_keys($headers)))
			.'; bh='.base64_encode(hash('sha256', $body, true)).'; b=';
		$signed = '';
		foreach ($headers as $name => $content) {
			$signed .= strtolower($name).':'.trim(preg_replace('/\s+/', ' ', $content))."\r\n";
		}
		openssl_sign($signed.'dkim-signature:'.$value, $signature, $private, OPENSSL_ALGO_SHA256);
		return 'DKIM-Signature: '.$value.trim(chunk_split(base64_encode($signature), 70, "\r\n "))."\r\n";
	}
}
