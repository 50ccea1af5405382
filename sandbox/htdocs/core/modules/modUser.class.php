<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';

class modUser extends DolibarrModules
{
	/** @param DoliDB $db database */
	public function __construct($db)
	{
		parent::__construct($db);
		$this->numero = 0;
		$this->rights_class = 'user';
		$this->dirs = array('/users/temp');
		$this->rights[] = array(251, 'user: user lire', 'w', 0, 'user', 'lire');
		$this->rights[] = array(252, 'user: user_advance readperms', 'w', 0, 'user_advance', 'readperms');
		$this->rights[] = array(253, 'user: user creer', 'w', 0, 'user', 'creer');
		$this->rights[] = array(254, 'user: user_advance write', 'w', 0, 'user_advance', 'write');
		$this->rights[] = array(255, 'user: user password', 'w', 0, 'user', 'password');
		$this->rights[] = array(256, 'user: user supprimer', 'w', 0, 'user', 'supprimer');
		$this->rights[] = array(341, 'user: self_advance readperms', 'w', 0, 'self_advance', 'readperms');
		$this->rights[] = array(342, 'user: self creer', 'w', 0, 'self', 'creer');
		$this->rights[] = array(343, 'user: self password', 'w', 0, 'self', 'password');
		$this->rights[] = array(344, 'user: self_advance writeperms', 'w', 0, 'self_advance', 'writeperms');
		$this->rights[] = array(351, 'user: group_advance read', 'w', 0, 'group_advance', 'read');
		$this->rights[] = array(352, 'user: group_advance readperms', 'w', 0, 'group_advance', 'readperms');
		$this->rights[] = array(353, 'user: group_advance write', 'w', 0, 'group_advance', 'write');
		$this->rights[] = array(354, 'user: group_advance delete', 'w', 0, 'group_advance', 'delete');
		$this->rights[] = array(358, 'user: user export', 'w', 0, 'user', 'export');
	}
}
