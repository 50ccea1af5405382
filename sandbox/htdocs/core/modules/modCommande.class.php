<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';

class modCommande extends DolibarrModules
{
	/** @param DoliDB $db database */
	public function __construct($db)
	{
		parent::__construct($db);
		$this->numero = 25;
		$this->rights_class = 'commande';
		$this->depends = array('modSociete');
		$this->dirs = array('/commande/temp');
		$this->const[] = array('COMMANDE_ADDON_PDF', 'chaine', 'eratosthene');
		$this->const[] = array('COMMANDE_ADDON', 'chaine', 'mod_commande_marbre');
		$this->rights[] = array(81, 'commande: lire', 'r', 0, 'lire');
		$this->rights[] = array(82, 'commande: creer', 'w', 0, 'creer');
		$this->rights[] = array(84, 'commande: order_advance validate', 'd', 0, 'order_advance', 'validate');
		$this->rights[] = array(85, 'commande: order_advance generetedoc', 'd', 0, 'order_advance', 'generetedoc');
		$this->rights[] = array(86, 'commande: order_advance send', 'd', 0, 'order_advance', 'send');
		$this->rights[] = array(87, 'commande: order_advance close', 'd', 0, 'order_advance', 'close');
		$this->rights[] = array(88, 'commande: order_advance annuler', 'd', 0, 'order_advance', 'annuler');
		$this->rights[] = array(89, 'commande: supprimer', 'd', 0, 'supprimer');
		$this->rights[] = array(1421, 'commande: commande export', 'r', 0, 'commande', 'export');
	}
}
