<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Mail;

/**
 * A mail of one text: headers, and a body in quoted-printable.
 */
class Message
{
	/** @var string subject as a header has it */
	public $subject;
	/** @var string[] recipients as headers have them */
	public $to;
	/** @var string sender as a header has it */
	public $from;
	/** @var string */
	public $id;
	/** @var string lines end in CR LF */
	public $body;
	/** @var string */
	private $date;
	/** @var bool */
	private $isHtml;

	/**
	 * @param string $subject subject
	 * @param string $to      recipients, separated by commas
	 * @param string $from    sender
	 * @param string $text    UTF-8
	 * @param bool   $isHtml  whether it is HTML
	 */
	public function __construct($subject, $to, $from, $text, $isHtml)
	{
		$subject = self::line($subject);
		$this->subject = preg_match('/[^\x20-\x7E]/', $subject) ? '=?UTF-8?B?'.base64_encode($subject).'?=' : $subject;
		$this->to = array_values(array_filter(array_map(array(__CLASS__, 'line'), explode(',', $to))));
		$this->from = self::line($from);
		$this->date = date('r');
		$this->id = '<'.bin2hex(random_bytes(12)).'@'.(parse_url(DOL_MAIN_URL_ROOT, PHP_URL_HOST) ?: 'localhost').'>';
		$this->body = quoted_printable_encode(preg_replace('/\R/', "\r\n", $text));
		$this->isHtml = $isHtml;
	}

	/** @return array<string, string> */
	public function headers()
	{
		return array(
			'Date' => $this->date, 'From' => $this->from, 'Reply-To' => $this->from, 'To' => implode(', ', $this->to), 'Subject' => $this->subject,
			'Message-ID' => $this->id, 'MIME-Version' => '1.0', 'Content-Type' => 'text/'.($this->isHtml ? 'html' : 'plain').'; charset=UTF-8',
			'Content-Transfer-Encoding' => 'quoted-printable',
		);
	}

	/** @return string as it is sent, lines end in CR LF */
	public function text()
	{
		$lines = '';
		foreach ($this->headers() as $name => $value) {
			$lines .= $name.': '.$value."\r\n";
		}
		return $lines."\r\n".$this->body."\r\n";
	}

	/**
	 * @param string $mailbox "Name <address>" or an address
	 * @return string the address alone
	 */
	public static function address($mailbox)
	{
		return preg_match('/<([^>]*)>/', $mailbox, $found) ? $found[1] : trim($mailbox);
	}

	/** @return string the value in one line: nobody adds a header through it */
	private static function line($value)
	{
		return trim(preg_replace('/\s+/', ' ', $value));
	}
}
