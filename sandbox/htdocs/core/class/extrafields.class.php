<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Fields of people's own: a description in llx_extrafields, and a column beside the records.
 */
class ExtraFields
{
	/** @var string[] types and what they are called */
	public static $type2label = array(
		'varchar' => 'String', 'text' => 'Text', 'html' => 'HtmlText', 'int' => 'Int', 'double' => 'Float', 'date' => 'Date',
		'datetime' => 'DateAndTime', 'boolean' => 'Boolean', 'price' => 'Price', 'phone' => 'Phone', 'mail' => 'Mail', 'url' => 'Url',
		'select' => 'Select', 'radio' => 'Radio', 'checkbox' => 'CheckBox', 'separate' => 'Separator',
	);
	/** What the column is; every other type is text. */
	const COLUMNS = array('int' => 'int', 'boolean' => 'int', 'double' => 'decimal(24,8)', 'price' => 'decimal(24,8)', 'date' => 'date', 'text' => 'text', 'html' => 'text');

	/** @var DoliDB */
	public $db;
	/** @var string */
	public $error = '';

	/** @param DoliDB $db database */
	public function __construct($db)
	{
		$this->db = $db;
	}

	/** @return int 1, or -1; arguments as the application has them */
	public function addExtraField($name, $label, $type, $pos, $size, $element, $unique = 0, $required = 0, $default = '', $param = '', $editable = 0, $perms = '', $list = '-1', $help = '', $computed = '', $entity = '', $langs = '', $enabled = '1', $total = 0, $printable = 0, $more = array())
	{
		if ($type !== 'separate' && !$this->hasColumn($name, $element) && !$this->alter('ADD COLUMN '.$this->column($name, $type, $size, $required, $default), $element)) {
			return -1;
		}
		return $this->row($name) === null || !in_array($element, $this->row($name), true)
			? $this->update_label($name, $label, $type, $size, $element, $unique, $required, $pos, $param, $editable, $perms, $list, $help, $default, $computed, $entity, $langs, $enabled, $total, $printable, $more)
			: -2;
	}

	/** @return int 1, or -1; arguments as the application has them */
	public function update($name, $label, $type, $size, $element, $unique = 0, $required = 0, $pos = 0, $param = '', $editable = 0, $perms = '', $list = '', $help = '', $default = '', $computed = '', $entity = '', $langs = '', $enabled = '1', $total = 0, $printable = 0, $more = array())
	{
		$spec = $this->column($name, $type, $size, $required, $default);
		$words = $this->db->type === 'pgsql' ? 'ALTER COLUMN '.$name.' TYPE '.explode(' ', $spec, 3)[1].' USING '.$name.'::'.explode(' ', $spec, 3)[1] : 'MODIFY COLUMN '.$spec;
		if ($type !== 'separate' && !$this->alter($words, $element)) {
			return -1;
		}
		return $this->update_label($name, $label, $type, $size, $element, $unique, $required, $pos, $param, $editable, $perms, $list, $help, $default, $computed, $entity, $langs, $enabled, $total, $printable, $more);
	}

	/** @return int 1, or -1 */
	public function delete($name, $element = '')
	{
		$this->db->run('DELETE FROM '.MAIN_DB_PREFIX.'extrafields WHERE name = ? AND elementtype = ?', array($name, $element));
		return !$this->hasColumn($name, $element) || $this->alter('DROP COLUMN '.$name, $element) ? 1 : -1;
	}

	/** @return int 1, or -1; arguments as the application has them */
	private function update_label($name, $label, $type, $size, $element, $unique = 0, $required = 0, $pos = 0, $param = '', $editable = 0, $perms = '', $list = '0', $help = '', $default = '', $computed = '', $entity = '', $langs = '', $enabled = '1', $total = 0, $printable = 0, $more = array())
	{
		global $conf, $user;
		try {
			$this->db->run('DELETE FROM '.MAIN_DB_PREFIX.'extrafields WHERE name = ? AND elementtype = ?', array($name, $element));
			$this->db->insert(MAIN_DB_PREFIX.'extrafields', array(
				'name' => $name, 'label' => $label, 'type' => $type, 'size' => (string) $size, 'elementtype' => $element, 'fieldunique' => (int) $unique,
				'fieldrequired' => (int) $required, 'pos' => (int) $pos, 'param' => is_array($param) ? serialize($param) : '', 'alwayseditable' => (int) $editable,
				'perms' => $perms, 'list' => (string) $list, 'help' => $help, 'fielddefault' => $default === '' ? null : $default, 'fieldcomputed' => $computed,
				'entity' => $entity === '' ? (int) $conf->entity : (int) $entity, 'langs' => $langs, 'enabled' => $enabled, 'totalizable' => (int) $total,
				'printable' => (int) $printable, 'fk_user_author' => (int) $user->id, 'datec' => $this->db->idate(dol_now()),
			));
			return 1;
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = $e->getMessage();
			return -1;
		}
	}

	/** @return string[]|null kinds of records that have a field of this name */
	private function row($name)
	{
		$found = $this->db->run('SELECT elementtype FROM '.MAIN_DB_PREFIX.'extrafields WHERE name = ?', array($name))->fetchAll(PDO::FETCH_COLUMN);
		return $found ?: null;
	}

	/** @return bool */
	private function hasColumn($name, $element)
	{
		$schema = $this->db->type === 'pgsql' ? 'current_schema()' : 'DATABASE()';
		$sql = 'SELECT column_name FROM information_schema.columns WHERE table_schema = '.$schema.' AND table_name = ? AND column_name = ?';
		return (bool) $this->db->run($sql, array(MAIN_DB_PREFIX.$element.'_extrafields', $name))->fetch();
	}

	/** @return string */
	private function column($name, $type, $size, $required, $default)
	{
		$kind = isset(self::COLUMNS[$type]) ? self::COLUMNS[$type] : 'varchar('.((int) $size ?: 255).')';
		$kind = $type === 'datetime' ? ($this->db->type === 'pgsql' ? 'timestamp' : 'datetime') : $kind;
		$known = $default === '' ? '' : " DEFAULT '".$this->db->escape($default)."'";
		return $name.' '.$kind.$known.($required ? ' NOT NULL' : '');
	}

	/** @return bool */
	private function alter($words, $element)
	{
		try {
			$this->db->run('ALTER TABLE '.MAIN_DB_PREFIX.$element.'_extrafields '.$words);
			return true;
		} catch (Sandbox\Sql\SqlError $e) {
			$this->error = $e->getMessage();
			return false;
		}
	}
}
