<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Store;

use Sandbox\DateValue;
use Sandbox\Sql\SqlError;
use Sandbox\Triggers;

/**
 * What orders and invoices share: a draft with lines that gets its number when it is validated.
 */
abstract class Documents extends Records
{
	const DRAFT = 0;
	const VALIDATED = 1;

	/** @return string letters in front of the number */
	abstract protected function prefix();

	/** @return string column of the document's date */
	abstract protected function dateColumn();

	/** @return string kind of document in the link to the payment page */
	abstract protected function source();

	/** @return string letters in front of the id that mails refer to */
	abstract protected function trackPrefix();

	/** @return string code of the event that one was validated */
	abstract protected function event();

	/** @return array columns of a new document besides the common ones */
	abstract protected function fresh(array $given);

	/** @return Lines */
	public function lines()
	{
		return new Lines($this->db, $this->table());
	}

	protected function derived($row)
	{
		global $dolibarr_main_url_root;

		$presented = array();
		foreach ($this->lines()->rows((int) $row->rowid) as $line) {
			$presented[] = $this->lines()->present($line);
		}
		return array(
			'lines' => $presented,
			'online_payment_url' => rtrim((string) $dolibarr_main_url_root, '/').'/public/payment/newpayment.php?source='.$this->source().'&ref='.urlencode($row->ref),
		);
	}

	public function presentInList($row)
	{
		return array_replace($this->present($row), array('contacts_ids' => array(), 'linkedObjectsIds' => null));
	}

	/**
	 * @param object $row row that was just written
	 * @return array object as the answer to a change tells it
	 */
	public function presentChanged($row)
	{
		return array_diff_key($this->present($row), array('actiontypecode' => true)) + array('trackid' => $this->trackPrefix().$row->rowid);
	}

	/**
	 * @param array $given properties, cleaned; lines with them
	 * @param \User $user  who does it
	 * @return int id
	 * @throws SqlError when a value does not fit
	 */
	public function create(array $given, $user)
	{
		$date = DateValue::day(isset($given['date']) ? $given['date'] : dol_now());
		if ($date === null) {
			DateValue::seconds('');
		}
		$values = $this->columnsFrom($given) + $this->fresh($given);
		return $this->db->transaction(function () use ($given, $values, $date, $user) {
			if (!$this->db->run('SELECT rowid FROM '.MAIN_DB_PREFIX.'societe WHERE rowid = ?', array((int) $given['socid']))->fetch()) {
				throw new SqlError('DB_ERROR_NO_PARENT', 'Cannot add or update a child row: the third party '.(int) $given['socid'].' does not exist');
			}
			$now = $this->db->idate(dol_now());
			$id = $this->db->insert($this->name(), $values + array(
				'ref' => '(PROV'.bin2hex(random_bytes(8)).')', 'entity' => $this->entity(), 'fk_soc' => (int) $given['socid'], $this->dateColumn() => $date,
				'tms' => $now, 'fk_user_author' => (int) $user->id, 'fk_statut' => self::DRAFT, 'multicurrency_code' => getDolGlobalString('MAIN_MONNAIE', 'EUR'), 'multicurrency_tx' => 1,
			));
			$this->db->update($this->name(), array('ref' => '(PROV'.$id.')'), $id);
			foreach (isset($given['lines']) && is_array($given['lines']) ? $given['lines'] : array() as $line) {
				$this->lines()->add($id, (array) $line, false);
			}
			return $id;
		});
	}

	/**
	 * @param object $row   row as it is
	 * @param array  $given properties, cleaned
	 * @param \User  $user  who does it
	 * @return void
	 */
	public function change($row, array $given, $user)
	{
		$values = $this->columnsFrom($given);
		if (array_key_exists('date', $given)) {
			$values[$this->dateColumn()] = DateValue::day($given['date']);
		}
		$this->db->update($this->name(), $values + array('tms' => $this->db->idate(dol_now()), 'fk_user_modif' => (int) $user->id), (int) $row->rowid);
	}

	/**
	 * Gives a draft its number.
	 *
	 * @param int    $id     document
	 * @param \User  $user   who does it
	 * @param string $number number to take, '' = the next one
	 * @return bool false when it was validated before
	 */
	public function validate($id, $user, $number = '')
	{
		return $this->db->transaction(function () use ($id, $user, $number) {
			$row = $this->row('rowid', $id, true);
			if ((int) $row->fk_statut !== self::DRAFT) {
				return false;
			}
			$date = (int) $this->db->jdate($row->{$this->dateColumn()});
			$ref = $number !== '' ? $number : (strpos($row->ref, '(PROV') === 0 ? (new Numbers($this->db))->next($this->name(), 'ref', $this->prefix(), $date, 4) : $row->ref);
			$this->db->update($this->name(), array(
				'ref' => $ref, 'fk_statut' => self::VALIDATED, 'date_valid' => $this->db->idate(dol_now()), 'fk_user_valid' => (int) $user->id,
				'fk_user_modif' => (int) $user->id, 'tms' => $this->db->idate(dol_now()),
			), $id);
			Triggers::run($this->db, $this->event(), $this->present($this->row('rowid', $id)), $user);
			return true;
		});
	}

	/**
	 * @param int   $id     document
	 * @param int   $status new state
	 * @param array $more   other columns
	 * @return void
	 */
	public function setStatus($id, $status, array $more = array())
	{
		$this->db->update($this->name(), array('fk_statut' => $status, 'tms' => $this->db->idate(dol_now())) + $more, $id);
	}

	/**
	 * @param int $id document
	 * @return void
	 */
	public function remove($id)
	{
		$this->db->transaction(function () use ($id) {
			$this->lines()->removeAll($id);
			$this->db->run('DELETE FROM '.$this->name().' WHERE rowid = ?', array($id));
		});
	}
}
