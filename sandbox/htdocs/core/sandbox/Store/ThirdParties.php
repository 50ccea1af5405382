<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Store;

use Sandbox\Sql\SqlError;

/**
 * Customers, prospects and suppliers.
 */
class ThirdParties extends Records
{
	const WRITABLE = array(
		'name' => 'nom', 'name_alias' => 'name_alias', 'ref_ext' => 'ref_ext', 'address' => 'address', 'zip' => 'zip', 'town' => 'town', 'state_id' => 'fk_departement',
		'country_id' => 'fk_pays', 'phone' => 'phone', 'phone_mobile' => 'phone_mobile', 'fax' => 'fax', 'email' => 'email', 'url' => 'url', 'client' => 'client',
		'fournisseur' => 'fournisseur', 'code_client' => 'code_client', 'code_fournisseur' => 'code_fournisseur', 'tva_intra' => 'tva_intra',
		'tva_assuj' => 'tva_assuj', 'idprof1' => 'siren', 'idprof2' => 'siret', 'idprof3' => 'ape', 'idprof4' => 'idprof4', 'idprof5' => 'idprof5',
		'idprof6' => 'idprof6', 'capital' => 'capital', 'note_public' => 'note_public', 'note_private' => 'note_private', 'status' => 'status', 'barcode' => 'barcode',
		'default_lang' => 'default_lang', 'parent' => 'parent', 'outstanding_limit' => 'outstanding_limit', 'price_level' => 'price_level',
		'mode_reglement_id' => 'mode_reglement', 'cond_reglement_id' => 'cond_reglement', 'typent_id' => 'fk_typent',
	);

	/** Codes: property => column, prefix, property that says whether the third party needs one. */
	const CODES = array('code_client' => array('code_client', 'CU', 'client'), 'code_fournisseur' => array('code_fournisseur', 'SU', 'fournisseur'));

	protected function table()
	{
		return 'societe';
	}

	protected function shape()
	{
		return 'thirdparty';
	}

	protected function map()
	{
		return array(
			'id' => 'rowid', 'entity' => 'entity', 'ref' => 'nom', 'date_creation' => '@datec', 'date_modification' => '@tms',
			'user_creation_id' => 'fk_user_creat', 'user_modification_id' => 'fk_user_modif', 'import_key' => 'import_key', 'fk_warehouse' => 'fk_warehouse',
		) + self::WRITABLE;
	}

	protected function writable()
	{
		return self::WRITABLE;
	}

	protected function derived($row)
	{
		$country = (int) $row->fk_pays > 0 ? $this->db->run('SELECT code FROM '.MAIN_DB_PREFIX.'c_country WHERE rowid = ?', array((int) $row->fk_pays))->fetch() : null;
		return array('state_id' => (int) $row->fk_departement > 0 ? $row->fk_departement : null, 'country_id' => $country ? $row->fk_pays : null, 'country_code' => $country ? $country->code : '', 'prospect' => in_array((int) $row->client, array(2, 3), true) ? 1 : 0);
	}

	public function presentInList($row)
	{
		return array_diff_key($this->present($row), array('absolute_discount' => true, 'absolute_creditnote' => true));
	}

	/**
	 * @param array $given properties, cleaned
	 * @param \User $user  who does it; one who sees only own third parties becomes its representative
	 * @return int id
	 * @throws SqlError when the name is empty, a code is taken or a value does not fit
	 */
	public function create(array $given, $user)
	{
		if (trim((string) $given['name']) === '') {
			throw new SqlError('NAME', 'ErrorBadThirdPartyName');
		}
		$values = $this->columnsFrom($given) + array('client' => 0, 'fournisseur' => 0, 'status' => 1, 'tva_assuj' => 1, 'fk_pays' => 0);
		return $this->db->transaction(function () use ($values, $user) {
			$values = $this->withCodes($values, 0);
			$now = $this->db->idate(dol_now());
			$id = $this->db->insert($this->name(), $values + array('entity' => $this->entity(), 'datec' => $now, 'tms' => $now, 'fk_user_creat' => (int) $user->id, 'fk_user_modif' => (int) $user->id));
			if (!$user->hasRight('societe', 'client', 'voir')) {
				$this->db->insert(MAIN_DB_PREFIX.'societe_commerciaux', array('fk_soc' => $id, 'fk_user' => (int) $user->id));
			}
			return $id;
		});
	}

	/**
	 * @param object $row   row as it is
	 * @param array  $given properties, cleaned
	 * @param \User  $user  who does it
	 * @return void
	 * @throws SqlError when a code is taken or a value does not fit
	 */
	public function change($row, array $given, $user)
	{
		$values = $this->columnsFrom($given);
		$this->db->transaction(function () use ($row, $values, $user) {
			$values = $this->withCodes($values + array('client' => $row->client, 'fournisseur' => $row->fournisseur, 'code_client' => $row->code_client, 'code_fournisseur' => $row->code_fournisseur), (int) $row->rowid);
			$this->db->update($this->name(), $values + array('tms' => $this->db->idate(dol_now()), 'fk_user_modif' => (int) $user->id), (int) $row->rowid);
		});
	}

	/**
	 * @param int $id third party
	 * @return bool false when an order or an invoice has it
	 */
	public function remove($id)
	{
		return $this->db->transaction(function () use ($id) {
			foreach (array('commande', 'facture') as $table) {
				if ($this->db->run('SELECT rowid FROM '.MAIN_DB_PREFIX.$table.' WHERE fk_soc = ? LIMIT 1', array($id))->fetch()) {
					return false;
				}
			}
			$this->db->run('DELETE FROM '.MAIN_DB_PREFIX.'societe_commerciaux WHERE fk_soc = ?', array($id));
			$this->db->run('DELETE FROM '.$this->name().' WHERE rowid = ?', array($id));
			return true;
		});
	}

	/**
	 * Gives customers and suppliers their code. As in 22.0.4 an own code must look like CU2001-00001, or it is refused.
	 *
	 * @param array $values columns
	 * @param int   $id     third party, 0 = a new one
	 * @return array
	 */
	private function withCodes(array $values, $id)
	{
		foreach (self::CODES as $code) {
			list($column, $prefix, $flag) = $code;
			$given = isset($values[$column]) ? (string) $values[$column] : '';
			if ((int) $values[$flag] < 1) {
				$values[$column] = null;
			} elseif ($given === '' || $given === '-1' || $given === 'auto') {
				$values[$column] = (new Numbers($this->db))->next($this->name(), $column, $prefix, dol_now(), 5);
			} else {
				$this->checkCode($column, $prefix, $given, $id);
			}
		}
		return $values;
	}

	/** @return void */
	private function checkCode($column, $prefix, $code, $id)
	{
		$whose = $prefix === 'CU' ? 'Customer' : 'Supplier';
		if (!preg_match('/^'.$prefix.'[0-9]{4}-[0-9]{5}$/', $code)) {
			throw new SqlError('CODE', 'Error'.$whose.'CodeSyntax');
		}
		$sql = 'SELECT rowid FROM '.$this->name().' WHERE '.$this->db->quoteName($column).' = ? AND entity = ? AND rowid <> ?';
		if ($this->db->run($sql, array($code, $this->entity(), $id))->fetch()) {
			throw new SqlError('CODE', 'Error'.$whose.'CodeAlreadyUsed');
		}
	}
}
