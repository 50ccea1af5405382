<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

/**
 * Bodies as XML: <response> with an element a key, <item> for what has a number, <text> for numbered texts in details.
 */
class Xml
{
	/**
	 * @param mixed $value body
	 * @return string document
	 */
	public static function encode($value)
	{
		return '<?xml version="1.0" encoding="UTF-8"?>'."\n".self::element('response', $value, 0);
	}

	/** @return string */
	private static function element($name, $value, $depth)
	{
		$indent = str_repeat('    ', $depth);
		$value = is_object($value) ? get_object_vars($value) : $value;
		if (is_array($value) && $value) {
			$inner = '';
			foreach ($value as $key => $item) {
				$tag = is_int($key) ? (is_scalar($item) ? 'text' : 'item') : preg_replace('/[^\w.-]/', '_', $key);
				$inner .= self::element($tag, $item, $depth + 1);
			}
			return $indent.'<'.$name.">\n".$inner.$indent.'</'.$name.">\n";
		}
		if (is_array($value) || $value === null || $value === '') {
			return $indent.'<'.$name."/>\n";
		}
		$text = is_bool($value) ? ($value ? 'true' : 'false') : htmlspecialchars((string) $value, ENT_XML1 | ENT_NOQUOTES, 'UTF-8');
		return $indent.'<'.$name.'>'.$text.'</'.$name.">\n";
	}
}
