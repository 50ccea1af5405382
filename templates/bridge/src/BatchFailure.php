<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * A failure in the middle of a batch: what was done before it has been done.
 */
class BatchFailure extends \Exception
{
	/** @var Failure */
	public $failure;
	/** @var array<string, mixed> */
	public $report;

	/**
	 * @param array<int, array<string, mixed>> $answers of the commands before
	 */
	public function __construct(Failure $failure, int $index, string $command, array $answers)
	{
		parent::__construct($failure->getMessage());
		$this->failure = $failure;
		$this->report = array('failed' => $index, 'failed_command' => $command, 'answers' => $answers);
	}
}
