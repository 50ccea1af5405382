<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Mail;

/**
 * A conversation with a mail server. Every step says whether the server agreed; what it said instead is in errors.
 */
class Smtp
{
	const SECONDS = 10;

	/** @var string[] */
	public $errors = array();
	/** @var string */
	private $host;
	/** @var int */
	private $port;
	/** @var string */
	private $secure;
	/** @var string */
	private $name;
	/** @var resource|null */
	private $stream;

	/**
	 * @param string $host   name or address
	 * @param int    $port   TCP port
	 * @param string $secure ssl, tls (STARTTLS) or ''
	 * @param string $name   by which it is greeted
	 */
	public function __construct($host, $port, $secure, $name)
	{
		$this->host = $host;
		$this->port = $port;
		$this->secure = $secure;
		$this->name = $name;
	}

	/** @return bool */
	public function connect()
	{
		// Names are looked up in IPv4 only, as the application does
		if (!filter_var($this->host, FILTER_VALIDATE_IP) && gethostbyname($this->host) === $this->host) {
			return $this->fail(99, $this->host.' is either offline or is an invalid host name.');
		}
		$stream = @fsockopen(($this->secure === 'ssl' ? 'ssl://' : '').$this->host, $this->port, $number, $text, self::SECONDS);
		if (!$stream) {
			return $this->fail($number, $text ?: 'Failed to connect with fsockopen host='.$this->host.' port='.$this->port);
		}
		$this->stream = $stream;
		stream_set_timeout($stream, self::SECONDS);
		return $this->expect('220');
	}

	/**
	 * EHLO, and STARTTLS where it is wanted.
	 *
	 * @return bool
	 */
	public function greet()
	{
		if (!$this->ask('EHLO', '250')) {
			return $this->fail(126, '"'.$this->host.'" refused the EHLO command. Error after sending EHLO '.$this->name);
		}
		if ($this->secure !== 'tls') {
			return true;
		}
		if (!$this->say('STARTTLS', '220')) {
			return $this->fail(131, 'STARTTLS connection is not supported.');
		}
		if (!@stream_socket_enable_crypto($this->stream, true, STREAM_CRYPTO_METHOD_TLS_CLIENT | STREAM_CRYPTO_METHOD_TLSv1_2_CLIENT)) {
			return $this->fail(132, 'STARTTLS connection failed.');
		}
		return $this->ask('EHLO', '250');
	}

	/**
	 * @param string $kind     LOGIN, PLAIN or NONE
	 * @param string $login    user
	 * @param string $password clear text
	 * @return bool
	 */
	public function logIn($kind, $login, $password)
	{
		if ($kind === 'NONE') {
			return true;
		}
		if ($kind === 'PLAIN') {
			$agreed = $this->say('AUTH PLAIN', '334') && $this->say(base64_encode("\0$login\0$password"), '235');
		} else {
			$agreed = $this->say('AUTH LOGIN', '334') && $this->say(base64_encode($login), '334') && $this->say(base64_encode($password), '235');
		}
		return $agreed ?: $this->fail(130, 'Invalid Authentication Credentials.');
	}

	/**
	 * @param Message $message whose it is and to whom it goes
	 * @param string  $text    what is sent, lines end in CR LF
	 * @return bool
	 */
	public function send($message, $text)
	{
		$agreed = $this->say('MAIL FROM:<'.Message::address($message->from).'>', '250');
		foreach ($message->to as $to) {
			$agreed = $agreed && $this->say('RCPT TO:<'.Message::address($to).'>', '25');
		}
		return $agreed && $this->say('DATA', '354') && $this->say(preg_replace('/^\./m', '..', rtrim($text, "\r\n"))."\r\n.", '250');
	}

	/**
	 * @param string $word EHLO or HELO
	 * @param string $code what the server has to answer
	 * @return bool
	 */
	public function ask($word, $code)
	{
		return $this->say($word.' '.$this->name, $code);
	}

	/** @return void */
	public function close()
	{
		if ($this->stream) {
			@fwrite($this->stream, "QUIT\r\n");
			fclose($this->stream);
			$this->stream = null;
		}
	}

	/** @return bool */
	private function say($line, $code)
	{
		fwrite($this->stream, $line."\r\n");
		return $this->expect($code);
	}

	/** @return bool whether the last line of the answer begins with this code */
	private function expect($code)
	{
		do {
			$line = fgets($this->stream, 1024);
			if ($line === false) {
				return $this->fail(121, "Couldn't get mail server response codes");
			}
		} while (substr($line, 3, 1) === '-');
		return strpos($line, $code) === 0 ?: $this->fail(120, "Ran into problems sending Mail.\r\nResponse: ".trim($line));
	}

	/** @return bool false */
	private function fail($number, $text)
	{
		$this->errors[] = 'Error ['.$number.']: '.$text;
		return false;
	}
}
