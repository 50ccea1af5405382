<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/lib/geturl.lib.php';
require_once DOL_DOCUMENT_ROOT.'/webhook/class/target.class.php';

/**
 * Tells the targets of the module webhook, within the call and the transaction that caused it, as the application does.
 */
class InterfaceWebhookTriggers
{
	/** @var DoliDB */
	private $db;
	/** @var string[] */
	public $errors = array();

	/** @param DoliDB $db database */
	public function __construct($db)
	{
		$this->db = $db;
	}

	/**
	 * @param string $action code of the event
	 * @param array  $object what it is about
	 * @param User   $user   who does it
	 * @return int number of those who were told, below 0 where one failed that blocks
	 */
	public function runTrigger($action, $object, User $user)
	{
		$targets = isModEnabled('webhook') ? (new Target($this->db))->fetchAll() : array();
		$told = $failed = 0;
		foreach (is_array($targets) ? $targets : array() as $target) {
			$codes = array_map('trim', explode(',', (string) $target->trigger_codes));
			if ((int) $target->status !== Target::STATUS_AUTOMATIC_TRIGGER || !in_array($action, $codes, true)) {
				continue;
			}
			$body = json_encode(array('triggercode' => $action, 'object' => $object));
			$answer = getURLContent($target->url, 'POSTALREADYFORMATED', $body, 1, array('Content-Type: application/json'), array('http', 'https'), 2, -1);
			if ($answer['curl_error_no'] === 0 && $answer['http_code'] >= 200 && $answer['http_code'] < 300) {
				$told++;
			} elseif ((int) $target->type === Target::TYPE_BLOCKING) {
				$failed++;
				$this->errors[] = 'The WebHook for '.$action.' failed to get URL '.$target->url;
			}
		}
		return $failed ? -$failed : $told;
	}
}
