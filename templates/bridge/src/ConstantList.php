<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * All constants that people set, as an inventory declares them: those of modules, of the company and of numbering are
 * shown by other commands, and what the application and this toolkit keep for themselves by none.
 */
class ConstantList
{
	const OWN = '/^(MAIN_MODULE_|MICLINIK_|MAIN_VERSION_|MAIN_NOT_INSTALLED$|MAIN_INSTALL|MAIN_FIRST_|MAIN_LAST_|MAIN_.*_LAST_'
		.'|MAIN_LOGEVENTS_|MAIN_SECURITY_SALT$|DATABASE_PWD_ENCRYPTED$|LDAP_PASSWORD_HASH_TYPE$)/';

	/** @var Application */
	private $application;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	/**
	 * @param int|null $entity null: those that hold for the current entity, its own before every one's, and apart those
	 *                         that other entities have for themselves
	 * @return array<string, mixed> values by name, secret ones masked and named in `secret`
	 */
	public function list(?int $entity): array
	{
		$db = $this->application->db();
		$rows = $this->application->rows(
			'SELECT entity, '.$db->decrypt('name').' AS name, '.$db->decrypt('value').' AS value FROM '.$this->application->table('const').' ORDER BY entity'
		);
		$elsewhere = array_flip(array_merge(CompanyFacts::constants(), (new Numbering($this->application))->constants()));
		$found = $entities = $secret = array();
		foreach ($rows as $row) {
			$name = (string) $row['name'];
			if (isset($elsewhere[$name]) || preg_match(self::OWN, $name)) {
				continue;
			}
			$value = Versions::clearKey((string) $row['value']);
			if (Secrecy::isSecret($name, $value)) {
				$secret[$name] = $name;
			}
			$at = (int) $row['entity'];
			if ($entity === null ? $at <= $this->application->entity() : $at === $entity) {
				$found[$name] = Secrecy::shown($name, $value);
			} elseif ($entity === null) {
				$entities[$at][$name] = Secrecy::shown($name, $value);
			}
		}
		ksort($found);
		array_walk($entities, static function (array &$values): void {
			ksort($values);
		});
		sort($secret);
		return array(
			'changed' => false,
			'constants' => $found ?: new \stdClass(),
			'entities' => $entities ?: new \stdClass(),
			'secret' => $secret,
		);
	}
}
