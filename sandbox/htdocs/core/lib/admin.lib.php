<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Constants and modules.
 */

require_once DOL_DOCUMENT_ROOT.'/core/lib/functions2.lib.php';
require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';

/**
 * @param DoliDB $db     database
 * @param string $name   constant
 * @param int    $entity company
 * @return string value, '' when it is not set
 */
function dolibarr_get_const($db, $name, $entity = 1)
{
	$row = $db->run('SELECT value FROM '.MAIN_DB_PREFIX.'const WHERE name = ? AND entity = ?', array($name, (int) $entity))->fetch();
	return $row ? dolDecrypt($row->value) : '';
}

/**
 * @param DoliDB $db      database
 * @param string $name    constant; one whose name ends like a secret's is stored encrypted
 * @param mixed  $value   '' removes it
 * @param string $type    chaine, yesno, texte
 * @param int    $visible whether a list of constants shows it
 * @param string $note    remark
 * @param int    $entity  company, 0 = all
 * @return int 1, or -1 when the database refuses it
 */
function dolibarr_set_const($db, $name, $value, $type = 'chaine', $visible = 0, $note = '', $entity = 1)
{
	global $conf;

	$name = trim($name);
	$value = (string) $value;
	$secret = preg_match('/(_KEY|_EXPORTKEY|_SECUREKEY|_SERVERKEY|_PASS|_PASSWORD|_PW|_PW_TICKET|_PW_EMAILING|_SECRET|_SECURITY_TOKEN|_WEB_TOKEN)$/', $name);
	try {
		$db->transaction(static function () use ($db, $name, $value, $type, $visible, $note, $entity, $secret) {
			if ($entity >= 0) {
				$db->run('DELETE FROM '.MAIN_DB_PREFIX.'const WHERE name = ? AND entity = ?', array($name, (int) $entity));
			} else {
				$db->run('DELETE FROM '.MAIN_DB_PREFIX.'const WHERE name = ?', array($name));
			}
			if ($value !== '') {
				$db->insert(MAIN_DB_PREFIX.'const', array('name' => $name, 'value' => $secret ? dolEncrypt($value) : $value, 'type' => $type, 'visible' => (int) $visible, 'note' => $note, 'entity' => (int) $entity));
			}
		});
	} catch (Sandbox\Sql\SqlError $e) {
		return -1;
	}
	$conf->global->$name = $value;
	return 1;
}

/**
 * @param DoliDB     $db     database
 * @param string|int $name   constant, or the id of its row
 * @param int        $entity company, -1 = every one
 * @return int 1, or -1 when the database refuses it
 */
function dolibarr_del_const($db, $name, $entity = 1)
{
	global $conf;

	$where = is_numeric($name) ? 'rowid = ?' : 'name = ?';
	$values = array(is_numeric($name) ? (int) $name : $name);
	if ($entity >= 0) {
		$where .= ' AND entity = ?';
		$values[] = (int) $entity;
	}
	try {
		$db->run('DELETE FROM '.MAIN_DB_PREFIX.'const WHERE '.$where, $values);
	} catch (Sandbox\Sql\SqlError $e) {
		return -1;
	}
	$conf->global->$name = '';
	return 1;
}

/**
 * @param string $class name of a module's descriptor
 * @return DolibarrModules|null
 */
function sandbox_module($class)
{
	global $db;

	if (!preg_match('/^mod\w+$/', $class)) {
		return null;
	}
	foreach (dolGetModulesDirs() as $dir) {
		if (is_file($dir.$class.'.class.php')) {
			require_once $dir.$class.'.class.php';
			return new $class($db);
		}
	}
	return null;
}

/**
 * @param string $value              class of the module's descriptor, for instance modProduct
 * @param int    $withdeps           whether to switch on what it depends on as well
 * @param int    $noconfverification 1 = initialise again although it is on
 * @return array{nbmodules: int, errors: string[], nbperms: int} what was switched on; 0 when it was on already
 */
function activateModule($value, $withdeps = 1, $noconfverification = 0)
{
	global $mysoc;

	$done = array('nbmodules' => 0, 'errors' => array(), 'nbperms' => 0);
	$module = sandbox_module($value);
	if ($module === null) {
		$done['errors'][] = 'Module '.$value.' not found';
		return $done;
	}
	if (!$noconfverification && getDolGlobalString($module->const_name)) {
		return $done;
	}
	if ($module->init() <= 0) {
		$done['errors'][] = $module->error;
		return $done;
	}
	$country = (string) ($mysoc->country_code ?? '');
	foreach ($withdeps ? $module->depends : array() as $key => $needed) {
		if (is_string($key) && strpos($key, 'always') !== 0 && $country !== '' && strpos($key, $country) !== 0) {
			continue; // what another country needs
		}
		foreach ((array) $needed as $class) {
			$other = activateModule($class);
			$done['nbmodules'] += $other['nbmodules'];
			$done['nbperms'] += $other['nbperms'];
			$done['errors'] = array_merge($done['errors'], $other['errors']);
		}
	}
	foreach ($withdeps ? $module->conflictwith : array() as $class) {
		if (sandbox_module($class) !== null) {
			unActivateModule($class, 0);
		}
	}
	if (!$done['errors']) {
		$done['nbmodules']++;
		$done['nbperms'] += count($module->rights);
	}
	return $done;
}

/**
 * @param string $value      class of the module's descriptor
 * @param int    $requiredby whether to switch off what depends on it as well
 * @return string '' or what failed
 */
function unActivateModule($value, $requiredby = 1)
{
	$module = sandbox_module($value);
	if ($module === null) {
		return 'Module '.$value.' not found';
	}
	if ($module->remove() <= 0) {
		return $module->error;
	}
	foreach ($requiredby ? $module->requiredby : array() as $class) {
		$failure = unActivateModule($class);
		if ($failure !== '') {
			return $failure;
		}
	}
	return '';
}

/**
 * @param array $first  version as numbers
 * @param array $second version as numbers
 * @return int < 0, 0 or > 0
 */
function versioncompare($first, $second)
{
	return version_compare(implode('.', $first), implode('.', $second));
}
