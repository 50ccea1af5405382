<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';

class modSociete extends DolibarrModules
{
	/** @param DoliDB $db database */
	public function __construct($db)
	{
		parent::__construct($db);
		$this->numero = 1;
		$this->rights_class = 'societe';
		$this->requiredby = array('modFacture', 'modCommande');
		$this->dirs = array('/societe/temp');
		$this->const[] = array('SOCIETE_CODECLIENT_ADDON', 'chaine', 'mod_codeclient_monkey');
		$this->const[] = array('SOCIETE_CODECOMPTA_ADDON', 'chaine', 'mod_codecompta_panicum');
		$this->rights[] = array(121, 'societe: lire', 'r', 0, 'lire');
		$this->rights[] = array(122, 'societe: creer', 'w', 0, 'creer');
		$this->rights[] = array(125, 'societe: supprimer', 'd', 0, 'supprimer');
		$this->rights[] = array(126, 'societe: export', 'r', 0, 'export');
		$this->rights[] = array(130, 'societe: thirdparty_paymentinformation write', 'w', 0, 'thirdparty_paymentinformation', 'write');
		$this->rights[] = array(262, 'societe: client voir', 'r', 0, 'client', 'voir');
		$this->rights[] = array(281, 'societe: contact lire', 'r', 0, 'contact', 'lire');
		$this->rights[] = array(282, 'societe: contact creer', 'w', 0, 'contact', 'creer');
		$this->rights[] = array(283, 'societe: contact supprimer', 'd', 0, 'contact', 'supprimer');
		$this->rights[] = array(286, 'societe: contact export', 'd', 0, 'contact', 'export');
	}
}
