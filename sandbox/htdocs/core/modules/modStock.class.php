<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';

class modStock extends DolibarrModules
{
	/** @param DoliDB $db database */
	public function __construct($db)
	{
		parent::__construct($db);
		$this->numero = 52;
		$this->rights_class = 'stock';
		$this->depends = array('modProduct');
		$this->dirs = array('/stock/temp');
		$this->const[] = array('STOCK_DISALLOW_NEGATIVE_TRANSFER', 'chaine', '1');
		$this->const[] = array('STOCK_ADDON_PDF', 'chaine', 'standard_stock');
		$this->rights[] = array(1001, 'stock: lire', 'r', 0, 'lire');
		$this->rights[] = array(1002, 'stock: creer', 'w', 0, 'creer');
		$this->rights[] = array(1003, 'stock: supprimer', 'd', 0, 'supprimer');
		$this->rights[] = array(1004, 'stock: mouvement lire', 'r', 0, 'mouvement', 'lire');
		$this->rights[] = array(1005, 'stock: mouvement creer', 'w', 0, 'mouvement', 'creer');
		$this->rights[] = array(1011, 'stock: inventory_advance read', 'w', 0, 'inventory_advance', 'read');
		$this->rights[] = array(1012, 'stock: inventory_advance write', 'w', 0, 'inventory_advance', 'write');
		$this->rights[] = array(1013, 'stock: inventory_advance delete', 'w', 0, 'inventory_advance', 'delete');
	}
}
