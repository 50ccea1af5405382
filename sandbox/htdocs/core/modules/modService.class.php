<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';

class modService extends DolibarrModules
{
	/** @param DoliDB $db database */
	public function __construct($db)
	{
		parent::__construct($db);
		$this->numero = 53;
		$this->rights_class = 'service';
		$this->dirs = array('/product/temp');
		$this->rights[] = array(531, 'service: lire', 'r', 0, 'lire');
		$this->rights[] = array(532, 'service: creer', 'w', 0, 'creer');
		$this->rights[] = array(533, 'service: service_advance read_prices', 'w', 0, 'service_advance', 'read_prices');
		$this->rights[] = array(534, 'service: supprimer', 'd', 0, 'supprimer');
		$this->rights[] = array(535, 'service: service_advance read_supplier_prices', 'w', 0, 'service_advance', 'read_supplier_prices');
		$this->rights[] = array(538, 'service: export', 'r', 0, 'export');
	}
}
