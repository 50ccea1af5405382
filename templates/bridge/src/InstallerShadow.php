<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * A private folder of links that looks like the application's, but with a writable conf/conf.php.
 *
 * The installer refuses to work unless it could write conf.php, although it never does on the command line. It looks
 * for `../conf/conf.php` from the working directory: here that is a line that includes the real file, so that the real
 * one, with the database password, never has to be writable for the site's user, not even for a moment.
 */
class InstallerShadow
{
	/** @var string */
	private $folder;
	/** @var Target */
	private $target;

	public function __construct(Target $target)
	{
		$this->target = $target;
		$stem = rtrim(sys_get_temp_dir(), '/').'/miclinik-install-'.substr(sha1($target->root().$target->dataRoot()), 0, 12);
		foreach (glob($stem.'-*', GLOB_ONLYDIR) ?: array() as $old) {
			// Left by a run that was killed. The caller holds the lock, so nobody works in it.
			if (fileowner($old) === posix_geteuid()) {
				self::remove($old);
			}
		}
		$this->folder = $stem.'-'.bin2hex(random_bytes(6));
		if (!mkdir($this->folder, 0700)) {
			throw new Failure('shadow', "Could not make $this->folder.", 'Check the space and the rights of the folder.');
		}
		foreach (array('conf', 'install') as $name) {
			mkdir($this->folder.'/'.$name, 0700);
		}
		self::linkEntries($target->root(), $this->folder, array('conf', 'install'));
		self::linkEntries($target->root().'/install', $this->folder.'/install', array());
		$include = "<?php\nrequire ".var_export((string) realpath($target->confPath()), true).";\n";
		file_put_contents($this->folder.'/conf/conf.php', $include);
	}

	/** @param string[] $except */
	private static function linkEntries(string $from, string $to, array $except): void
	{
		foreach (scandir($from) ?: array() as $entry) {
			if ($entry !== '.' && $entry !== '..' && !in_array($entry, $except, true)) {
				symlink($from.'/'.$entry, $to.'/'.$entry);
			}
		}
	}

	/**
	 * Runs one step to its end.
	 *
	 * @param string[]              $arguments what the step takes from its command line, without the script's name
	 * @param resource              $lock      an open file whose lock the step keeps even when this process is killed
	 * @param array<string, string> $query     what the step would take from its page's address
	 * @return array{seconds: float, exit: int, output: string} output is tidy and short
	 */
	public function run(string $step, array $arguments, $lock, array $query = array()): array
	{
		$started = microtime(true);
		$out = $this->folder.'/'.$step.'.out';
		$err = $this->folder.'/'.$step.'.err';
		$process = proc_open(
			array(PHP_BINARY, '-d', 'display_errors=stderr', '-d', 'log_errors=0', '-d', 'html_errors=0', '-d', 'memory_limit=-1', __DIR__.'/installer_step.php'),
			array(0 => array('pipe', 'r'), 1 => array('file', $out, 'w'), 2 => array('file', $err, 'w'), 3 => $lock),
			$pipes,
			$this->folder.'/install'
		);
		if (!is_resource($process)) {
			throw new Failure('installer', 'Could not start '.PHP_BINARY.'.', 'Check the memory and the limits of the host.');
		}
		fwrite($pipes[0], (string) json_encode(array(
			'script' => $this->target->root().'/install/'.$step.'.php',
			'query' => $query,
			'argv' => array_merge(array($step.'.php'), $arguments),
			'log' => $this->folder.'/'.$step.'.log',
		)));
		fclose($pipes[0]);
		$exit = proc_close($process);
		return array(
			'seconds' => round(microtime(true) - $started, 2),
			'exit' => $exit,
			'output' => self::complaints($out, $err),
		);
	}

	/** What the step complained about. The rest of its output, over a megabyte, holds all its SQL and is not looked at. */
	private static function complaints(string $out, string $err): string
	{
		$html = (string) file_get_contents($out);
		$found = array();
		preg_match_all('#class="(?:error|warning)[^"]*">(.{1,2000}?)</(?:span|div|td)>#s', $html, $found);
		$texts = array_slice($found[1], 0, 3);
		if (!$texts && strlen($html) < 20000) {
			$texts[] = preg_replace('#^.*<body>#s', '', $html);
		}
		$texts[] = (string) file_get_contents($err, false, null, 0, 2000);
		return Secrecy::tidy(implode(' | ', array_filter($texts)), 800);
	}

	public function discard(): void
	{
		self::remove($this->folder);
	}

	private static function remove(string $path): void
	{
		if (is_dir($path) && !is_link($path)) {
			foreach (scandir($path) ?: array() as $entry) {
				if ($entry !== '.' && $entry !== '..') {
					self::remove($path.'/'.$entry);
				}
			}
			@rmdir($path);
		} else {
			@unlink($path);
		}
	}
}
