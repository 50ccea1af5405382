<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';

class modWebhook extends DolibarrModules
{
	/** @param DoliDB $db database */
	public function __construct($db)
	{
		parent::__construct($db);
		$this->numero = 68305;
		$this->rights_class = 'webhook';
	}

	/**
	 * @param string $options kept for callers
	 * @return int 1, or 0 when it failed
	 */
	public function init($options = '')
	{
		global $conf;

		// A site that an older sandbox has installed has no such table yet
		if (!Sandbox\Install\DatabaseStep::table($this->db, $conf->db, MAIN_DB_PREFIX, DOL_DOCUMENT_ROOT.'/install/tables', 'webhook_target')) {
			$this->error = $this->db->lasterror();
			return 0;
		}
		return parent::init($options);
	}
}
