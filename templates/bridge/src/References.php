<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Which records refer to one of the application's, as the database's foreign keys have it.
 */
class References
{
	/** What goes with a user when the application removes it. */
	const OWN_OF_USERS = array('user_rights', 'usergroup_user', 'user_param', 'user_extrafields', 'user_clicktodial');

	/** @var Application */
	private $application;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	/**
	 * @param string[] $own tables that do not count
	 * @return string[] "facture (3)", the tables with how many of their records refer to it
	 */
	public function to(string $table, int $id, array $own): array
	{
		$found = array();
		foreach ($this->columns($this->application->table($table)) as $row) {
			$name = preg_replace('/^'.preg_quote(MAIN_DB_PREFIX, '/').'/', '', (string) $row['tablename']);
			if (in_array($name, $own, true)) {
				continue;
			}
			$count = $this->application->rows('SELECT count(*) AS number FROM '.$row['tablename'].' WHERE '.$row['columnname']." = $id");
			if ((int) $count[0]['number'] > 0) {
				$found[$name] = ($found[$name] ?? 0) + (int) $count[0]['number'];
			}
		}
		ksort($found);
		return array_map(static function (string $name, int $number): string {
			return "$name ($number)";
		}, array_keys($found), $found);
	}

	/**
	 * @return array<int, array<string, string|null>> tablename, columnname: those whose rows keep a row from being removed
	 */
	private function columns(string $table): array
	{
		if ($this->application->db()->type === 'pgsql') {
			return $this->application->rows(
				'SELECT t.relname AS tablename, a.attname AS columnname FROM pg_constraint c'
					.' JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid'
					.' JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]'
					." WHERE c.contype = 'f' AND c.confdeltype IN ('a', 'r') AND r.relname = ".$this->application->quote($table)
					.' ORDER BY 1, 2'
			);
		}
		return $this->application->rows(
			'SELECT k.TABLE_NAME AS tablename, k.COLUMN_NAME AS columnname FROM information_schema.KEY_COLUMN_USAGE k'
				.' JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA'
				.' AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME'
				." WHERE k.TABLE_SCHEMA = DATABASE() AND k.REFERENCED_TABLE_NAME = ".$this->application->quote($table)
				." AND r.DELETE_RULE IN ('RESTRICT', 'NO ACTION') ORDER BY 1, 2"
		);
	}
}
