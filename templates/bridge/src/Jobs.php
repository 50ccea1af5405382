<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The application's scheduled jobs (module cron), by its own class Cronjob: what scripts/cron/cron_run_jobs.php does, for
 * sources that have no scripts, and without the key of the jobs in the arguments of a process.
 */
class Jobs
{
	/** Hours after which a job that says that it runs has ended without saying so, unless CRON_MAX_DELAY_FOR_JOBS does. */
	const LOST_HOURS = 24;
	/** What PHP's posix_kill says of a process that is not there, or is somebody else's. */
	const NOT_THERE = array(1, 3);
	/** What a job that went well leaves as its result. */
	const FINE = array('', '0', 'true', 'NULL', "''");

	/** @var Application */
	private $application;

	/**
	 * @throws Failure `no_jobs`
	 */
	public function __construct(Application $application)
	{
		$this->application = $application;
		$class = DOL_DOCUMENT_ROOT.'/cron/class/cronjob.class.php';
		if (!is_file($class) || !isset((new Modules($application))->enabled()['cron'])) {
			throw new Failure(
				'no_jobs',
				'The module "cron" is off, so the site has no scheduled jobs.',
				'Add cron to `modules` in the inventory, or run: '.$application->target()->command('module enable cron')
			);
		}
		require_once $class;
		$GLOBALS['langs']->loadLangs(array('main', 'admin', 'cron', 'bills'));
	}

	/** @return array<string, mixed> */
	public function list(): array
	{
		return array('changed' => false, 'jobs' => array_map(array($this, 'told'), $this->all(-1, -1)));
	}

	/**
	 * Runs what is due, each job in a process of its own: one that dies takes no other with it.
	 *
	 * @param bool $alone whether nothing is done while another host of a cluster does
	 * @return array<string, mixed>
	 */
	public function run(bool $alone = false): array
	{
		$due = array_values(array_filter($this->all(1, -1), array($this, 'isDue')));
		if ($this->application->check()) {
			return array('changed' => (bool) $due, 'due' => array_map(array($this, 'told'), $due));
		}
		if ($alone && !$this->isAlone()) {
			return array('changed' => false, 'ran' => array(), 'elsewhere' => true);
		}
		$ran = $this->free();
		$apart = new JobProcess($this->application->target());
		foreach ($this->all(1, 0) as $job) {
			if ($apart->isStopped()) {
				break;
			}
			if ($this->isDue($job)) {
				$ran[] = $this->report($this->runApart($apart, $job));
			}
		}
		$failed = array_values(array_filter($ran, static function (array $one): bool {
			return $one['failed'];
		}));
		if ($failed) {
			$names = implode(', ', array_column($failed, 'label'));
			throw new Failure('job', 'Of '.count($ran).' scheduled jobs failed: '.$names.'.', 'See what each said: '
				.$this->application->target()->command('cron list'), array('ran' => $ran));
		}
		return array('changed' => (bool) $ran, 'ran' => $ran);
	}

	/**
	 * Whether nobody else looks for what is due. The database knows by a lock that goes with this process's connection.
	 */
	private function isAlone(): bool
	{
		$name = 'miclinik-jobs-'.sha1($this->application->target()->conf('db_name'));
		$rows = $this->application->rows($this->application->db()->type === 'pgsql'
			? "SELECT CASE WHEN pg_try_advisory_lock(hashtext('$name')) THEN 1 ELSE 0 END AS mine"
			: "SELECT GET_LOCK('$name', 0) AS mine");
		return (int) $rows[0]['mine'] === 1;
	}

	/**
	 * Runs one job in this process, and says when it comes next.
	 *
	 * @return array<string, mixed>
	 * @throws Failure `job`
	 */
	public function runOne(int $id): array
	{
		$job = $this->get($id);
		// What it asks for holds in the entity that it is of, which this process is in.
		if ((int) $job->processing || (int) $job->status !== 1 || !$this->isAsked($job)) {
			return array('changed' => false, 'skipped' => true);
		}
		$login = $this->application->administrator()->login;
		$hooks = $GLOBALS['hookmanager'] ?? null;
		if ($hooks) {
			$hooks->initHooks(array('cli'));
			$parameters = array('cronjob' => $job, 'line' => $job);
			$hooks->executeHooks('beforeRunCronJob', $parameters, $job);
		}
		$now = dol_now();
		// Of a job that a module has just brought 16 knows no time, and would refuse to write down that it runs.
		$job->datenextrun = $job->datenextrun ?: $now - 1;
		$result = $job->run_jobs($login);
		$said = trim((string) $job->error);
		if ($hooks) {
			$hooks->executeHooks('afterRunCronJob', $parameters, $job);
		}
		$after = $this->get($id);
		// Some failures it only returns.
		if ((int) $after->processing || ($result < 0 && in_array(trim((string) $after->lastresult), self::FINE, true))) {
			$this->close($id, $said !== '' ? $said : 'It ended before it began its work.');
		} elseif ($job->reprogram_jobs($login, $now) < 0) {
			$said .= ' It could not be given its next time: '.$job->error;
			$result = -1;
		}
		return array('changed' => true, 'skipped' => false, 'fine' => $result >= 0, 'said' => Secrecy::tidy($said, 300));
	}

