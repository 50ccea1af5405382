<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

use Sandbox\Sql\FilterError;
use Sandbox\Sql\SqlError;
use Sandbox\Store\Records;

/**
 * What endpoints with lists share: filters, order, pages, chosen properties.
 */
abstract class ListEndpoint extends Endpoint
{
	/** @return string[] parameters that every list has, after those of its own */
	protected static function listParams($sortfield)
	{
		return array('sortfield:string='.$sortfield, 'sortorder:string=ASC', 'limit:int=100', 'page:int=0', 'sqlfilters:string=', 'properties:string=', 'pagination_data:bool=false');
	}

	/**
	 * @param Records $records rows
	 * @param array   $where   conditions with values
	 * @param array   $asked   sortfield, sortorder, limit, page, sqlfilters, properties, pagination_data
	 * @param string  $what    "product list", for messages
	 * @return array
	 * @throws ApiError 400 for a bad filter, 503 for a column that is none
	 */
	protected function listOf(Records $records, array $where, array $asked, $what)
	{
		list($sortfield, $sortorder, $limit, $page, $filters, $properties, $paginate) = $asked;
		try {
			list($rows, $total) = $records->find($where, $this->filterIn($filters), $sortfield, $sortorder, $limit, $page);
		} catch (FilterError $e) {
			throw new ApiError(400, 'Error when validating parameter sqlfilters -> '.$e->getMessage());
		} catch (SqlError $e) {
			throw new ApiError(503, 'Error when retrieve '.$what.' : '.$e->getMessage());
		}
		$list = array();
		foreach ($rows as $row) {
			$list[] = $this->only($records->presentInList($row), $properties);
		}
		if (!$paginate) {
			return $list;
		}
		$pages = $limit > 0 ? (int) ceil($total / $limit) : ($total > 0 ? 1 : 0);
		return array('data' => $list, 'pagination' => array('total' => $total, 'page' => $page, 'page_count' => $pages, 'limit' => $limit));
	}

	/**
	 * @param array  $object     object
	 * @param string $properties names, separated by commas, '' = all
	 * @return array|\stdClass
	 */
	protected function only(array $object, $properties)
	{
		if ($properties === '') {
			return $object;
		}
		return array_intersect_key($object, array_flip(array_map('trim', explode(',', $properties)))) ?: new \stdClass();
	}
}
