<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Processes of this program for one job each, and what ends them: systemd asks to stop, and the job that runs may come to
 * its end, but not for ever.
 */
class JobProcess
{
	/** Seconds in which a job may come to its end after somebody has asked to stop: the unit has a few more. */
	const GRACE = 20;
	const PAUSE_MICROSECONDS = 50000;

	/** @var Target */
	private $target;
	/** @var float|null when somebody has asked to stop */
	private $stopped;

	public function __construct(Target $target)
	{
		$this->target = $target;
		if (function_exists('pcntl_async_signals')) {
			pcntl_async_signals(true);
			pcntl_signal(SIGTERM, function (): void {
				$this->stopped = $this->stopped ?? microtime(true);
			});
		}
	}

	public function isStopped(): bool
	{
		return $this->stopped !== null;
	}

	/**
	 * @return array<string, mixed> what the process answered; empty when it did not
	 */
	public function run(int $job, int $entity): array
	{
		$answer = tmpfile();
		$words = array(PHP_BINARY, (string) realpath($_SERVER['argv'][0]), '--root', $this->target->root(), '--entity', (string) $entity);
		$process = proc_open(array_merge($words, array('cron', 'job', (string) $job)), array(array('file', '/dev/null', 'r'), $answer, STDERR), $pipes, '/');
		if (!is_resource($process)) {
			return array();
		}
		while (proc_get_status($process)['running']) {
			if ($this->stopped !== null && microtime(true) - $this->stopped > self::GRACE) {
				proc_terminate($process, SIGKILL);
			}
			usleep(self::PAUSE_MICROSECONDS);
		}
		proc_close($process);
		rewind($answer);
		$found = json_decode((string) stream_get_contents($answer), true);
		return is_array($found) ? $found : array();
	}
}
