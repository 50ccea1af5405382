<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

/**
 * An answer that is no data: a file or a redirection.
 */
class RawAnswer
{
	/** @var string */
	public $text;
	/** @var string[] */
	private $headers;

	/**
	 * @param string   $text    body
	 * @param string[] $headers header lines
	 */
	public function __construct($text, array $headers)
	{
		$this->text = $text;
		$this->headers = $headers;
	}

	/** @return void */
	public function sendHeaders()
	{
		foreach ($this->headers as $header) {
			header($header);
		}
	}
}
