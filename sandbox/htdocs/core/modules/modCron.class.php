<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';

class modCron extends DolibarrModules
{
	/** @param DoliDB $db database */
	public function __construct($db)
	{
		parent::__construct($db);
		$this->numero = 2300;
		$this->rights_class = 'cron';
		$this->cronjobs = array(
			array(
				'entity' => 0, 'label' => 'PurgeDeleteTemporaryFilesShort', 'jobtype' => 'method', 'class' => 'core/class/utils.class.php', 'objectname' => 'Utils',
				'method' => 'purgeFiles', 'parameters' => 'tempfilesold+logfiles', 'frequency' => 2, 'unitfrequency' => 604800, 'priority' => 50, 'status' => 1, 'test' => '1',
			),
		);
		$this->rights[] = array(23001, 'cron: read', 'r', 0, 'read');
		$this->rights[] = array(23002, 'cron: create', 'w', 0, 'create');
		$this->rights[] = array(23003, 'cron: delete', 'd', 0, 'delete');
		$this->rights[] = array(23004, 'cron: execute', 'w', 0, 'execute');
	}

	/**
	 * @param string $options kept for callers
	 * @return int 1, or 0 when it failed
	 */
	public function init($options = '')
	{
		global $conf;

		// A site that an older sandbox has installed has no such table yet
		if (!Sandbox\Install\DatabaseStep::table($this->db, $conf->db, MAIN_DB_PREFIX, DOL_DOCUMENT_ROOT.'/install/tables', 'cronjob')) {
			$this->error = $this->db->lasterror();
			return 0;
		}
		return parent::init($options);
	}
}
