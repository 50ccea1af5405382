<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Jobs;

use Sandbox\Version;

/**
 * What a job does, by its kind: a method of a class, a function of a library, a command of the host.
 */
class Work
{
	/** @var \DoliDB */
	private $db;
	/** @var \Cronjob */
	private $job;
	/** @var bool */
	public $failed = false;
	/** @var string */
	public $error = '';
	/** @var string */
	public $output = '';
	/** @var string what was returned, as PHP writes it down */
	public $result = '';

	/**
	 * @param \DoliDB  $db  database
	 * @param \Cronjob $job what to run
	 */
	public function __construct($db, $job)
	{
		$this->db = $db;
		$this->job = $job;
	}

	/** @return bool whether there is a result; without one the application does not write down that the job has ended */
	public function run()
	{
		switch ($this->job->jobtype) {
			case 'method':
				$this->callMethod();
				return true;
			case 'function':
				return $this->callFunction();
			case 'command':
				$this->execute();
		}
		return true;
	}

	/**
	 * From 24 on a job that ends PHP is written down as failed by PHP's last words.
	 *
	 * @param \DoliDB $db  database
	 * @param int     $id  job
	 * @param int     $pid process in which it runs
	 * @return void
	 */
	public static function watch($db, $id, $pid)
	{
		register_shutdown_function(static function () use ($db, $id, $pid) {
			$db->rollback();
			$last = error_get_last();
			$words = 'Ended unexpectedly'.($last ? ': '.$last['message'] : '');
			$sql = 'UPDATE '.MAIN_DB_PREFIX.'cronjob SET processing = 0, pid = NULL, datelastresult = ?, lastresult = ?, lastoutput = ?'
				.' WHERE rowid = ? AND processing = 1 AND datelastresult IS NULL AND pid = ?';
			$db->run($sql, array($db->idate(dol_now()), '-1', $words, $id, $pid));
		});
	}

	/** @return void */
	private function callMethod()
	{
		$job = $this->job;
		if (Version::refusesJobsOfModulesThatAreOff() && $job->entity && $job->module_name && !isModEnabled(strtolower($job->module_name))) {
			$this->fail('CronModuleNotEnabledInThisEntity');
		} elseif (dol_include_once($job->classesname) === false) {
			$this->fail('CronCannotLoadClass '.$job->classesname);
		} elseif (!class_exists($job->objectname)) {
			$this->fail('CronCannotLoadObject '.$job->objectname);
		} elseif (!method_exists($job->objectname, $job->methodename) || strtolower($job->methodename) === 'executecli') {
			$this->fail('CronMethodDoesNotExists '.$job->objectname.'::'.$job->methodename);
		} else {
			$class = $job->objectname;
			$object = new $class($this->db);
			if ($job->entity > 0) {
				$object->entity = (int) $job->entity;
			}
			$result = call_user_func_array(array($object, $job->methodename), self::parameters($job->params, ','));
			$this->output = empty($object->output) ? '' : $object->output."\n";
			$said = array_filter(array_unique(array_merge(array(isset($object->error) ? $object->error : ''), isset($object->errors) ? (array) $object->errors : array())));
			$this->judge($result, implode(', ', $said));
		}
	}

	/** @return bool whether there is such a library */
	private function callFunction()
	{
		$library = '/'.strtolower((string) $this->job->module_name).'/lib/'.$this->job->libname;
		if (dol_include_once($library) === false) {
			$this->error = 'CronCannotLoadLib: '.$library;
			return false;
		}
		$result = call_user_func_array($this->job->methodename, self::parameters($this->job->params, ', '));
		$this->judge($result, '');
		if (!$this->failed) {
			$this->output = $this->result;
		}
		return true;
	}

	/** @return void */
	private function execute()
	{
		global $dolibarr_cron_allow_cli;

		if (empty($dolibarr_cron_allow_cli)) {
			// No failure for the application, but a result that is none
			$this->error = 'FailedToExecutCommandJob';
			$this->result = 'ErrorParameterMustBeEnabledToAllwoThisFeature';
			return;
		}
		exec($this->job->command.' 2>&1', $lines, $code);
		$this->output = implode("\n", $lines);
		$this->result = (string) $code;
	}

	/**
	 * @param mixed  $result what the job returned
	 * @param string $said   its own words
	 * @return void
	 */
	private function judge($result, $said)
	{
		if ($result === false || (!is_bool($result) && $result != 0)) {
			$this->fail($said === '' ? 'ErrorUnknown' : $said, is_numeric($result) ? (string) $result : '-1');
		} else {
			$this->result = var_export($result, true);
		}
	}

	/** @return void */
	private function fail($why, $result = '-1')
	{
		$this->failed = true;
		$this->error = $why;
		$this->output = trim($this->output."\n".$why);
		$this->result = $result;
	}

	/** @return string[] */
	private static function parameters($text, $between)
	{
		return $text === null || $text === '' ? array() : array_map('trim', explode($between, $text));
	}
}
