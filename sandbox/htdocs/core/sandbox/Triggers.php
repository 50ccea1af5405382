<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox;

use Sandbox\Sql\SqlError;

/**
 * Tells those who listen of what is done, within its transaction.
 */
class Triggers
{
	/**
	 * @param \DoliDB $db     database
	 * @param string  $action code of the event
	 * @param array   $object what it is about
	 * @param \User   $user   who does it
	 * @return void
	 * @throws SqlError when one of them will not have it
	 */
	public static function run($db, $action, array $object, $user)
	{
		require_once DOL_DOCUMENT_ROOT.'/core/triggers/interface_99_modWebhook_WebhookTriggers.class.php';
		$webhooks = new \InterfaceWebhookTriggers($db);
		if ($webhooks->runTrigger($action, $object, $user) < 0) {
			throw new SqlError('TRIGGER', implode('; ', $webhooks->errors));
		}
	}
}
