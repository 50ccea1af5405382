<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * A failure as the operator gets to see it: a code for programs, what was expected and seen, and what to do.
 */
class Failure extends \Exception
{
	/** @var string */
	private $reason;
	/** @var string */
	private $mend;
	/** @var array<string, mixed> */
	private $details;

	/**
	 * @param string               $reason  lower_case word for programs
	 * @param string               $message what was expected and what was seen; never a secret
	 * @param string               $mend    what the operator can do
	 * @param array<string, mixed> $details further facts, never a secret
	 */
	public function __construct(string $reason, string $message, string $mend, array $details = array())
	{
		parent::__construct($message);
		$this->reason = $reason;
		$this->mend = $mend;
		$this->details = $details;
	}

	/**
	 * @return array<string, mixed> the `error` object of an answer
	 */
	public function toArray(): array
	{
		$error = array('code' => $this->reason, 'message' => $this->getMessage(), 'mend' => $this->mend);
		if ($this->details) {
			$error['details'] = $this->details;
		}
		return $error;
	}

	public function reason(): string
	{
		return $this->reason;
	}
}
