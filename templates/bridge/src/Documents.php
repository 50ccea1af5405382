<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The documents folder: the installer's lock in it, and the mark by which it is known as the site's own.
 *
 * A mount that is missing leaves an empty folder of the same name, in which the application goes on as if there had never
 * been a document. The mark, unlike the lock, is nothing that people take away on purpose.
 */
class Documents
{
	/** Holds the site's sign; plugins/module_utils/application/identity.py reads it as well. */
	const MARK = '.miclinik-site';

	/** @var string */
	private $folder;
	/** @var string */
	private $lock;

	public function __construct(Target $target)
	{
		$this->folder = $target->dataRoot();
		$this->lock = $target->lockPath();
		clearstatcache();
	}

	public function isLocked(): bool
	{
		return is_file($this->lock);
	}

	/**
	 * The sign in the folder's mark, null where there is no mark.
	 *
	 * @throws Failure `documents` where it cannot be read: that says nothing of whose it is
	 */
	public function mark(): ?string
	{
		$path = $this->folder.'/'.self::MARK;
		if (!is_file($path)) {
			return null;
		}
		$text = @file_get_contents($path);
		if ($text === false) {
			throw new Failure(
				'documents',
				"$path cannot be read by the site's user; it is ".self::owner($path).'.',
				'Give the documents to the site\'s user, all at once: chown -R USER:GROUP '.$this->folder.'/'
			);
		}
		return trim($text);
	}

	/** Whose a file is, as ls writes it. */
	private static function owner(string $path): string
	{
		$name = function_exists('posix_getpwuid') ? posix_getpwuid((int) fileowner($path)) : false;
		return ($name ? $name['name'] : (string) fileowner($path)).sprintf(' %04o', fileperms($path) & 07777);
	}

	/** Whether there is a file of people's in it: neither lock nor mark, nor what the application can make again. */
	public function holdFiles(): bool
	{
		return self::search($this->folder, array('install.lock', self::MARK, 'lost+found'));
	}

	/** @param string[] $except names at the top that do not count */
	private static function search(string $folder, array $except): bool
	{
		foreach (is_dir($folder) ? (@scandir($folder) ?: array()) : array() as $entry) {
			if ($entry === '.' || $entry === '..' || $entry === 'temp' || in_array($entry, $except, true)) {
				continue;
			}
			$path = $folder.'/'.$entry;
			if (is_file($path) || is_dir($path) && !is_link($path) && self::search($path, array())) {
				return true;
			}
		}
		return false;
	}

	/** Whether the lock had to be made or put right. */
	public function ensureLock(bool $check): bool
	{
		$text = "Locked by miclinikctl: the site is installed.\n";
		return $this->ensureFile($this->lock, is_file($this->lock) ? null : $text, $check);
	}

	/** Whether the mark had to be made or put right. */
	public function ensureMark(string $sign, bool $check): bool
	{
		return $this->ensureFile($this->folder.'/'.self::MARK, $this->mark() === $sign ? null : $sign."\n", $check);
	}

	/** @param string|null $text null: what is in the file stays */
	private function ensureFile(string $path, ?string $text, bool $check): bool
	{
		clearstatcache(true, $path);
		if ($text === null && (fileperms($path) & 07777) === 0440) {
			return false;
		}
		if ($check) {
			return true;
		}
		if ($text !== null) {
			// A file that cannot be written to can be replaced.
			if (is_file($path)) {
				@unlink($path);
			}
			if (@file_put_contents($path, $text) === false) {
				throw new Failure('documents', "Could not write $path.", 'Give the documents folder to the site\'s user.');
			}
		}
		if (!@chmod($path, 0440)) {
			throw new Failure('documents', "Could not set the mode of $path.", 'Give it to the site\'s user.');
		}
		return true;
	}
}
