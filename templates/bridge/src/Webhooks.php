<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Whom the application tells of its events: targets of its module webhook that lead to this host's relay, by its own
 * class Target. Those of people are left alone.
 */
class Webhooks
{
	/** Where the relay listens; plugins/module_utils/webhooks/hooks.py has the same. What begins so is ours. */
	const RELAY = 'http://127.0.0.1:9480/';
	const LABEL = 'miclinik.hosting: ';

	/** @var Application */
	private $application;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	/**
	 * @param array<int, array<string, mixed>> $wanted name, token and events of each
	 * @return array<string, mixed>
	 * @throws Failure `no_webhooks`, `webhook`
	 */
	public function ensure(array $wanted): array
	{
		$wanted = array_column(array_map(array($this, 'wanted'), $wanted), null, 'label');
		$class = DOL_DOCUMENT_ROOT.'/webhook/class/target.class.php';
		$on = is_file($class) && isset((new Modules($this->application))->enabled()['webhook']);
		if (!$on && $wanted && !$this->application->check()) {
			throw new Failure('no_webhooks', 'The module "webhook" is off, so the site tells nobody of anything.', 'Add webhook to `modules` in the inventory.');
		}
		if (!$on) {
			return $this->answer(array(), $wanted);
		}
		require_once $class;
		$before = $this->ours();
		$answer = $this->answer(array_map(array($this, 'told'), $before), $wanted);
		if (!$answer['changed'] || $this->application->check()) {
			return $answer;
		}
		foreach ($before as $label => $target) {
			if (!isset($wanted[$label])) {
				$this->require($target->delete($this->application->administrator(), 1) > 0, $label, $target);
			}
		}
		foreach ($wanted as $label => $values) {
			$this->save($before[$label] ?? new \Target($this->application->db()), $values);
		}
		$after = $this->ours();
		if ($this->answer(array_map(array($this, 'told'), $after), $wanted)['changed']) {
			throw new Failure('webhook', 'The application has kept the targets of webhooks otherwise than it was told.', 'See them in its set-up of the module webhook.');
		}
		return $answer;
	}

	/**
	 * @param array<string, mixed> $one
	 * @return array<string, mixed> the properties of its target
	 */
	private function wanted(array $one): array
	{
		return array(
			'label' => self::LABEL.(string) $one['name'],
			'url' => self::RELAY.(string) $one['token'],
			'trigger_codes' => implode(',', (array) $one['events']),
			// On, and none that makes the call fail with it. Up to 19 there is no such type.
			'status' => 1,
			'type' => 1,
		);
	}

	/** @param \Target $target */
	private function told($target): array
	{
		return array(
			'label' => (string) $target->label,
			'url' => (string) $target->url,
			'trigger_codes' => (string) $target->trigger_codes,
			'status' => (int) $target->status,
			'type' => isset($target->fields['type']) ? (int) $target->type : 1,
		);
	}

	/**
	 * @return array<string, \Target> by their labels; a second one of the same label has another key, and so goes
	 * @throws Failure `database`
	 */
	private function ours(): array
	{
		$all = (new \Target($this->application->db()))->fetchAll('ASC', 't.rowid');
		if (!is_array($all)) {
			throw new Failure('database', 'The targets of webhooks cannot be read.', 'Check the table llx_webhook_target.');
		}
		$found = array();
		foreach ($all as $target) {
			if (strpos((string) $target->url, self::RELAY) === 0) {
				$label = (string) $target->label;
				$found[isset($found[$label]) ? $label.' #'.$target->id : $label] = $target;
			}
		}
		return $found;
	}

	/**
	 * @param \Target $target
	 * @param array<string, mixed> $values
	 */
	private function save($target, array $values): void
	{
		if ($target->id && $this->told($target) === $values) {
			return;
		}
		foreach ($values as $name => $value) {
			$target->$name = $value;
		}
		$user = $this->application->administrator();
		if ($target->id) {
			$this->require($target->update($user, 1) > 0, $values['label'], $target);
			return;
		}
		$target->ref = 'miclinik-'.substr($values['label'], strlen(self::LABEL));
		// 16 answers 0 to one that is on from the beginning.
		$this->require($target->create($user, 1) >= 0 && $target->id > 0, $values['label'], $target);
	}

	/** @param \Target $target */
	private function require(bool $done, string $label, $target): void
	{
		if (!$done) {
			$said = Secrecy::tidy(implode('; ', array_filter(array_merge(array((string) $target->error), (array) $target->errors))), 300);
			throw new Failure('webhook', "The target \"$label\" cannot be kept: $said.", 'Look at the table llx_webhook_target.');
		}
	}

	/**
	 * What differs, without the addresses: each is a secret.
	 *
	 * @param array<string, array<string, mixed>> $before
	 * @param array<string, array<string, mixed>> $after
	 * @return array<string, mixed>
	 */
	private function answer(array $before, array $after): array
	{
		$changes = array();
		$shown = array('before' => array(), 'after' => array());
		foreach (array_keys($before + $after) as $label) {
			$old = $before[$label] ?? null;
			$new = $after[$label] ?? null;
			if ($old === $new) {
				continue;
			}
			$name = substr($label, strlen(self::LABEL)) ?: $label;
			$changes[] = $name.': '.($old === null ? 'made' : ($new === null ? 'taken away' : 'changed'));
			foreach (array('before' => $old, 'after' => $new) as $when => $one) {
				if ($one !== null) {
					$shown[$when][$name] = array_diff_key($one, array('label' => 1, 'url' => 1));
				}
			}
		}
		return array('changed' => (bool) $changes, 'changes' => $changes, 'diff' => array_map(static function (array $one) {
			return $one ?: new \stdClass();
		}, $shown));
	}
}
