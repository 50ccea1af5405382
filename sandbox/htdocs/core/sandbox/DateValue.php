<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox;

use Sandbox\Sql\SqlError;

/**
 * Dates that a client sends. A number is seconds since 1970, and so is a text of digits: 200714 is the third of January 1970, as
 * measured on 22.0.4. A text may be 2020-07-14, with a time or without.
 */
class DateValue
{
	/**
	 * @param mixed $value what was sent
	 * @return int seconds since 1970, UTC
	 * @throws SqlError when it is no date; the message is the database's of the application
	 */
	public static function seconds($value)
	{
		if (is_int($value) || is_float($value) || (is_string($value) && ctype_digit($value))) {
			if ($value > 253402300799) {
				throw new SqlError('DB_ERROR_1292', 'Incorrect date value: the year is past 9999');
			}
			return (int) $value;
		}
		$text = is_string($value) ? $value : '';
		if (!preg_match('/^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2}))?Z?)?$/', $text, $m)) {
			throw new SqlError('DB_ERROR_1292', "Incorrect date value: '".($text === '' ? '' : 'Bad value '.$text.' for date')."' for column");
		}
		$time = array_map('intval', array_slice($m, 4)) + array(0, 0, 0);
		// Days past the end of a month count on into the next one
		return (int) gmmktime($time[0], $time[1], $time[2], (int) $m[2], (int) $m[3], (int) $m[1]);
	}

	/**
	 * @param mixed $value what was sent
	 * @return string|null the day as a column stores it; null for nothing
	 */
	public static function day($value)
	{
		return $value === null || $value === '' ? null : gmdate('Y-m-d', self::seconds($value));
	}
}
