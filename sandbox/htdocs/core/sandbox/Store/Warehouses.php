<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Store;

use Sandbox\Sql\SqlError;

/**
 * Warehouses.
 */
class Warehouses extends Records
{
	const WRITABLE = array(
		'label' => 'ref', 'description' => 'description', 'lieu' => 'lieu', 'address' => 'address', 'zip' => 'zip', 'town' => 'town', 'country_id' => 'fk_pays',
		'phone' => 'phone', 'fax' => 'fax', 'statut' => 'statut', 'status' => 'statut', 'fk_parent' => 'fk_parent',
	);

	protected function table()
	{
		return 'entrepot';
	}

	protected function shape()
	{
		return 'warehouse';
	}

	protected function map()
	{
		return array('id' => 'rowid', 'entity' => 'entity', 'ref' => 'ref', 'date_creation' => '@datec', 'date_modification' => '@tms', 'user_creation_id' => 'fk_user_author', 'import_key' => 'import_key') + self::WRITABLE;
	}

	protected function writable()
	{
		return self::WRITABLE;
	}

	/**
	 * @param array $given properties, cleaned
	 * @param \User $user  who does it
	 * @return int id
	 * @throws SqlError when the name is taken or a value does not fit
	 */
	public function create(array $given, $user)
	{
		$now = $this->db->idate(dol_now());
		$values = $this->columnsFrom($given) + array('statut' => 0, 'entity' => $this->entity(), 'datec' => $now, 'tms' => $now, 'fk_user_author' => (int) $user->id);
		return $this->db->transaction(function () use ($values) {
			return $this->db->insert($this->name(), $values);
		});
	}

	/**
	 * @param int   $id    warehouse
	 * @param array $given properties, cleaned
	 * @return void
	 */
	public function change($id, array $given)
	{
		$this->db->update($this->name(), $this->columnsFrom($given) + array('tms' => $this->db->idate(dol_now())), $id);
	}

	/**
	 * @param int $id warehouse
	 * @return bool false when something lies or lay in it
	 */
	public function remove($id)
	{
		return $this->db->transaction(function () use ($id) {
			if ($this->db->run('SELECT rowid FROM '.MAIN_DB_PREFIX.'stock_mouvement WHERE fk_entrepot = ? LIMIT 1', array($id))->fetch()) {
				return false;
			}
			$this->db->run('DELETE FROM '.$this->name().' WHERE rowid = ?', array($id));
			return true;
		});
	}
}
