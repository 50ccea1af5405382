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
			$parts = self::parts($folder);
			foreach ($parts as $file) {
				self::read($file);
			}
			if ($parts && self::startApi()) {
				foreach ($parts as $file) {
					include_once $file;
				}
			}
		} catch (\Throwable $problem) {
			// What was only read has no file by PHP's account, and a class that is not in its file is missed by the bridge.
			$at = dirname($problem->getFile()) === __DIR__ ? basename($file) : basename($problem->getFile() ?: $file).':'.$problem->getLine();
			$seen = get_class($problem).': '.Secrecy::tidy($problem->getMessage(), 300);
			throw new Failure('module', "The module \"$name\" cannot be loaded: $seen ($at).", 'Mend that file.');
		}
		return array('changed' => false, 'class' => $class);
	}

	/**
	 * Whether the module's parts of the API are PHP at all: asked before it is switched on, since afterwards the API
	 * lists nothing of any module.
	 *
	 * @throws Failure `module`
	 */
	public static function ofApi(string $name, string $class): void
	{
		$file = Descriptors::file($class);
		foreach ($file === null ? array() : self::parts(dirname($file, 3)) as $part) {
			try {
				self::read($part);
			} catch (\Throwable $problem) {
				$seen = Secrecy::tidy($problem->getMessage(), 300).' ('.basename($part).':'.$problem->getLine().')';
				throw new Failure('module', "The module \"$name\" has a part of the API that cannot be loaded: $seen.", 'Mend that file.');
			}
		}
	}

	/** One that throws what nobody catches, when it is loaded or switched on. */
	public static function dies(string $name, \Throwable $problem): Failure
	{
		$at = basename($problem->getFile()).':'.$problem->getLine();
		$seen = get_class($problem).': '.Secrecy::tidy($problem->getMessage(), 300)." ($at)";
		return new Failure('module', "The module \"$name\" dies when it is switched on: $seen.", 'Mend the module, or leave it out.');
	}

	/** @return string[] the files that the API loads of a module's folder */
	private static function parts(string $folder): array
	{
		return glob($folder.'/class/api_*.class.php') ?: array();
	}

	/** @throws \Throwable where it is no PHP */
	private static function read(string $file): void
	{
		token_get_all((string) file_get_contents($file), TOKEN_PARSE);
	}

	/** Loads what api/index.php has loaded before any part of the API; false where the application has no such files. */
	private static function startApi(): bool
	{
		$files = array('includes/restler/framework/Luracast/Restler/AutoLoader.php', 'api/class/api.class.php', 'api/class/api_access.class.php');
		foreach ($files as $file) {
			if (!is_file(DOL_DOCUMENT_ROOT.'/'.$file)) {
				return false;
			}
		}
		require_once DOL_DOCUMENT_ROOT.'/'.array_shift($files);
		spl_autoload_register(\Luracast\Restler\AutoLoader::instance());
		foreach (array_merge($files, array('core/lib/functions2.lib.php')) as $file) {
			require_once DOL_DOCUMENT_ROOT.'/'.$file;
		}
		return true;
	}
}
