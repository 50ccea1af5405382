<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The language in which users see the pages: a parameter of the user, set on the page of its display settings.
 *
 * `lang` of the user is another one, that of what is written to it: stored along, and emptied whenever its card is saved.
 */
class UserLanguage
{
	const PARAMETER = 'MAIN_LANG_DEFAULT';

	/** @var Application */
	private $application;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	public function of(int $id): string
	{
		return $this->ofAll($id)[$id] ?? '';
	}

	/**
	 * @param int|null $only the id of one user; null: of all
	 * @return array<int, string> by id; of whom the browser says it, none
	 */
	public function ofAll(?int $only = null): array
	{
		$rows = $this->application->rows(
			'SELECT fk_user, value FROM '.$this->application->table('user_param').' WHERE param = '.$this->application->quote(self::PARAMETER)
				.' AND entity = '.$this->application->entity().($only === null ? '' : " AND fk_user = $only")
		);
		$found = array();
		foreach ($rows as $row) {
			$found[(int) $row['fk_user']] = $row['value'] === 'auto' ? '' : (string) $row['value'];
		}
		return $found;
	}

	public function store(\User $user, string $language): void
	{
		dol_set_user_param($this->application->db(), $this->application->conf(), $user, array(self::PARAMETER => $language));
	}
}
