<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The descriptors of modules, by their class names.
 */
class Descriptors
{
	/** The file of a class, null where no folder of modules has one. */
	public static function file(string $class): ?string
	{
		foreach (dolGetModulesDirs() as $folder) {
			$file = rtrim($folder, '/')."/$class.class.php";
			if (is_file($file)) {
				return $file;
			}
		}
		return null;
	}

	/**
	 * @return object the module's descriptor
	 * @throws \Throwable whatever a foreign module does when it is loaded, or where there is none of that name
	 */
	public static function load(Application $application, string $class)
	{
		$file = self::file($class);
		if ($file !== null) {
			include_once $file;
		}
		return new $class($application->db());
	}
}
