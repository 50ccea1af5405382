<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Webhooks: which events there are.
 */
class Webhook extends Sandbox\Api\Endpoint
{
	public static function routes()
	{
		return array(array('GET', 'webhook/triggers', 'listOfTriggers', 'Get the list of all available triggers', array()));
	}

	/** @return array<string, string> */
	public function listOfTriggers()
	{
		$this->need('webhook', 'webhook_target', 'read');
		return array('BILL_VALIDATE' => 'Customer invoice validated', 'ORDER_VALIDATE' => 'Customer order validate');
	}
}
