<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Finds what somebody may have meant.
 */
class Nearness
{
	/**
	 * @param string[] $known
	 * @return string[] the nearest names, at most $count, best first
	 */
	public static function of(string $name, array $known, int $count = 5): array
	{
		$distances = array();
		foreach ($known as $candidate) {
			$distance = levenshtein(strtolower($name), strtolower($candidate));
			if ($name !== '' && (strpos($candidate, $name) !== false || strpos($name, $candidate) !== false)) {
				$distance = min($distance, 1);
			}
			$distances[$candidate] = $distance;
		}
		asort($distances);
		return array_map('strval', array_slice(array_keys($distances), 0, $count));
	}
}
