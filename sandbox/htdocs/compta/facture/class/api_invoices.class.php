<?php
// SPDX-License-Identifier: GPL-3.0-or-later

use Sandbox\Api\ApiError;
use Sandbox\Api\Visibility;
use Sandbox\Store\Invoices as Store;

/**
 * Invoices to customers.
 */
class Invoices extends Sandbox\Api\DocumentEndpoint
{
	const RIGHTS = 'facture';
	const WORD = 'Invoice';

	public static function routes()
	{
		return array(
			array('GET', 'invoices', 'index', 'List invoices', array_merge(self::listParams('t.rowid'), array('thirdparty_ids:string=', 'status:string='))),
			array('POST', 'invoices', 'post', 'Create an invoice', array('request_data:array=null')),
			array('GET', 'invoices/{id}', 'get', 'Get an invoice', array('id:int')),
			array('PUT', 'invoices/{id}', 'put', 'Change an invoice', array('id:int', 'request_data:array=null')),
			array('DELETE', 'invoices/{id}', 'delete', 'Delete an invoice', array('id:int')),
			array('GET', 'invoices/ref/{ref}', 'getByRef', 'Get an invoice by its reference', array('ref:string')),
			array('GET', 'invoices/{id}/lines', 'getLines', 'Lines of an invoice', array('id:int')),
			array('POST', 'invoices/{id}/lines', 'postLine', 'Add a line', array('id:int', 'request_data:array=null')),
			array('PUT', 'invoices/{id}/lines/{lineid}', 'putLine', 'Change a line', array('id:int', 'lineid:int', 'request_data:array=null')),
			array('DELETE', 'invoices/{id}/lines/{lineid}', 'deleteLine', 'Delete a line', array('id:int', 'lineid:int')),
			array('POST', 'invoices/{id}/validate', 'validate', 'Validate an invoice', array('id:int', 'force_number:string=', 'idwarehouse:int=0', 'notrigger:int=0')),
			array('POST', 'invoices/{id}/settodraft', 'settodraft', 'Make an invoice a draft again', array('id:int', 'idwarehouse:int=-1')),
		);
	}

	protected function store()
	{
		return new Store($this->db);
	}

	/** @return array */
	public function index($sortfield, $sortorder, $limit, $page, $sqlfilters, $properties, $paginate, $thirdparties, $status)
	{
		$this->need('facture', 'lire');
		$where = (new Visibility($this->db, $this->user))->conditions('t.fk_soc', self::ids($thirdparties));
		if (isset(Store::STATES[$status])) {
			$where['t.fk_statut = ?'] = array(Store::STATES[$status]);
		}
		return $this->listOf($this->store(), $where, array($sortfield, $sortorder, $limit, $page, $sqlfilters, $properties, $paginate), 'invoice list');
	}

	/** @return int id */
	public function post($data)
	{
		return $this->create($data, array('socid'), 'Error creating invoice');
	}

	/** @return int id */
	public function postLine($id, $data)
	{
		return $this->addLine($id, $data, 'Unable to insert the new line. Check your inputs. ', false);
	}

	/** @return array */
	public function delete($id)
	{
		$this->need('facture', 'supprimer');
		if (!$this->store()->isErasable($this->row($id))) {
			throw new ApiError(403, 'Invoice not erasable');
		}
		$this->store()->remove($id);
		return $this->success('Invoice deleted');
	}

	/** @return array */
	public function validate($id, $number, $idwarehouse, $notrigger)
	{
		return $this->validateDocument($id, $number);
	}

	/** @return array */
	public function settodraft($id, $idwarehouse)
	{
		$this->need('facture', 'creer');
		if ((int) $this->row($id)->fk_statut !== Store::VALIDATED) {
			throw new ApiError(304, 'Nothing done');
		}
		$this->store()->setStatus($id, Store::DRAFT);
		return $this->get($id);
	}
}
