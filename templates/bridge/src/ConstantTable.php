<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Every constant that is set (llx_const), whatever it is for and in which entity, with secret values hidden: for people.
 */
class ConstantTable
{
	/**
	 * @return array<string, mixed>
	 */
	public static function of(Application $application): array
	{
		$db = $application->db();
		$found = array();
		$sql = 'SELECT '.$db->decrypt('name').' AS name, '.$db->decrypt('value').' AS value, entity FROM '.$application->table('const');
		foreach ($application->rows($sql) as $row) {
			$name = (string) $row['name'];
			$found[] = array(
				'name' => $name,
				'entity' => (int) $row['entity'],
				'value' => Secrecy::shown($name, (string) $row['value']),
				'secret' => Secrecy::isSecret($name, (string) $row['value']),
			);
		}
		// The engines sort by rules of their own.
		usort($found, static function (array $one, array $other): int {
			return array($one['name'], $one['entity']) <=> array($other['name'], $other['entity']);
		});
		return array('changed' => false, 'constants' => $found);
	}
}
