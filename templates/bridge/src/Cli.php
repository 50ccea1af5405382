<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * One run of miclinik-bridge: what is printed, and the order in which things happen.
 */
class Cli
{
	/** @var Arguments|null */
	private $arguments;
	/** @var Target|null */
	private $target;
	/** @var string */
	private $command = '';
	/** @var array<string, mixed> */
	private $given = array();
	/** @var Identity|null of the database, when the command is one that writes */
	private $identity;
	/** @var mixed what standard input held */
	private $input;
	/** @var bool */
	private $answered = false;
	/** @var bool */
	private $started = false;
	/** @var resource the real standard output */
	private $out;

	/**
	 * Reads the command line and standard input and becomes the site's user.
	 *
	 * @param string[] $argv
	 */
	public function start(array $argv): void
	{
		umask(0077);
		// Warnings and HTML of the application end in the buffer; only the answer goes out.
		ini_set('display_errors', '1');
		ini_set('html_errors', '0');
		ini_set('log_errors', '0');
		ob_start();
		$this->out = fopen('php://stdout', 'w');
		register_shutdown_function(array($this, 'ended'));
		$this->guarded(function () use ($argv): void {
			$this->arguments = new Arguments($argv);
			list($this->command, $this->given) = Commands::parse($this->arguments->words());
			if ($this->command === 'help') {
				fwrite($this->out, Help::TEXT);
				$this->answered = true;
				exit(0);
			}
			$this->readInput();
			if ($this->arguments->value('entity') !== null) {
				$this->given['entity'] = Commands::entity($this->command, $this->arguments->value('entity'));
			}
			Kinds::check($this->given);
			$target = Target::from($this->arguments);
			$target->takeTimezone();
			Privileges::becomeUser($target->user());
			$this->target = $target;
		});
	}

	private function readInput(): void
	{
		if ($this->command !== 'batch' && !$this->arguments->flag('stdin')) {
			return;
		}
		$this->input = json_decode((string) stream_get_contents(STDIN), true);
		if (!is_array($this->input)) {
			throw new Failure('usage', 'Standard input holds no JSON.', 'See: miclinikctl help');
		}
		if ($this->command !== 'batch') {
			$this->given += $this->input;
		}
	}

	public function target(): ?Target
	{
		return $this->target;
	}

	/**
	 * What goes before conf.php, which names the release that is served: `module try` looks at one that is not yet.
	 *
	 * @return array<string, string> by the names of the variables
	 */
	public function confOverrides(): array
	{
		if ($this->target === null || $this->command !== 'module try') {
			return array();
		}
		return array(
			'dolibarr_main_document_root' => $this->target->root(),
			'dolibarr_main_document_root_alt' => $this->target->root().'/custom',
		);
	}

	/**
	 * Whether the application is to be started. Never blindly: not before its database says that it is installed.
	 */
	public function mayBootstrap(): bool
	{
		if (in_array($this->command, Commands::WITHOUT_APPLICATION, true)) {
			return false;
		}
		$this->guarded(function (): void {
			$this->target->requireApplication();
			$this->target->requireConf();
			$state = SchemaState::read(new Connection($this->target), $this->target);
			if ($state->state() !== SchemaState::INSTALLED && !($state->isOnlyMarked() && $this->isRemovalOfMark())) {
				throw new Failure(
					'not_installed',
					'The site is not installed: '.implode('; ', $state->reasons).'.',
					'Run: miclinikctl install, or the application role.',
					array('state' => $state->state())
				);
			}
			if (!in_array($this->command, Commands::READING, true)) {
				$this->identity = new Identity($this->target, $state);
				if ($this->command !== 'identity replace') {
					$this->identity->requireNoOther();
				}
			}
		});
		return true;
	}

	private function isRemovalOfMark(): bool
	{
		return $this->command === 'constant unset' && ($this->given['name'] ?? '') === 'MAIN_NOT_INSTALLED';
	}

	/** @return array<string, string> what has to be defined before the bootstrap */
	public function bootstrapConstants(): array
	{
		$defined = array_fill_keys(array(
			'NOSESSION', 'NOLOGIN', 'NOREQUIREMENU', 'NOREQUIREHTML', 'NOREQUIREAJAX', 'NOCSRFCHECK', 'NOTOKENRENEWAL', 'NOIPCHECK',
		), '1');
		if ($this->command === 'cron job') {
			// As the application's own script has it: a log of its own, and the settings of the job's entity.
			$defined += array('USESUFFIXINLOG' => '_cron', 'DOLENTITY' => (string) ($this->given['entity'] ?? 1));
		}
		return $defined;
	}

