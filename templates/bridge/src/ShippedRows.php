<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Rows of dictionaries as the version at hand ships them: read from its installer's files, which have one statement for
 * each row, of literals alone (seen in 16.0.3, 22.0.4, 23 and 24.0.0-beta).
 */
class ShippedRows
{
	const INSERT = '/^\s*insert\s+(?:ignore\s+)?into\s+[`"]?llx_(\w+)[`"]?\s*\(([^)]*)\)\s*values\s*\((.*)$/i';
	const UPDATE = '/^\s*update\s+llx_(\w+)\s+set\s+(\w+)\s*=\s*([\w\']+)\s+where\s+(\w+)\s*(?:in\s*\(|=)([^);]*)/i';
	/** One literal, and what ends it. */
	const LITERAL = "/\\G\\s*('(?:[^'\\\\]|''|\\\\.)*'|[^,')]+)\\s*([,)])/";

	/** @var string the folder of those files */
	private $folder;
	/** @var array<string, array<int, array<string, string|null>>>|null rows by table, values by column */
	private $tables;

	public function __construct(string $root)
	{
		$this->folder = $root.'/install/mysql/data';
	}

	/** Whether the files are there at all. */
	public function known(): bool
	{
		return (bool) glob($this->folder.'/llx_*.sql');
	}

	/**
	 * @return array<int, array<string, string|null>> values by column; a column that is not there has its default
	 */
	public function of(string $table): array
	{
		if ($this->tables === null) {
			$this->read();
		}
		return $this->tables[$table] ?? array();
	}

	private function read(): void
	{
		$this->tables = array();
		foreach (glob($this->folder.'/llx_*.sql') ?: array() as $file) {
			if (strpos(basename($file), 'llx_accounting_') === 0) {
				continue;
			}
			foreach (file($file) ?: array() as $line) {
				if (preg_match(self::INSERT, $line, $found)) {
					$row = self::row(array_map('trim', explode(',', strtolower($found[2]))), $found[3]);
					if ($row !== null) {
						$this->tables[strtolower($found[1])][] = $row;
					}
				} elseif (preg_match(self::UPDATE, $line, $found)) {
					$this->update($found);
				}
			}
		}
	}

	/**
	 * @param string[] $columns
	 * @return array<string, string|null>|null null where it is more than literals
	 */
	private static function row(array $columns, string $text): ?array
	{
		$values = array();
		$at = 0;
		do {
			if (!preg_match(self::LITERAL, $text, $found, 0, $at)) {
				return null;
			}
			$values[] = self::literal($found[1]);
			$at += strlen($found[0]);
		} while ($found[2] === ',');
		return count($values) === count($columns) ? array_combine($columns, $values) : null;
	}

	private static function literal(string $text): ?string
	{
		$text = trim($text);
		if ($text !== '' && $text[0] === "'") {
			return strtr(substr($text, 1, -1), array("''" => "'", "\\'" => "'", '\\\\' => '\\'));
		}
		return strtolower($text) === 'null' ? null : $text;
	}

	/** @param string[] $found table, column, value, column that is looked at, and its values */
	private function update(array $found): void
	{
		$wanted = array_map(array(self::class, 'literal'), explode(',', $found[5]));
		foreach ($this->tables[strtolower($found[1])] ?? array() as $index => $row) {
			if (in_array($row[strtolower($found[4])] ?? null, $wanted, true)) {
				$this->tables[strtolower($found[1])][$index][strtolower($found[2])] = self::literal($found[3]);
			}
		}
	}
}
