<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';

class modApi extends DolibarrModules
{
	/** @param DoliDB $db database */
	public function __construct($db)
	{
		parent::__construct($db);
		$this->numero = 2610;
		$this->rights_class = 'api';
		$this->core_enabled = 1;
		$this->dirs = array('/api/temp');
		$this->rights[] = array(2610, 'api: apikey generate', 'w', 0, 'apikey', 'generate');
	}
}
