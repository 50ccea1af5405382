<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';

/**
 * Appointments, as a clinic's own module has them: a table, a right, a part of the API. For the tests.
 */
class modCitas extends DolibarrModules
{
	public function __construct($db)
	{
		$this->db = $db;
		$this->numero = 500777;
		$this->rights_class = 'citas';
		$this->family = 'other';
		$this->name = 'Citas';
		$this->description = 'Appointments';
		$this->version = '1.0';
		$this->const_name = 'MAIN_MODULE_CITAS';
		$this->picto = 'generic';
		$this->dirs = array('/citas/temp');
		$this->depends = array();
		$this->conflictwith = array();
		$this->phpmin = array(7, 4);
		$this->need_dolibarr_version = array(15, 0);
		$this->rights = array();
		$this->rights[0] = array(500778, 'Read appointments', 'r', 0, 'leer', '');
	}

	public function init($options = '')
	{
		if (method_exists($this, '_load_tables')) {
			$this->_load_tables('/citas/sql/');
		}
		return method_exists($this, '_init') ? $this->_init(array(), $options) : parent::init($options);
	}

	public function remove($options = '')
	{
		return method_exists($this, '_remove') ? $this->_remove(array(), $options) : parent::remove($options);
	}
}