	/**
	 * Ends what says that it runs and does not any more: a job that was killed would never run again.
	 *
	 * @return array<int, array<string, mixed>>
	 */
	private function free(): array
	{
		$hours = (int) ($this->application->conf()->global->CRON_MAX_DELAY_FOR_JOBS ?? 0) ?: self::LOST_HOURS;
		$freed = array();
		foreach ($this->all(-1, 1) as $line) {
			$pid = (int) ($line->pid ?? 0);
			$gone = $pid > 0 && !posix_kill($pid, 0) && in_array(posix_get_last_error(), self::NOT_THERE, true);
			if ($gone || (int) $line->datelastrun <= dol_now() - $hours * 3600) {
				$freed[] = $this->report($this->close((int) $line->id, 'It was ended from outside, and could not say so: a'
					.' power cut, or no memory left.'));
			}
		}
		return $freed;
	}

	/**
	 * @param object $line a job
	 * @return object the job as it is afterwards
	 */
	private function runApart(JobProcess $apart, $line)
	{
		// The job that clears up temporary files takes the API's table of routes for one, and endpoints would be gone.
		$routes = RouteCache::content($this->application->target()->dataRoot());
		$answer = $apart->run((int) $line->id, max(1, (int) $line->entity));
		RouteCache::putBack($this->application->target()->dataRoot(), $routes);
		$after = $this->get((int) $line->id);
		if ((int) $after->processing) {
			return $this->close((int) $line->id, $apart->isStopped() ? 'It was ended, since the site is being closed.'
				: 'It died in the middle of its work. '.self::lastWords($answer['error'] ?? array()));
		}
		if (!$answer || empty($answer['ok'])) {
			// It did not even begin, and would be first again the next time.
			return $this->close((int) $line->id, (string) ($answer['error']['message'] ?? 'It could not be started.'));
		}
		return $after;
	}

	/** @param array<string, mixed> $error of an answer */
	private static function lastWords(array $error): string
	{
		return Secrecy::tidy(($error['message'] ?? '').' '.($error['details']['noise'] ?? ''), 300);
	}

	/** @return object */
	private function close(int $id, string $why)
	{
		$job = $this->get($id);
		$job->processing = 0;
		$job->pid = null;
		$job->datelastresult = dol_now();
		$job->lastresult = '-1';
		$job->lastoutput = $why;
		$user = $this->application->administrator();
		if ($job->update($user) < 0 || $job->reprogram_jobs($user->login, dol_now()) < 0) {
			throw new Failure('job', "The job $id cannot be ended: ".Secrecy::tidy((string) $job->error).'.', 'Look at the database.');
		}
		return $this->get($id);
	}

	/**
	 * One line in the journal for each job, with systemd's word for how bad it is.
	 *
	 * @param object $job
	 * @return array<string, mixed>
	 */
	private function report($job): array
	{
		$told = $this->told($job);
		$words = "job $told[id] \"$told[label]\" ".($told['failed'] ? 'failed: '.($told['output'] ?: $told['result']) : 'ran');
		fwrite(STDERR, ($told['failed'] ? '<3>' : '<6>').Secrecy::tidy($words, 500)."\n");
		return $told;
	}

	/**
	 * @param object $job
	 * @return array<string, mixed>
	 */
	private function told($job): array
	{
		$langs = $GLOBALS['langs'];
		if (!empty($job->module_name)) {
			$langs->load($job->module_name);
		}
		$result = trim((string) $job->lastresult);
		return array(
			'id' => (int) $job->id,
			'label' => Secrecy::tidy((string) $langs->trans((string) $job->label), 120),
			'module' => (string) $job->module_name,
			'entity' => (int) $job->entity,
			'enabled' => (int) $job->status === 1,
			'running' => (bool) (int) $job->processing,
			'began' => self::moment($job->datelastrun),
			'ended' => self::moment($job->datelastresult),
			'failed' => !(int) $job->processing && !in_array($result, self::FINE, true),
			'result' => Secrecy::tidy($result, 120),
			'output' => Secrecy::tidy((string) $job->lastoutput, 300),
			'next' => self::moment(max((int) $job->datenextrun, (int) $job->datestart)),
			'runs' => (int) $job->nbrun,
			'due' => (int) $job->status === 1 && $this->isDue($job),
		);
	}

	/** @param mixed $seconds */
	private static function moment($seconds): ?int
	{
		return (int) $seconds > 0 ? (int) $seconds : null;
	}

	/** @param object $job */
	private function isDue($job): bool
	{
		$now = dol_now();
		$here = in_array((int) $job->entity, array(0, $this->application->entity()), true);
		return (int) $job->datenextrun < $now && (empty($job->datestart) || $job->datestart <= $now)
			&& (empty($job->dateend) || $job->dateend >= $now) && (!$here || $this->isAsked($job));
	}

	/**
	 * Whether the job's own condition holds, such as a module that has to be on.
	 *
	 * @param object $job
	 */
	private function isAsked($job): bool
	{
		return (bool) verifCond((string) $job->test);
	}

	/**
	 * @return object[]
	 * @throws Failure `database`
	 */
	private function all(int $status, int $processing): array
	{
		$jobs = new \Cronjob($this->application->db());
		if ($jobs->fetchAll('ASC,ASC,ASC', 't.priority,t.entity,t.rowid', 0, 0, $status, array(), $processing) < 0) {
			throw new Failure('database', 'The jobs cannot be read: '.Secrecy::tidy((string) $jobs->error, 300), 'Check the table llx_cronjob.');
		}
		return (array) $jobs->lines;
	}

	/**
	 * @throws Failure `no_job`
	 */
	private function get(int $id): \Cronjob
	{
		$job = new \Cronjob($this->application->db());
		if ($job->fetch($id) <= 0 || empty($job->id)) {
			throw new Failure('no_job', "There is no job $id.", 'See: '.$this->application->target()->command('cron list'));
		}
		return $job;
	}
}
