<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';

class modFacture extends DolibarrModules
{
	/** @param DoliDB $db database */
	public function __construct($db)
	{
		parent::__construct($db);
		$this->numero = 30;
		$this->rights_class = 'facture';
		$this->depends = array('always' => 'modSociete');
		$this->dirs = array('/facture/temp');
		$this->const[] = array('FACTURE_ADDON', 'chaine', 'mod_facture_terre');
		$this->const[] = array('FACTURE_ADDON_PDF', 'chaine', 'sponge');
		$this->rights[] = array(11, 'facture: lire', 'a', 0, 'lire');
		$this->rights[] = array(12, 'facture: creer', 'a', 0, 'creer');
		$this->rights[] = array(13, 'facture: invoice_advance unvalidate', 'a', 0, 'invoice_advance', 'unvalidate');
		$this->rights[] = array(14, 'facture: invoice_advance validate', 'a', 0, 'invoice_advance', 'validate');
		$this->rights[] = array(15, 'facture: invoice_advance send', 'a', 0, 'invoice_advance', 'send');
		$this->rights[] = array(16, 'facture: paiement', 'a', 0, 'paiement');
		$this->rights[] = array(19, 'facture: supprimer', 'a', 0, 'supprimer');
		$this->rights[] = array(1321, 'facture: facture export', 'r', 0, 'facture', 'export');
		$this->rights[] = array(1322, 'facture: invoice_advance reopen', 'r', 0, 'invoice_advance', 'reopen');
	}
}
