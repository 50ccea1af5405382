<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The command line: options before or after the command's words, in any order.
 */
class Arguments
{
	const FLAGS = array('check', 'stdin', 'reveal', 'alone');
	const VALUES = array('site', 'root', 'user', 'entity');

	/** @var array<string, string|bool> */
	private $options = array();
	/** @var string[] */
	private $words = array();

	/**
	 * @param string[] $argv as PHP gives it, the script first
	 * @throws Failure `usage` on an unknown option
	 */
	public function __construct(array $argv)
	{
		$rest = array_slice($argv, 1);
		while ($rest) {
			$word = (string) array_shift($rest);
			if (strpos($word, '--') !== 0 || $word === '--') {
				if ($word !== '--') {
					$this->words[] = $word;
				}
				continue;
			}
			$pair = explode('=', substr($word, 2), 2);
			$name = $pair[0];
			if (in_array($name, self::FLAGS, true)) {
				$this->options[$name] = true;
			} elseif (in_array($name, self::VALUES, true)) {
				if (count($pair) === 1 && !$rest) {
					throw new Failure('usage', "The option --$name wants a value.", 'See: miclinikctl help');
				}
				$this->options[$name] = count($pair) === 2 ? $pair[1] : (string) array_shift($rest);
			} elseif ($name === 'help') {
				array_unshift($this->words, 'help');
			} else {
				throw new Failure('usage', "There is no option --$name.", 'See: miclinikctl help');
			}
		}
	}

	public function flag(string $name): bool
	{
		return !empty($this->options[$name]);
	}

	public function value(string $name): ?string
	{
		return isset($this->options[$name]) ? (string) $this->options[$name] : null;
	}

	/** @return string[] */
	public function words(): array
	{
		return $this->words;
	}
}
