<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Store;

/**
 * The dictionary of countries; it belongs to no company.
 */
class Countries extends Records
{
	protected function table()
	{
		return 'c_country';
	}

	protected function shape()
	{
		return 'country';
	}

	protected function writable()
	{
		return array();
	}

	protected function map()
	{
		return array('id' => 'rowid', 'code' => 'code', 'label' => 'label', 'active' => 'active', 'code_iso' => 'code_iso', 'eec' => 'eec', 'favorite' => 'favorite', 'numeric_code' => 'numeric_code');
	}

	protected function companies()
	{
		return array();
	}

	protected function isExtended()
	{
		return false;
	}

	public function row($column, $value, $lock = false)
	{
		if (self::isBeyondKeys($value)) {
			return null;
		}
		return $this->db->run('SELECT * FROM '.$this->name().' WHERE '.$this->db->quoteName($column).' = ?', array($value))->fetch() ?: null;
	}
}
