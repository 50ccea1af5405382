<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * How records are numbered: which model of the application's each kind has, and the masks of that model.
 *
 * A model is a file of the application's or of a module's; which constants hold its masks is read from that file.
 */
class Numbering
{
	/**
	 * By kind of record: the constant that names the model, the folder of the models, what their names begin with, and
	 * whether the constant has that too. plugins/plugin_utils/application/numbering.py has folders and beginnings.
	 */
	const KINDS = array(
		'asset' => array('ASSET_ASSET_ADDON', 'asset', 'mod_asset_', true),
		'bom' => array('BOM_ADDON', 'bom', 'mod_bom_', true),
		'cheque_deposit' => array('CHEQUERECEIPTS_ADDON', 'cheque', 'mod_chequereceipt_', true),
		'contract' => array('CONTRACT_ADDON', 'contract', 'mod_contract_', true),
		'delivery' => array('DELIVERY_ADDON_NUMBER', 'delivery', 'mod_delivery_', true),
		'expense_report' => array('EXPENSEREPORT_ADDON', 'expensereport', 'mod_expensereport_', true),
		'intervention' => array('FICHEINTER_ADDON', 'fichinter', 'mod_', false),
		'invoice' => array('FACTURE_ADDON', 'facture', 'mod_facture_', true),
		'leave' => array('HOLIDAY_ADDON', 'holiday', 'mod_holiday_', true),
		'lot' => array('PRODUCTBATCH_LOT_ADDON', 'product_batch', 'mod_lot_', true),
		'member' => array('MEMBER_CODEMEMBER_ADDON', 'member', 'mod_member_', true),
		'order' => array('COMMANDE_ADDON', 'commande', 'mod_commande_', true),
		'payment' => array('PAYMENT_ADDON', 'payment', 'mod_payment_', true),
		'product' => array('PRODUCT_CODEPRODUCT_ADDON', 'product', 'mod_codeproduct_', true),
		'project' => array('PROJECT_ADDON', 'project', 'mod_project_', true),
		'proposal' => array('PROPALE_ADDON', 'propale', 'mod_propale_', true),
		'reception' => array('RECEPTION_ADDON_NUMBER', 'reception', 'mod_reception_', true),
		'serial' => array('PRODUCTBATCH_SN_ADDON', 'product_batch', 'mod_sn_', true),
		'shipment' => array('EXPEDITION_ADDON_NUMBER', 'expedition', 'mod_expedition_', true),
		'supplier_invoice' => array('INVOICE_SUPPLIER_ADDON_NUMBER', 'supplier_invoice', 'mod_facture_fournisseur_', true),
		'supplier_order' => array('COMMANDE_SUPPLIER_ADDON_NUMBER', 'supplier_order', 'mod_commande_fournisseur_', true),
		'supplier_payment' => array('SUPPLIER_PAYMENT_ADDON', 'supplier_payment', 'mod_supplier_payment_', true),
		'supplier_proposal' => array('SUPPLIER_PROPOSAL_ADDON', 'supplier_proposal', 'mod_supplier_proposal_', true),
		'task' => array('PROJECT_TASK_ADDON', 'project/task', 'mod_task_', true),
		'thirdparty' => array('SOCIETE_CODECLIENT_ADDON', 'societe', 'mod_codeclient_', true),
		'ticket' => array('TICKET_ADDON', 'ticket', 'mod_ticket_', true),
		'work_order' => array('MRP_MO_ADDON', 'mrp', 'mod_mo_', true),
	);

	/** @var Application */
	private $application;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	/** @return string[] the constants that this speaks of */
	public function constants(): array
	{
		$names = array_column(self::KINDS, 0);
		foreach (array_keys(self::KINDS) as $kind) {
			foreach ($this->models($kind) as $file) {
				$names = array_merge($names, array_values(self::masks($file)));
			}
		}
		return $names;
	}

	/**
	 * @return array<string, mixed> of each kind that has one its model, and the masks of that one that are set
	 */
	public function show(): array
	{
		$found = $known = array();
		foreach (array_keys(self::KINDS) as $kind) {
			$models = $this->models($kind);
			$known[$kind] = array_keys($models);
			$model = $this->model($kind);
			if ($model === '') {
				continue;
			}
			$found[$kind] = array('model' => $model);
			foreach (isset($models[$model]) ? self::masks($models[$model]) : array() as $name => $constant) {
				$mask = $this->constant($constant);
				if ($mask !== '') {
					$found[$kind]['masks'][$name] = $mask;
				}
			}
			if (array_keys($found[$kind]['masks'] ?? array()) === array('mask')) {
				$found[$kind] = array('model' => $model, 'mask' => $found[$kind]['masks']['mask']);
			}
		}
		return array('changed' => false, 'numbering' => $found ?: new \stdClass(), 'models' => array_filter($known));
	}

