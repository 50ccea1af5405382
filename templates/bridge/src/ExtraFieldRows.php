<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * What there is of extra fields: their descriptions, their columns, and how many records have a value in one.
 */
class ExtraFieldRows
{
	/** Names of kinds of records, by what the application calls them; any other that has a table is known by that. */
	const ELEMENTS = array(
		'thirdparty' => 'societe', 'contact' => 'socpeople', 'product' => 'product', 'order' => 'commande', 'order_line' => 'commandedet',
		'invoice' => 'facture', 'invoice_line' => 'facturedet', 'proposal' => 'propal', 'proposal_line' => 'propaldet',
		'supplier_order' => 'commande_fournisseur', 'supplier_invoice' => 'facture_fourn', 'supplier_proposal' => 'supplier_proposal',
		'contract' => 'contrat', 'intervention' => 'fichinter', 'project' => 'projet', 'task' => 'projet_task', 'member' => 'adherent',
		'member_type' => 'adherent_type', 'event' => 'actioncomm', 'shipment' => 'expedition', 'reception' => 'reception',
		'warehouse' => 'entrepot', 'category' => 'categorie', 'ticket' => 'ticket', 'user' => 'user', 'group' => 'usergroup',
		'leave' => 'holiday', 'expense_report' => 'expensereport', 'bank_account' => 'bank_account', 'resource' => 'resource',
		'work_order' => 'mrp_mo', 'bom' => 'bom_bom', 'lot' => 'product_lot', 'salary' => 'salary',
	);

	/** Columns of llx_extrafields by what they are called in an inventory. */
	const FIELDS = array(
		'label' => 'label', 'type' => 'type', 'size' => 'size', 'required' => 'fieldrequired', 'unique' => 'fieldunique',
		'default' => 'fielddefault', 'options' => 'param', 'position' => 'pos', 'visible' => 'list', 'editable' => 'alwayseditable',
		'permission' => 'perms', 'help' => 'help', 'computed' => 'fieldcomputed', 'condition' => 'enabled', 'translations' => 'langs',
		'total' => 'totalizable', 'printable' => 'printable',
	);
	const TRUTHS = array('required', 'unique', 'editable', 'total');
	/** What of a field need not be said. */
	const USUAL = array(
		'required' => false, 'unique' => false, 'default' => '', 'options' => null, 'visible' => '1', 'editable' => false, 'permission' => '',
		'help' => '', 'computed' => '', 'condition' => '1', 'translations' => '', 'total' => false, 'printable' => 0, 'size' => '',
		'position' => 0,
	);
	/** What a field of a type has where no size is said. */
	const SIZES = array('varchar' => '255', 'int' => '10', 'double' => '24,8', 'price' => '24,8', 'text' => '2000', 'html' => '2000', 'stars' => '5');
	/** Their values are texts, of which an empty one is none. */
	const TEXT_TYPES = array(
		'varchar', 'text', 'html', 'phone', 'mail', 'email', 'url', 'ip', 'icon', 'password', 'select', 'sellist', 'radio', 'checkbox',
		'chkbxlst', 'pricecy',
	);

	/** @var Application */
	private $application;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	public static function element(string $name): string
	{
		return self::ELEMENTS[$name] ?? $name;
	}

	public static function friendly(string $element): string
	{
		return (string) (array_search($element, self::ELEMENTS, true) ?: $element);
	}

	/** The table of the values; null where this version, or a module that is off, has none. */
	public function table(string $element): ?string
	{
		$table = ($element === 'categorie' ? 'categories' : $element).'_extrafields';
		return Columns::of($this->application, $table) ? $table : null;
	}

	public function hasColumn(string $element, string $field): bool
	{
		$table = $this->table($element);
		return $table !== null && in_array($field, Columns::of($this->application, $table), true);
	}

	/**
	 * The application writes names of fields into its statements as they are: one that the database takes for a word of
	 * SQL would break every page of these records.
	 *
	 * @throws Failure `bad_name`
	 */
	public function requireName(string $element, string $field, string $place): void
	{
		$table = $this->table($element);
		if ($table === null) {
			return;
		}
		$db = $this->application->db();
		$read = $db->query("SELECT rowid, $field FROM ".$this->application->table($table).' WHERE rowid = 0');
		$said = $db->lasterrno().' '.$db->lasterror();
		if ($read || !preg_match('/NOSUCHFIELD|42703|Unknown column|42S22/i', $said)) {
			throw new Failure('bad_name', "$place: \"$field\" is a word of SQL.", 'Choose another name, such as my_'.$field.'.');
		}
	}

	/** How many records have a value. */
	public function values(string $element, string $field, string $type): int
	{
		if (!$this->hasColumn($element, $field)) {
			return 0;
		}
		$filled = "$field IS NOT NULL".(in_array($type, self::TEXT_TYPES, true) ? " AND $field <> ''" : '');
		$rows = $this->application->rows('SELECT COUNT(*) AS n FROM '.$this->application->table((string) $this->table($element))." WHERE $filled");
		return (int) $rows[0]['n'];
	}

	/**
	 * @return array<string, array<string, array<string, mixed>>> rows by kind of record and name, as they are stored
	 */
	public function stored(): array
	{
		$found = array();
		$sql = 'SELECT * FROM '.$this->application->table('extrafields').' WHERE entity IN (0, '.$this->application->entity().') ORDER BY entity, pos, rowid';
		foreach (Columns::of($this->application, 'extrafields') ? $this->application->rows($sql) : array() as $row) {
			$found[(string) $row['elementtype']][(string) $row['name']] = $row;
		}
		return $found;
	}

	/**
	 * @param array<string, mixed> $row
	 * @return array<string, mixed> the row in the words of the inventory, with all of them
	 */
	public static function told(array $row): array
	{
		$values = array('name' => (string) $row['name']);
		foreach (self::FIELDS as $key => $column) {
			$value = (string) ($row[$column] ?? '');
			if (in_array($key, self::TRUTHS, true)) {
				$value = !in_array($value, array('', '0', 'f'), true);
			} elseif ($key === 'position' || $key === 'printable') {
				$value = (int) $value;
			} elseif ($key === 'options') {
				$value = self::options($value);
			}
			$values[$key] = $value;
		}
		return $values;
	}

	/**
	 * @param array<string, mixed> $values
	 * @return array<string, mixed> without what need not be said
	 */
	public static function shortened(array $values): array
	{
		foreach (self::USUAL as $key => $usual) {
			if ($values[$key] === $usual) {
				unset($values[$key]);
			}
		}
		if (is_array($values['options'] ?? null)) {
			// Keys 0, 1, 2 would make a list of it.
			$values['options'] = (object) $values['options'];
		}
		if (($values['size'] ?? '') === (self::SIZES[$values['type']] ?? '')) {
			unset($values['size']);
		}
		return $values;
	}

	/** @return array<string, string>|string|null what there is to choose from, or where it is */
	private static function options(string $stored)
	{
		$data = $stored === '' ? array() : @unserialize($stored, array('allowed_classes' => false));
		$options = is_array($data) ? (array) ($data['options'] ?? array()) : array();
		if (!$options) {
			return null;
		}
		// A list of the database's has its source as the only key.
		if (count($options) === 1 && in_array(current($options), array(null, ''), true)) {
			return (string) key($options);
		}
		return array_map('strval', $options);
	}
}
