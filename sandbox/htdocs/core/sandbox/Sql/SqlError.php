<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Sql;

/**
 * The database refused a statement, or would have.
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

	/**
	 * What no database takes, and what therefore is not sent to one.
	 *
	 * @param string $type mysqli or pgsql
	 * @param string $near the words that can't stand there
	 * @return SqlError
	 */
	public static function syntax($type, $near)
	{
		$message = $type === 'pgsql' ? 'ERROR:  syntax error at or near "'.$near.'"' : "You have an error in your SQL syntax near '".$near."'";
		return new self('DB_ERROR_SYNTAX', $message);
	}
}
