<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Api;

/**
 * Checks one parameter against its type.
 */
class Parameter
{
	/**
	 * @param string $name  parameter
	 * @param array  $param type, required, default
	 * @param mixed  $value what came, null = nothing
	 * @return mixed value of the right type
	 * @throws ApiError 400
	 */
	public static function check($name, array $param, $value)
	{
		if ($value === null) {
			if ($param['required']) {
				throw new ApiError(400, '`'.$name.'` is required.');
			}
			return $param['default'];
		}
		$error = 'Invalid value specified for `'.$name.'`';
		switch ($param['type']) {
			case 'int':
				if (is_bool($value) || is_array($value) || !is_numeric($value) || (int) $value != $value) {
					throw new ApiError(400, $error.'. Expecting integer value');
				}
				return (int) $value;
			case 'bool':
				if (is_bool($value)) {
					return $value;
				}
				if (in_array((string) (is_array($value) ? '' : $value), array('0', '1'), true)) {
					return (string) $value === '1';
				}
				throw new ApiError(400, $error.'. Expecting boolean value');
			case 'array':
				if (!is_array($value)) {
					throw new ApiError(400, $error);
				}
				return $value;
		}
		if (is_array($value)) {
			throw new ApiError(400, $error.'. Expecting alpha numeric value');
		}
		$text = trim((string) $value);
		if ($param['required'] && $text === '') {
			throw new ApiError(400, '`'.$name.'` is required.');
		}
		return $text;
	}
}