	/**
	 * @param array<string, mixed> $wanted model, mask and masks by kind
	 * @return array<string, mixed>
	 * @throws Failure
	 */
	public function ensure(array $wanted): array
	{
		$values = array();
		foreach ($wanted as $kind => $one) {
			if (!isset(self::KINDS[$kind]) || !is_array($one)) {
				throw new Failure(
					'unknown_numbering',
					"There is no numbering of \"$kind\" here.",
					'Near names: '.implode(', ', Nearness::of((string) $kind, array_keys(self::KINDS))).'.'
				);
			}
			$values += $this->values((string) $kind, $one);
		}
		$constants = new Constants($this->application);
		$changes = $before = $after = array();
		foreach ($values as $name => list($title, $value)) {
			$one = $constants->set($name, $value, $this->application->entity());
			if ($one['changed']) {
				$changes[] = "$title $value";
				$before[$title] = reset($one['diff']['before']);
				$after[$title] = $value;
			}
		}
		return array(
			'changed' => (bool) $changes,
			'changes' => $changes,
			'diff' => array('before' => $before ?: new \stdClass(), 'after' => $after ?: new \stdClass()),
		);
	}

	/**
	 * @param array<string, mixed> $wanted
	 * @return array<string, array{0: string, 1: string}> title and value by constant
	 */
	private function values(string $kind, array $wanted): array
	{
		list($constant, , $start, $whole) = self::KINDS[$kind];
		$models = $this->models($kind);
		$model = (string) ($wanted['model'] ?? $this->model($kind));
		if (!isset($models[$model])) {
			throw new Failure(
				'unknown_model',
				"numbering.$kind has the model \"$model\", which version ".DOL_VERSION.' does not have.',
				$models ? 'Known: '.implode(', ', array_keys($models)).'.' : 'This version numbers it in no way of its own.'
			);
		}
		$values = isset($wanted['model']) ? array($constant => array("$kind: model", ($whole ? $start : '').$model)) : array();
		$masks = self::masks($models[$model]);
		$given = (array) ($wanted['masks'] ?? array());
		if (isset($wanted['mask'])) {
			$given[$masks ? (string) key($masks) : 'mask'] = $wanted['mask'];
		}
		foreach (array_filter($given, 'strlen') as $name => $mask) {
			if (!isset($masks[$name])) {
				throw new Failure(
					'unknown_mask',
					"numbering.$kind has a mask \"$name\", which the model \"$model\" does not have.",
					$masks ? 'Known: '.implode(', ', array_keys($masks)).'.' : 'This model takes no mask: leave it out, or name another model.'
				);
			}
			$this->requireMask($kind, (string) $mask);
			$values[$masks[$name]] = array("$kind: ".($name === 'mask' ? 'mask' : "mask of $name"), (string) $mask);
		}
		return $values;
	}

	/** The application itself says whether it can make a number of it. */
	private function requireMask(string $kind, string $mask): void
	{
		PlainText::require("numbering.$kind", $mask);
		require_once DOL_DOCUMENT_ROOT.'/core/lib/functions2.lib.php';
		if (!function_exists('get_next_value')) {
			return;
		}
		$file = DOL_DOCUMENT_ROOT.'/societe/class/societe.class.php';
		if (is_file($file)) {
			require_once $file;
		}
		$party = class_exists('Societe') ? new \Societe($this->application->db()) : new \stdClass();
		$party->code_client = $party->code_fournisseur = 'C0001';
		$party->typent_code = 'TE_OTHER';
		$number = get_next_value($this->application->db(), $mask, 'user', 'login', '', $party, '', 'next', false, $this->application->administrator());
		if (!is_string($number) || $number === '' || stripos($number, 'error') === 0) {
			throw new Failure(
				'bad_mask',
				"numbering.$kind has the mask \"$mask\", of which the application makes no number: ".Secrecy::tidy((string) $number, 100).'.',
				'Write a counter into it, such as {0000}, and the year with it where it begins anew each year: {yyyy}-{00000@1}.'
			);
		}
	}

	/** The model without what all names of its kind begin with; '' where none is set. */
	private function model(string $kind): string
	{
		list($constant, , $start) = self::KINDS[$kind];
		$stored = preg_replace('/\.php$/', '', $this->constant($constant));
		return strpos((string) $stored, $start) === 0 ? substr((string) $stored, strlen($start)) : (string) $stored;
	}

	private function constant(string $name): string
	{
		return (string) dolibarr_get_const($this->application->db(), $name, $this->application->entity());
	}

	/** @return array<string, string> files of the models by their short names */
	private function models(string $kind): array
	{
		list(, $folder, $start) = self::KINDS[$kind];
		$found = array();
		$parts = $this->application->conf()->modules_parts['models'] ?? array();
		foreach (array_merge(array('/'), is_array($parts) ? array_values($parts) : array()) as $place) {
			foreach (glob(dol_buildpath(rtrim($place, '/')."/core/modules/$folder/").'/'.$start.'*.php') ?: array() as $file) {
				$found[substr(basename($file, '.php'), strlen($start))] = $file;
			}
		}
		ksort($found);
		return $found;
	}

	/** @return array<string, string> constants of a model's masks by their short names, the first of them first */
	private static function masks(string $file): array
	{
		preg_match_all('/[\'"]([A-Z][A-Z0-9_]*_MASK(?:_([A-Z0-9]+))?)[\'"]/', (string) file_get_contents($file), $found, PREG_SET_ORDER);
		$masks = array();
		foreach ($found as $one) {
			$masks[strtolower($one[2] ?? '') ?: 'mask'] = $one[1];
		}
		return $masks;
	}
}
