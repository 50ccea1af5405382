<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Install;

use Sandbox\Connection;

/**
 * conf.php as step1 writes it.
 */
class ConfigurationFile
{
	/** Form field => variable. */
	const FIELDS = array(
		'main_dir' => 'main_document_root', 'main_url' => 'main_url_root', 'main_data_dir' => 'main_data_root', 'db_host' => 'main_db_host',
		'db_port' => 'main_db_port', 'db_name' => 'main_db_name', 'db_user' => 'main_db_user', 'db_pass' => 'main_db_pass',
		'db_type' => 'main_db_type', 'db_prefix' => 'main_db_prefix',
	);

	/**
	 * @param string $file conf.php
	 * @param array  $form what was posted
	 * @return string what happened, as HTML
	 */
	public static function write($file, array $form)
	{
		$values = array('main_db_character_set' => 'utf8mb4', 'main_db_collation' => 'utf8mb4_unicode_ci', 'main_authentication' => 'dolibarr', 'main_prod' => '0');
		foreach (self::FIELDS as $field => $variable) {
			$values[$variable] = isset($form[$field]) && is_string($form[$field]) ? trim($form[$field]) : '';
		}
		$settings = (object) array('type' => $values['main_db_type'], 'host' => $values['main_db_host'], 'port' => $values['main_db_port'],
			'name' => $values['main_db_name'], 'user' => $values['main_db_user'], 'pass' => $values['main_db_pass']);
		if (!Connection::open($settings)->connected) {
			return '<span class="error">Failed to connect to server</span>';
		}
		$values['main_instance_unique_id'] = bin2hex(random_bytes(16));
		$text = "<?php\n";
		foreach ($values as $variable => $value) {
			$text .= '$dolibarr_'.$variable.' = '.var_export($value, true).";\n";
		}
		if (@file_put_contents($file, $text) === false) {
			return '<span class="error">The configuration file could not be written</span>';
		}
		return 'The configuration file was saved.';
	}
}