	public function bootstrapped(): void
	{
		// The bootstrap sets them by conf.php's `prod`; a command has nobody to show warnings to either way.
		ini_set('display_errors', '1');
		$this->started = true;
	}

	public function run(): void
	{
		$this->guarded(function (): void {
			$check = $this->arguments->flag('check');
			if ($this->arguments->flag('reveal')) {
				$this->given['reveal'] = true;
			}
			if ($this->arguments->flag('alone')) {
				$this->given['alone'] = true;
			}
			if ($this->command === 'status') {
				$this->target->requireApplication();
				$answer = Status::of($this->target);
			} elseif ($this->command === 'install') {
				$this->target->requireApplication();
				$this->target->requireConf();
				$answer = (new Installer($this->target))->ensure($this->given, $check);
			} else {
				$answer = $this->work(new Application($this->target, $check));
			}
			$this->answer(array('ok' => true, 'command' => $this->command) + $answer);
		});
	}

	/**
	 * Does the command, in the site's own database only.
	 *
	 * @return array<string, mixed>
	 */
	private function work(Application $application): array
	{
		if ($this->command === 'identity replace') {
			return $this->identity->write($application);
		}
		if ($this->identity !== null) {
			$this->identity->requirePlausible($application);
		}
		if ($this->command === 'identity adopt') {
			return $this->identity->write($application);
		}
		return $this->command === 'batch' ? Commands::runBatch($application, $this->input) : Commands::run($application, $this->command, $this->given);
	}

	/** Runs something and turns whatever it throws into an answer. */
	private function guarded(callable $work): void
	{
		try {
			$work();
		} catch (BatchFailure $stop) {
			$this->fail($stop->failure, $stop->report);
		} catch (Failure $failure) {
			$this->fail($failure, array());
		} catch (\Throwable $problem) {
			$this->fail(new Failure(
				'application',
				get_class($problem).': '.Secrecy::tidy($problem->getMessage(), 400),
				'This is a fault of miclinikctl or of the application; report it with the version.',
				array('at' => basename($problem->getFile()).':'.$problem->getLine())
			), array());
		}
	}

	/**
	 * @param array<string, mixed> $more
	 */
	private function fail(Failure $failure, array $more): void
	{
		$error = $failure->toArray();
		$noise = $this->noise();
		if ($noise !== '') {
			$error['details']['noise'] = $noise;
		}
		$this->answer(array('ok' => false, 'command' => $this->command, 'error' => $error) + $more);
		exit(1);
	}

	private function noise(): string
	{
		$noise = '';
		while (ob_get_level() > 0) {
			$noise .= (string) ob_get_clean();
		}
		return Secrecy::tidy($noise);
	}

	/**
	 * @param array<string, mixed> $answer
	 */
	private function answer(array $answer): void
	{
		$this->noise();
		$this->answered = true;
		$text = json_encode($answer, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PRESERVE_ZERO_FRACTION);
		// JSON escapes the other controls itself. These too do something in the terminal of who reads it: CSI as one byte, bidi.
		$shown = preg_replace_callback('/[\x{80}-\x{9f}\p{Cf}\x{2028}\x{2029}]/u', static function (array $found): string {
			return substr((string) json_encode($found[0]), 1, -1);
		}, (string) $text);
		fwrite($this->out, str_replace("\x7f", '\u007f', (string) $shown)."\n");
	}

	/** The application ends the process in many places, with exit code 0 as well. */
	public function ended(): void
	{
		if ($this->answered) {
			$this->noise();
			return;
		}
		$last = error_get_last();
		$where = $last !== null && in_array($last['type'], array(E_ERROR, E_PARSE, E_CORE_ERROR, E_COMPILE_ERROR), true)
			? ' after: '.Secrecy::tidy($last['message'], 300) : '';
		$this->fail(new Failure(
			$this->started ? 'application' : 'bootstrap',
			'The application ended the process '.($this->started ? 'in the middle of the work' : 'while it started').$where.'.',
			'See what it said in "noise", and: miclinikctl status'
		), array());
	}
}
