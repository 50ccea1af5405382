<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

/**
 * Counts the successful calls of each user when API_ENABLE_COUNT_CALLS is set.
 */
class CallCounter
{
	/** @var \DoliDB */
	private $db;
	/** @var \Conf */
	private $conf;

	/**
	 * @param \DoliDB $db   database
	 * @param \Conf   $conf configuration
	 */
	public function __construct($db, $conf)
	{
		$this->db = $db;
		$this->conf = $conf;
	}

	/**
	 * @param Dispatcher $call what was answered
	 * @return void
	 */
	public function count(Dispatcher $call)
	{
		if (!getDolGlobalInt('API_ENABLE_COUNT_CALLS') || $call->status !== 200 || $call->caller === null) {
			return;
		}
		$who = array((int) $call->caller->id, $this->conf->entity);
		$this->db->transaction(function () use ($who) {
			$table = MAIN_DB_PREFIX.'user_param';
			$row = $this->db->run('SELECT value FROM '.$table.' WHERE fk_user = ? AND entity = ? AND param = \'API_COUNT_CALL\' FOR UPDATE', $who)->fetch();
			if ($row) {
				$this->db->run('UPDATE '.$table.' SET value = ? WHERE fk_user = ? AND entity = ? AND param = \'API_COUNT_CALL\'', array((string) ((int) $row->value + 1), $who[0], $who[1]));
			} else {
				$this->db->run('INSERT INTO '.$table.' (fk_user, entity, param, value) VALUES (?, ?, \'API_COUNT_CALL\', \'1\')', $who);
			}
		});
	}
}
