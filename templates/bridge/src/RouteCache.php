<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The API's cache of routes. In production mode it is not made anew when modules change, so a module that was
 * just switched on stays unknown to the API until somebody asks for the explorer's list of operations.
 */
class RouteCache
{
	public static function path(string $dataRoot): string
	{
		return $dataRoot.'/api/temp/routes.php';
	}

	/**
	 * Removes the cache.
	 *
	 * @return bool whether there was one: then a call of explorer/swagger.json has to build it again
	 * @throws Failure `route_cache`
	 */
	public static function drop(string $dataRoot): bool
	{
		$path = self::path($dataRoot);
		clearstatcache(true, $path);
		if (!is_file($path)) {
			return false;
		}
		if (!@unlink($path)) {
			throw new Failure(
				'route_cache',
				"The API's route cache $path is stale and could not be removed.",
				"Give the folder to the site's user."
			);
		}
		return true;
	}

	/** What is in it, null where there is none. */
	public static function content(string $dataRoot): ?string
	{
		$text = is_file(self::path($dataRoot)) ? file_get_contents(self::path($dataRoot)) : false;
		return $text === false ? null : $text;
	}

	/** Has it be there again where something has taken it away that was no change of modules. */
	public static function putBack(string $dataRoot, ?string $content): void
	{
		$path = self::path($dataRoot);
		clearstatcache(true, $path);
		if ($content === null || is_file($path) || (!is_dir(dirname($path)) && !mkdir(dirname($path), 0750, true))) {
			return;
		}
		// Whole or not at all: the API reads it while this is done.
		if (file_put_contents("$path.new", $content) === strlen($content)) {
			rename("$path.new", $path);
		}
	}
}
