<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

use Sandbox\Version;

/**
 * What every endpoint has.
 */
abstract class Endpoint
{
	/** @var \DoliDB */
	protected $db;
	/** @var \User|null null only in operations that are open */
	protected $user;

	/**
	 * @param \DoliDB    $db   database
	 * @param \User|null $user who calls
	 */
	public function __construct($db, $user)
	{
		$this->db = $db;
		$this->user = $user;
	}

	/**
	 * @return array[] operations: method, path, name of the method, one line for the explorer, parameters, whether it is open
	 */
	abstract public static function routes();

	/**
	 * @param string $module  class of rights
	 * @param string $level1  first level
	 * @param string $level2  second level
	 * @param string $message what the client reads besides the reason
	 * @return void
	 * @throws ApiError 403
	 */
	protected function need($module, $level1, $level2 = '', $message = '')
	{
		if (!$this->user->hasRight($module, $level1, $level2)) {
			throw new ApiError(403, $message);
		}
	}

	/**
	 * @param string $sqlfilters the parameter
	 * @return string the filter that it holds, '' = none
	 */
	protected function filterIn($sqlfilters)
	{
		return $sqlfilters === '0' ? '' : str_replace('__USER_ID__', (string) (int) $this->user->id, $sqlfilters);
	}

	/**
	 * @param array $data properties that a client has sent
	 * @return void
	 * @throws ApiError 400 when one is the class's own business
	 */
	protected function refuseInner(array $data)
	{
		foreach (array_intersect(array_keys($data), Version::innerProperties()) as $field) {
			throw new ApiError(400, 'Parameter '.$field.' is not allowed in request');
		}
	}

	/**
	 * @param string $text message
	 * @return array answer of a deletion
	 */
	protected function success($text)
	{
		return array('success' => array('code' => 200, 'message' => $text));
	}
}
