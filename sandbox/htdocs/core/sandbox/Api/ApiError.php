<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

/**
 * An answer that is not a success.
 */
class ApiError extends \RuntimeException
{
	const REASONS = array(
		200 => 'OK', 304 => 'Not Modified', 400 => 'Bad Request', 401 => 'Unauthorized', 403 => 'Forbidden', 404 => 'Not Found', 405 => 'Method Not Allowed',
		406 => 'Not Acceptable', 409 => 'Conflict', 500 => 'Internal Server Error', 501 => 'Not Implemented', 503 => 'Service Unavailable',
	);

	/** @var array details that the body holds beside code and message */
	public $details;

	/**
	 * @param int    $status  HTTP status
	 * @param string $message what is wrong, without the reason phrase
	 * @param array  $details numbered texts
	 */
	public function __construct($status, $message = '', array $details = array())
	{
		$reason = isset(self::REASONS[$status]) ? self::REASONS[$status] : 'Error';
		parent::__construct($message === '' ? $reason : $reason.': '.$message, $status);
		$this->details = $details;
	}

	/**
	 * @param string   $stage   where it happened
	 * @param string[] $done    stages that were passed
	 * @param bool     $verbose whether the body tells about the code
	 * @return array body
	 */
	public function body($stage, array $done, $verbose)
	{
		$body = array('error' => array('code' => $this->getCode(), 'message' => $this->getMessage()) + $this->details);
		if ($verbose) {
			$body['debug'] = array(
				'source' => basename($this->getFile()).':'.$this->getLine().' at '.$stage.' stage',
				'stages' => array('success' => $done, 'failure' => array($stage, 'message')),
			);
		}
		return $body;
	}
}
