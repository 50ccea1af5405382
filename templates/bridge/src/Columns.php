<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Which columns a table of the application's has: versions differ in them.
 */
class Columns
{
	/** @return string[] none where there is no such table */
	public static function of(Application $application, string $table): array
	{
		$schema = $application->target()->conf('db_type') === 'pgsql' ? 'current_schema()' : 'DATABASE()';
		$rows = $application->rows(
			'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = '.$schema
				.' AND table_name = '.$application->quote($application->table($table)).' ORDER BY ordinal_position'
		);
		return array_map('strtolower', array_column($rows, 'name'));
	}
}
