<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Root becomes the site's user, for good, before anything of the application is included: what the application
 * writes must belong to the user that serves it, and its code must not run as root.
 */
class Privileges
{
	/**
	 * @param string|null $name the site's user; may be null only when the caller is not root
	 * @throws Failure `no_user`, `cannot_drop`
	 */
	public static function becomeUser(?string $name): void
	{
		if (!function_exists('posix_geteuid')) {
			throw new Failure('no_posix', "PHP's posix extension is missing.", 'Install the package phpX.Y-common.');
		}
		if (posix_geteuid() !== 0) {
			return;
		}
		if ($name === null || $name === '') {
			throw new Failure(
				'no_user',
				'Started as root without the name of the site\'s user.',
				'Give --site NAME, or --root HTDOCS with --user USER.'
			);
		}
		$entry = posix_getpwnam($name);
		if ($entry === false) {
			throw new Failure('no_user', "There is no Unix user $name.", 'Run the application role, which makes it.');
		}
		if ($entry['uid'] === 0) {
			throw new Failure('cannot_drop', 'The site\'s user is root.', 'Name an unprivileged user.');
		}
		// Before the switch: the working directory may be root's home, which the user cannot even look up.
		chdir('/');
		if (!posix_initgroups($name, $entry['gid']) || !posix_setgid($entry['gid']) || !posix_setuid($entry['uid'])) {
			throw new Failure('cannot_drop', "Could not become the user $name.", 'Start miclinikctl as root.');
		}
		putenv('HOME='.$entry['dir']);
		putenv('USER='.$name);
	}
}
