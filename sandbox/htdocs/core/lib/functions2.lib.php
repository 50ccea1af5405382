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
