<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * A mail through the application's own class, by the way that its settings say.
 */
class Mail
{
	/** @var Application */
	private $application;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	/**
	 * @return array<string, mixed>
	 * @throws Failure `no_mail`, `mail_off`, `mail_from`, `mail`
	 */
	public function test(string $address): array
	{
		$class = DOL_DOCUMENT_ROOT.'/core/class/CMailFile.class.php';
		if (!is_file($class)) {
			throw new Failure('no_mail', 'This application sends no mail: it has no class CMailFile.', 'Host the real one.');
		}
		if (filter_var($address, FILTER_VALIDATE_EMAIL) === false) {
			throw new Failure('usage', "\"$address\" is no address.", 'Write one, as in me@example.org.');
		}
		$way = $this->way();
		$from = $this->constant('MAIN_MAIL_EMAIL_FROM');
		// What the installer puts there is nobody's.
		if ($from === '' || $from === 'robot@domain.com') {
			throw new Failure('mail_from', 'The site has no address to send from.', 'Write mail.from in the inventory.');
		}
		$answer = array('to' => $address, 'from' => $from, 'way' => $way);
		if ($this->constant('MAIN_DISABLE_ALL_MAILS') !== '') {
			throw new Failure('mail_off', 'Mails are switched off: MAIN_DISABLE_ALL_MAILS is set, as in a clone.', 'Leave it so in a copy for tests.', $answer);
		}
		if ($this->application->check()) {
			return array('changed' => true) + $answer;
		}
		require_once $class;
		$host = (string) gethostname();
		$text = 'This mail was sent by miclinikctl on '.$host.' to see whether mails leave '.$this->application->target()->label().'.';
		$mail = new \CMailFile('Test of '.$this->application->target()->root().' on '.$host, $address, $from, $text, array(), array(), array(), '', '', 0, 0);
		$sent = $mail->sendfile();
		$said = array_filter(array_unique(array_merge(array((string) $mail->error), array_map('strval', (array) ($mail->errors ?? array())))));
		if (!$sent || $said) {
			throw new Failure(
				'mail',
				"No mail left by $way: ".Secrecy::tidy(implode('; ', $said) ?: 'the application gives no reason', 500),
				'Correct `mail` in the inventory by the words of the server, or look into the web server\'s way out:'
					.' playbooks/doctor.yml tries each step by itself.',
				$answer
			);
		}
		return array('changed' => true) + $answer;
	}

	/** By which way mails go, for people. */
	private function way(): string
	{
		$mode = $this->constant('MAIN_MAIL_SENDMODE') ?: 'mail';
		if ($mode === 'mail') {
			return 'PHP\'s mail() ('.(ini_get('sendmail_path') ?: 'no sendmail').')';
		}
		return "$mode to ".$this->constant('MAIN_MAIL_SMTP_SERVER').':'.$this->constant('MAIN_MAIL_SMTP_PORT');
	}

	private function constant(string $name): string
	{
		$value = (string) ($this->application->conf()->global->$name ?? '');
		return $value === '0' ? '' : $value;
	}
}
