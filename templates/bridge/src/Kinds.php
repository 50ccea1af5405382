<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Of which kind each argument of a command has to be. PHP would make something of anything: 0 of the entity "abc", and
 * true of the word "false", which turned a user into an administrator.
 */
class Kinds
{
	const OF = array(
		'entity' => 'number', 'id' => 'number',
		'everywhere' => 'truth', 'exact' => 'truth', 'reveal' => 'truth', 'admin' => 'truth', 'enabled' => 'truth',
		'existing' => 'truth', 'holding' => 'truth', 'asked' => 'truth',
		'names' => 'texts', 'declared' => 'texts', 'rights' => 'texts', 'groups' => 'texts',
		'login' => 'text', 'name' => 'text', 'lastname' => 'text', 'firstname' => 'text', 'email' => 'text',
		'password' => 'text', 'key' => 'text', 'country' => 'text', 'currency' => 'text', 'language' => 'text',
		'address' => 'text', 'zip' => 'text', 'town' => 'text', 'state' => 'text', 'phone' => 'text', 'mobile' => 'text', 'fax' => 'text',
		'web' => 'text', 'vat_number' => 'text', 'managers' => 'text', 'capital' => 'text', 'legal_form' => 'text', 'object' => 'text',
		'fiscal_month' => 'number', 'vat_used' => 'truth',
		'dictionaries' => 'mapping', 'extra_fields' => 'mapping', 'numbering' => 'mapping', 'default_rights' => 'mapping',
		'professional_ids' => 'mapping', 'logo' => 'mapping', 'logo_square' => 'mapping',
		'note' => 'text', 'first_password' => 'text',
	);

	const WORDS = array(
		'number' => 'a number from 0 on',
		'truth' => 'true or false',
		'texts' => 'a list of texts',
		'text' => 'a text',
		'mapping' => 'a mapping',
	);

	/**
	 * @param array<string, mixed> $arguments
	 * @throws Failure `usage` on the first that is of another kind; null is as good as not given
	 */
	public static function check(array $arguments): void
	{
		foreach ($arguments as $name => $value) {
			$kind = self::OF[$name] ?? '';
			if ($kind !== '' && $value !== null && !self::is($kind, $value)) {
				// What stands there may be a secret.
				$seen = $kind === 'number' && is_string($value) ? '"'.$value.'"' : gettype($value);
				throw new Failure('usage', "\"$name\" wants ".self::WORDS[$kind].", and is $seen.", 'See: miclinikctl help');
			}
		}
	}

	/** @param mixed $value */
	private static function is(string $kind, $value): bool
	{
		switch ($kind) {
			case 'number':
				return (is_int($value) || is_string($value)) && preg_match('/^[0-9]{1,9}$/D', (string) $value) === 1;
			case 'truth':
				return is_bool($value);
			case 'texts':
				return is_array($value) ? array_filter($value, 'is_string') === $value : is_string($value);
			case 'mapping':
				return is_array($value);
			default:
				// A password may be made of digits only, and a writer of JSON may leave the quotes out.
				return is_string($value) || is_int($value);
		}
	}
}
