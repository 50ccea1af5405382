<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Whether a module can be loaded at all. A descriptor that cannot takes the page of modules with it, and a part of the
 * API that cannot the whole explorer.
 */
class ModuleTrial
{
	/**
	 * @return array<string, mixed>
	 * @throws Failure `module`
	 */
	public static function of(Application $application, string $name): array
	{
		$class = (new Modules($application))->classOf($name);
		$file = Descriptors::file($class);
		if ($file === null) {
			throw new Failure('unknown_module', "There is no file of $class.", 'See: miclinikctl module list');
		}
		$folder = dirname($file, 3);
		try {
			Descriptors::load($application, $class);
			foreach (glob($folder.'/class/api_*.class.php') ?: array() as $file) {
				// Read only: what such a file wants to be there, the API alone has loaded.
				token_get_all((string) file_get_contents($file), TOKEN_PARSE);
			}
		} catch (\Throwable $problem) {
			// What was only read has no file by PHP's account, and a class that is not in its file is missed by the bridge.
			$at = dirname($problem->getFile()) === __DIR__ ? basename($file) : basename($problem->getFile() ?: $file).':'.$problem->getLine();
			$seen = get_class($problem).': '.Secrecy::tidy($problem->getMessage(), 300);
			throw new Failure('module', "The module \"$name\" cannot be loaded: $seen ($at).", 'Mend that file.');
		}
		return array('changed' => false, 'class' => $class);
	}
}
