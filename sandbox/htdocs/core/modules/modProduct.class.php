<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';

class modProduct extends DolibarrModules
{
	/** @param DoliDB $db database */
	public function __construct($db)
	{
		parent::__construct($db);
		$this->numero = 50;
		$this->rights_class = 'produit';
		$this->requiredby = array('modStock', 'modVariants');
		$this->dirs = array('/product/temp');
		$this->const[] = array('PRODUCT_CODEPRODUCT_ADDON', 'chaine', 'mod_codeproduct_leopard');
		$this->const[] = array('PRODUCT_PRICE_UNIQ', 'chaine', '1');
		$this->rights[] = array(31, 'produit: lire', 'r', 0, 'lire');
		$this->rights[] = array(32, 'produit: creer', 'w', 0, 'creer');
		$this->rights[] = array(33, 'produit: product_advance read_prices', 'w', 0, 'product_advance', 'read_prices');
		$this->rights[] = array(34, 'produit: supprimer', 'd', 0, 'supprimer');
		$this->rights[] = array(35, 'produit: product_advance read_supplier_prices', 'w', 0, 'product_advance', 'read_supplier_prices');
		$this->rights[] = array(38, 'produit: export', 'r', 0, 'export');
		$this->rights[] = array(39, 'produit: ignore_price_min_advance', 'r', 0, 'ignore_price_min_advance');
	}
}
