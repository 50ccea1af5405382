<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';

// Nothing is behind it but a table that PostgreSQL needs to delete products, see Products::remove()
class modVariants extends DolibarrModules
{
	/** @param DoliDB $db database */
	public function __construct($db)
	{
		parent::__construct($db);
		$this->numero = 610;
		$this->rights_class = 'variants';
		$this->depends = array('modProduct');
		$this->rights[] = array(611, 'variants: read', 'w', 0, 'read');
		$this->rights[] = array(612, 'variants: write', 'w', 0, 'write');
		$this->rights[] = array(613, 'variants: delete', 'w', 0, 'delete');
	}

	/**
	 * @param string $options kept for callers
	 * @return int 1, or 0 when it failed
	 */
	public function init($options = '')
	{
		return $this->_load_tables('/install/mysql/', 'variants') > 0 ? parent::init($options) : 0;
	}
}
