<?php
// SPDX-License-Identifier: GPL-3.0-or-later

use Sandbox\Api\ApiError;
use Sandbox\Api\Visibility;
use Sandbox\Store\Orders as Store;
use Sandbox\Version;

/**
 * Orders of customers.
 */
class Orders extends Sandbox\Api\DocumentEndpoint
{
	const RIGHTS = 'commande';
	const WORD = 'Order';

	public static function routes()
	{
		return array(
			array('GET', 'orders', 'index', 'List orders', array_merge(self::listParams('t.rowid'), array('thirdparty_ids:string='))),
			array('POST', 'orders', 'post', 'Create an order', array('request_data:array=null')),
			array('GET', 'orders/{id}', 'get', 'Get an order', array('id:int')),
			array('PUT', 'orders/{id}', 'put', 'Change an order', array('id:int', 'request_data:array=null')),
			array('DELETE', 'orders/{id}', 'delete', 'Delete an order', array('id:int')),
			array('GET', 'orders/ref/{ref}', 'getByRef', 'Get an order by its reference', array('ref:string')),
			array('GET', 'orders/{id}/lines', 'getLines', 'Lines of an order', array('id:int')),
			array('POST', 'orders/{id}/lines', 'postLine', 'Add a line', array('id:int', 'request_data:array=null')),
			array('GET', 'orders/{id}/lines/{lineid}', 'getLine', 'Get a line', array('id:int', 'lineid:int')),
			array('PUT', 'orders/{id}/lines/{lineid}', 'putLine', 'Change a line', array('id:int', 'lineid:int', 'request_data:array=null')),
			array('DELETE', 'orders/{id}/lines/{lineid}', 'deleteLine', 'Delete a line', array('id:int', 'lineid:int')),
			array('POST', 'orders/{id}/validate', 'validate', 'Validate an order', array('id:int', 'idwarehouse:int=0', 'notrigger:int=0')),
			array('POST', 'orders/{id}/close', 'close', 'Close an order', array('id:int', 'notrigger:int=0')),
			array('POST', 'orders/{id}/reopen', 'reopen', 'Open a closed order again', array('id:int')),
			array('POST', 'orders/{id}/settodraft', 'settodraft', 'Make an order a draft again', array('id:int', 'idwarehouse:int=-1')),
		);
	}

	protected function store()
	{
		return new Store($this->db);
	}

	/** @return array */
	public function index($sortfield, $sortorder, $limit, $page, $sqlfilters, $properties, $paginate, $thirdparties)
	{
		$this->need('commande', 'lire');
		$where = (new Visibility($this->db, $this->user))->conditions('t.fk_soc', self::ids($thirdparties));
		return $this->listOf($this->store(), $where, array($sortfield, $sortorder, $limit, $page, $sqlfilters, $properties, $paginate), 'commande list');
	}

	/** @return int id */
	public function post($data)
	{
		return $this->create($data, array('socid', 'date'), 'Error creating order');
	}

	/** @return int id */
	public function postLine($id, $data)
	{
		return $this->addLine($id, $data, '', true);
	}

	/** @return array */
	public function delete($id)
	{
		$this->need('commande', 'supprimer');
		$this->row($id);
		$this->store()->remove($id);
		return $this->success('Order deleted');
	}

	/** @return array */
	public function validate($id, $idwarehouse, $notrigger)
	{
		$this->need(self::RIGHTS, 'creer');
		$draft = (int) $this->row($id)->fk_statut === Store::DRAFT;
		if ($draft && Version::wantsProductsOnSale() && $this->store()->holdsWhatIsNotOnSale($id)) {
			throw new ApiError(500, 'Error when validating Order: ErrorOneLineContainsADisactivatedProduct');
		}
		return $this->validateDocument($id);
	}

	/** @return array */
	public function close($id, $notrigger)
	{
		return $this->move($id, array(Store::VALIDATED, 2), Store::CLOSED);
	}

	/** @return int */
	public function reopen($id)
	{
		$this->move($id, array(Store::CLOSED), Store::VALIDATED);
		return 1;
	}

	/** @return array */
	public function settodraft($id, $idwarehouse)
	{
		return $this->move($id, array(Store::VALIDATED), Store::DRAFT);
	}

	/**
	 * @param int   $id   order
	 * @param int[] $from states that it may be in
	 * @param int   $to   new state
	 * @return array
	 */
	private function move($id, array $from, $to)
	{
		$this->need('commande', 'creer');
		$row = $this->row($id);
		if (!in_array((int) $row->fk_statut, $from, true)) {
			throw new ApiError(304, 'Nothing done. The order is in another state');
		}
		$this->store()->setStatus($id, $to);
		return $this->get($id);
	}
}
