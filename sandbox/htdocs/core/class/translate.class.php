<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Texts of the pages. The sandbox speaks English only; the methods are those that callers use.
 */
class Translate
{
	/** @var string */
	public $defaultlang = 'en_US';

	/**
	 * @param string $dir  kept for callers
	 * @param Conf   $conf kept for callers
	 */
	public function __construct($dir = '', $conf = null)
	{
	}

	/**
	 * @param string $lang for instance es_ES
	 * @return void
	 */
	public function setDefaultLang($lang = 'en_US')
	{
		$this->defaultlang = $lang === 'auto' ? 'en_US' : $lang;
	}

	/** @return string */
	public function getDefaultLang()
	{
		return $this->defaultlang;
	}

	/** @return int */
	public function load($domain)
	{
		return 1;
	}

	/** @return int */
	public function loadLangs($domains)
	{
		return 1;
	}

	/**
	 * @param string $key    key of a text, returned as it is when unknown
	 * @param string $param1 first parameter
	 * @return string
	 */
	public function trans($key, $param1 = '')
	{
		static $texts = null;
		if ($texts === null) {
			$texts = require DOL_DOCUMENT_ROOT.'/core/sandbox/Data/texts.php';
		}
		return isset($texts[$key]) ? sprintf($texts[$key], $param1) : $key;
	}

	/** @return string */
	public function transnoentities($key, $param1 = '')
	{
		return $this->trans($key, $param1);
	}
}
