<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Texts by key. The first words of each are what a client can look for; they are the same as in 22.0.4.
return array(
	'WarningModuleNotActive' => 'Module <b>%s</b> must be enabled',
	'ToActivateModule' => 'Modules are switched on in Home, Setup, Modules.',
	'WarningAPIExplorerDisabled' => 'The API explorer has been disabled. Calls to the API work without it; a constant switches it on again',
	'ErrorLoginAlreadyExists' => 'Login %s already exists.',
	'ErrorEmailAlreadyExists' => 'Email %s already exists.',
	'ErrorFieldRequired' => 'Field %s is required',
	'ErrorBadCharIntoLoginName' => 'The field %s contains a character that is not allowed',
	'AdminLoginCreatedSuccessfuly' => "Administrator login '<b>%s</b>' created successfully.",
	'ConfFileIsNotWritable' => 'Configuration file <b>%s</b> is not writable by the user that runs this page.',
	'InstallLocked' => 'The install/upgrade pages have been disabled for security: the file <b>install.lock</b> is in the documents directory.',
	'WarningRemoveInstallDir' => 'Warning, for security reasons, you must add a file called <b>install.lock</b> into the documents directory.',
);
