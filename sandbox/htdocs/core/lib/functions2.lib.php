<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * @param string $subdir subfolder of the modules' folders, with a leading slash
 * @return string[] folders with module descriptors, each with a trailing slash
 */
function dolGetModulesDirs($subdir = '')
{
	$dirs = array(DOL_DOCUMENT_ROOT.'/core/modules'.$subdir.'/');
	foreach ((array) glob(DOL_DOCUMENT_ROOT.'/custom/*/core/modules', GLOB_ONLYDIR) as $custom) {
		$dirs[] = $custom.$subdir.'/';
	}
	return $dirs;
}

/**
 * @param string $module name that an endpoint or a module descriptor has, in lower case
 * @return string folder that holds the API class
 */
function getModuleDirForApiClass($module)
{
	return Sandbox\Api\Registry::folderOf($module);
}

/**
 * @param DoliDB                $db   database
 * @param Conf                  $conf configuration
 * @param User                  $user whose parameters these are
 * @param array<string, string> $tab  values by name; an empty one takes the parameter away
 * @return int 1, or -1 on failure
 */
function dol_set_user_param($db, $conf, &$user, $tab)
{
	$table = MAIN_DB_PREFIX.'user_param';
	try {
		return $db->transaction(function () use ($db, $conf, $user, $tab, $table) {
			foreach ($tab as $name => $value) {
				$db->run("DELETE FROM $table WHERE fk_user = ? AND entity = ? AND param = ?", array((int) $user->id, (int) $conf->entity, $name));
				if ($value) {
					$db->run(
						"INSERT INTO $table (fk_user, entity, param, value) VALUES (?, ?, ?, ?)",
						array((int) $user->id, (int) $conf->entity, $name, (string) $value)
					);
				}
			}
			return 1;
		});
	} catch (Sandbox\Sql\SqlError $e) {
		return -1;
	}
}

/**
 * As much as tells a mask that is none: the sandbox numbers its records without.
 *
 * @param DoliDB $db   database
 * @param string $mask as {yyyy}-{0000}
 * @return string a number, or what is wrong
 */
function get_next_value($db, $mask)
{
	if (!preg_match('/\{(0{3,})(@(\d+))?\}/', $mask, $found)) {
		return strpos($mask, '{0') === false ? 'ErrorBadMask' : 'ErrorCounterMustHaveMoreThan3Digits';
	}
	if (isset($found[3]) && strpos($mask, '{y') === false) {
		return 'ErrorCantUseRazIfNoYearInMask';
	}
	return strtr($mask, array($found[0] => sprintf('%0'.strlen($found[1]).'d', 1), '{yyyy}' => date('Y'), '{yy}' => date('y'), '{mm}' => date('m')));
}
