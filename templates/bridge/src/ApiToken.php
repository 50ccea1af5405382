<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

require_once DOL_DOCUMENT_ROOT.'/core/class/commonobject.class.php';

/**
 * One row of llx_oauth_token that holds an API key. The application has no class for these, so this is its own class
 * for whatever has no other: it writes and removes them as it does every record.
 */
class ApiToken extends \CommonObject
{
	const SERVICE = 'dolibarr_rest_api';

	/** @var string */
	public $element = 'oauth_token';
	/** @var string */
	public $table_element = 'oauth_token';
	/** @var array<string, array<string, mixed>> */
	public $fields = array(
		'service' => array('type' => 'varchar(36)', 'notnull' => 1),
		// The API looks into the second, and the pages (24.0.0-beta) show and compare the first.
		'token' => array('type' => 'text', 'notnull' => 1),
		'tokenstring' => array('type' => 'text', 'notnull' => 1),
		// The pages write 0 for a token without restrictions of its own.
		'state' => array('type' => 'text', 'notnull' => 1),
		'fk_user' => array('type' => 'integer', 'notnull' => 1),
		'entity' => array('type' => 'integer', 'notnull' => 1),
		'datec' => array('type' => 'datetime', 'notnull' => 1),
	);
	/** @var string */
	public $service = self::SERVICE;
	/** @var string */
	public $token = '';
	/** @var string */
	public $tokenstring = '';
	/** @var string */
	public $state = '0';
	/** @var int */
	public $fk_user = 0;
	/** @var int */
	public $datec = 0;

	/** @param object $db the application's database handler */
	public function __construct($db)
	{
		$this->db = $db;
		$this->datec = dol_now();
	}
}
