<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * No module of the sandbox has hooks; callers may ask all the same.
 */
class HookManager
{
	/** @param DoliDB $db kept for callers */
	public function __construct($db)
	{
	}

	/** @return int */
	public function initHooks($contexts)
	{
		return 0;
	}

	/** @return int */
	public function executeHooks($name, $parameters = array())
	{
		return 0;
	}
}
