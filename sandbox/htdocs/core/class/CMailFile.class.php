<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * A mail, sent by the way that the constants say: mail (PHP's own), smtps, or swiftmailer, which is the only one that signs.
 */
#[\AllowDynamicProperties]
class CMailFile
{
	/** @var string */
	public $sendmode;
	/** @var string */
	public $error = '';
	/** @var string[] */
	public $errors = array();
	/** @var string */
	public $msgid = '';
	/** @var Sandbox\Mail\Message */
	private $message;

	/**
	 * @param string $subject subject
	 * @param string $to      recipients, separated by commas
	 * @param string $from    sender
	 * @param string $msg     text
	 * @param mixed  ...      files to attach, copies and receipts are passed over
	 * @param int    $msgishtml 1 = the text is HTML
	 */
	public function __construct($subject, $to, $from, $msg, $filename_list = array(), $mimetype_list = array(), $mimefilename_list = array(), $addr_cc = '', $addr_bcc = '', $deliveryreceipt = 0, $msgishtml = 0)
	{
		$this->sendmode = getDolGlobalString('MAIN_MAIL_SENDMODE', 'mail');
		if ($subject === '') {
			$this->error = 'ErrorSubjectIsRequired';
			return;
		}
		$this->message = new Sandbox\Mail\Message($subject, $to, $from, $msg === '' ? '.' : $msg, $msgishtml === 1);
		$this->msgid = $this->message->id;
	}

	/** @return bool whether it was taken; if not, error or errors say why */
	public function sendfile()
	{
		if (getDolGlobalString('MAIN_DISABLE_ALL_MAILS')) {
			$this->error = 'No mail sent. Feature is disabled by option MAIN_DISABLE_ALL_MAILS';
			return false;
		}
		if ($this->message === null) {
			return false;
		}
		switch ($this->sendmode) {
			case 'mail':
				return $this->byPhp();
			case 'smtps':
				return $this->bySmtps();
			case 'swiftmailer':
				return $this->bySwiftmailer();
		}
		$this->error = 'Bad value for sendmode';
		return false;
	}

	/** @return bool */
	private function byPhp()
	{
		$headers = $this->message->headers();
		unset($headers['To'], $headers['Subject']);
		if (!mail(implode(', ', $this->message->to), $this->message->subject, str_replace("\r\n", "\n", $this->message->body), $headers)) {
			$this->error = 'Failed to send mail with php mail to HOST='.ini_get('SMTP').', PORT='.ini_get('smtp_port');
			return false;
		}
		return true;
	}

	/** @return bool */
	private function bySmtps()
	{
		global $dolibarr_main_url_root;

		$host = getDolGlobalString('MAIN_MAIL_SMTP_SERVER');
		$name = getDolGlobalString('MAIL_SMTP_USE_FROM_FOR_HELO', Sandbox\Version::greetsByDomain() ? '2' : '');
		if ($name === '1') {
			$name = (string) substr((string) strrchr($this->message->from, '@'), 1);
		} elseif ($name === '2') {
			$name = (string) parse_url($dolibarr_main_url_root, PHP_URL_HOST);
		}
		$server = new Sandbox\Mail\Smtp($host, getDolGlobalInt('MAIN_MAIL_SMTP_PORT'), self::secure(), $name ?: $host);
		$login = getDolGlobalString('MAIN_MAIL_SMTPS_ID');
		$password = getDolGlobalString('MAIN_MAIL_SMTPS_PW');
		// Without both of them it says HELO, and goes on in the clear
		$kind = $login === '' || $password === '' ? '' : getDolGlobalString(Sandbox\Version::constantForMailLogIn(), 'LOGIN');
		$sent = $server->connect() && ($kind === '' ? $server->ask('HELO', '250') : $server->greet() && $server->logIn($kind, $login, $password));
		$sent = $sent && $server->send($this->message, $this->message->text());
		$server->close();
		$this->error = implode("\n", $server->errors);
		return $sent;
	}

	/** @return bool */
	private function bySwiftmailer()
	{
		$server = new Sandbox\Mail\Smtp(getDolGlobalString('MAIN_MAIL_SMTP_SERVER'), getDolGlobalInt('MAIN_MAIL_SMTP_PORT'), self::secure(), '[127.0.0.1]');
		$login = getDolGlobalString('MAIN_MAIL_SMTPS_ID');
		$signature = '';
		if (getDolGlobalString('MAIN_MAIL_EMAIL_DKIM_ENABLED')) {
			$names = array('MAIN_MAIL_EMAIL_DKIM_PRIVATE_KEY', 'MAIN_MAIL_EMAIL_DKIM_DOMAIN', 'MAIN_MAIL_EMAIL_DKIM_SELECTOR');
			list($key, $domain, $selector) = array_map('getDolGlobalString', $names);
			$signature = Sandbox\Mail\Signature::of($this->message, $key, $domain, $selector);
			if ($signature === '') {
				$this->errors[] = 'Unable to load DKIM Private Key ['.openssl_error_string().']';
				return false;
			}
		}
		$sent = $server->connect() && $server->greet()
			&& ($login === '' || $server->logIn('LOGIN', $login, getDolGlobalString('MAIN_MAIL_SMTPS_PW')))
			&& $server->send($this->message, $signature.$this->message->text());
		$server->close();
		$this->errors = array_merge($this->errors, $server->errors);
		return $sent;
	}

	/** @return string ssl, tls (STARTTLS) or '' */
	private static function secure()
	{
		if (getDolGlobalString('MAIN_MAIL_EMAIL_STARTTLS')) {
			return 'tls';
		}
		return getDolGlobalString('MAIN_MAIL_EMAIL_TLS') ? 'ssl' : '';
	}
}
