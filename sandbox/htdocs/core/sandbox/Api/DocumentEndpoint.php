<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

use Sandbox\Sanitizer;
use Sandbox\Sql\SqlError;
use Sandbox\Store\Documents;

/**
 * What the endpoints of orders and invoices share.
 */
abstract class DocumentEndpoint extends ListEndpoint
{
	/** Class of rights of these documents. */
	const RIGHTS = '';
	/** Word for one of them in messages. */
	const WORD = '';

	/** @return Documents */
	abstract protected function store();

	/** @return array */
	public function get($id)
	{
		return $this->presentBy('rowid', $id);
	}

	/** @return array */
	public function getByRef($ref)
	{
		return $this->presentBy('ref', $ref);
	}

	/** @return array lines of one document */
	public function getLines($id)
	{
		$this->need(static::RIGHTS, 'lire');
		$this->row($id);
		$lines = array();
		foreach ($this->store()->lines()->rows($id) as $row) {
			$lines[] = $this->store()->lines()->present($row, true);
		}
		return $lines;
	}

	/** @return array one line */
	public function getLine($id, $lineid)
	{
		foreach ($this->getLines($id) as $line) {
			if ((int) $line['id'] === $lineid) {
				return $line;
			}
		}
		throw new ApiError(404, 'Line not found');
	}

	/** @return array */
	public function deleteLine($id, $lineid)
	{
		$this->need(static::RIGHTS, 'creer');
		$this->refuseUnlessDraft($this->row($id), 405);
		$removed = $this->db->transaction(function () use ($id, $lineid) {
			return $this->store()->lines()->remove($id, $lineid);
		});
		if (!$removed) {
			throw new ApiError(405, 'ErrorLineIDDoesNotMatchWithObjectID');
		}
		return $this->get($id);
	}

	/** @return array|false */
	public function putLine($id, $lineid, $data)
	{
		$this->need(static::RIGHTS, 'creer');
		$row = $this->row($id);
		if ((int) $row->fk_statut !== Documents::DRAFT) {
			return false;
		}
		try {
			$this->db->transaction(function () use ($id, $lineid, $data) {
				$this->store()->lines()->change($id, $lineid, $this->clean((array) $data));
			});
		} catch (SqlError $e) {
			throw new ApiError(400, $e->getMessage());
		}
		return array_diff_key($this->get($id), array('line' => true, 'totalpaid' => true));
	}

	/**
	 * @param int    $id     document
	 * @param array  $data   line
	 * @param string $before what the message begins with when a value does not fit
	 * @param bool   $strict whether a line without a product must have product_type
	 * @return int id of the line
	 */
	protected function addLine($id, $data, $before, $strict)
	{
		$this->need(static::RIGHTS, 'creer');
		$this->refuseUnlessDraft($this->row($id), 400);
		try {
			return $this->db->transaction(function () use ($id, $data, $strict) {
				return $this->store()->lines()->add($id, $this->clean((array) $data), $strict);
			});
		} catch (SqlError $e) {
			throw new ApiError(400, $before.$e->getMessage());
		}
	}

	/**
	 * @param array  $data    document
	 * @param array  $needed  fields that may not miss
	 * @param string $message when the database refuses it
	 * @return int id
	 */
	protected function create($data, array $needed, $message)
	{
		$this->need(static::RIGHTS, 'creer', '', 'Insuffisant rights');
		foreach ($needed as $field) {
			if (!isset($data[$field])) {
				throw new ApiError(400, $field.' field missing');
			}
		}
		try {
			return $this->store()->create($this->clean($data), $this->user);
		} catch (SqlError $e) {
			throw new ApiError(500, $message, array($e->getMessage()));
		}
	}

	/** @return array */
	public function put($id, $data)
	{
		$this->need(static::RIGHTS, 'creer');
		$row = $this->row($id);
		try {
			$this->store()->change($row, $this->clean((array) $data), $this->user);
		} catch (SqlError $e) {
			throw new ApiError(500, $e->getMessage());
		}
		return $this->store()->presentChanged($this->store()->row('rowid', $id));
	}

	/**
	 * @param int    $id     document
	 * @param string $number number to take, '' = the next one
	 * @return array
	 */
	protected function validateDocument($id, $number = '')
	{
		$this->need(static::RIGHTS, 'creer');
		$this->row($id);
		if (!$this->store()->validate($id, $this->user, $number)) {
			throw new ApiError(304, 'Error nothing done. May be object is already validated');
		}
		return $this->store()->presentChanged($this->store()->row('rowid', $id));
	}

	/**
	 * @param int    $id     value of the column
	 * @param string $column column to look at
	 * @return object
	 */
	protected function row($id, $column = 'rowid')
	{
		$row = $this->store()->row($column, $id);
		if ($row === null) {
			throw new ApiError(404, static::WORD.' not found');
		}
		(new Visibility($this->db, $this->user))->check((int) $row->fk_soc);
		return $row;
	}

	/**
	 * @param string $text ids, separated by commas
	 * @return int[]
	 */
	protected static function ids($text)
	{
		return array_values(array_filter(array_map('intval', explode(',', $text))));
	}

	/** @return array */
	protected function clean(array $data)
	{
		$this->refuseInner($data);
		$cleaned = array();
		foreach ($data as $field => $value) {
			$cleaned[$field] = Sanitizer::field((string) $field, $value);
		}
		return $cleaned;
	}

	/** @return array */
	private function presentBy($column, $value)
	{
		$this->need(static::RIGHTS, 'lire');
		return $this->store()->present($this->row($value, $column));
	}

	/**
	 * @param object $row    document
	 * @param int    $status HTTP status of the refusal
	 * @return void
	 */
	private function refuseUnlessDraft($row, $status)
	{
		if ((int) $row->fk_statut !== Documents::DRAFT) {
			throw new ApiError($status);
		}
	}
}
