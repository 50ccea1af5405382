<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Sql;

/**
 * The database refused a statement.
 */
class SqlError extends \RuntimeException
{
	/** @var string driver-independent name, for instance DB_ERROR_RECORD_ALREADY_EXISTS */
	public $name;

	/**
	 * @param string $name    driver-independent name
	 * @param string $message what the server said
	 */
	public function __construct($name, $message)
	{
		parent::__construct($message);
		$this->name = $name;
	}
}
