<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox;

/**
 * Looks for SQL and scripts in what a request brings.
 */
class RequestFilter
{
	const FORM = 0;
	const QUERY = 1;
	const PATH = 2;

	/** What no value may hold, wherever it comes from. */
	const SCRIPTS = array(
		'#<\s*/?\s*(script|style|embed|audio|iframe|object|/textarea)\b#i',
		'#</textarea#i',
		'#(j\s*a\s*v\s*a|v\s*b)\s*s\s*c\s*r\s*i\s*p\s*t\s*:#i',
		'#set\.constructor#i',
		'#base\s+href#i',
		'#=data:#i',
		'#\bon[a-z]{3,}\s*=#i',
		'#&\#(58|0+58|x3a)#i',
	);

	/** What only a query string may not hold: forms bring texts in which such words are harmless. */
	const SQL = array(
		'#(delete|select)[\s/*]*from#i',
		'#create[\s/*]*table#i',
		'#insert[\s/*]*into#i',
		'#into[\s/*]*(outfile|dumpfile)#i',
		'#from[\s/*]*dual#i',
		'#user[\s/*]*\(#i',
		'#information_schema#i',
		'#union.+select#i',
		'#update[^&=\w].*set.+=#i',
		'#<svg#i',
		'#"#',
	);

	/** What neither a query string nor a form field may hold. */
	const VALUES = array('#updatexml\(#i', '#\.\.%2f#i', '#\s@@#');

	/**
	 * Ends the request with 403 and HTML when it finds something.
	 *
	 * @param array $server $_SERVER
	 * @param array $form   $_POST
	 * @return void
	 */
	public static function guard(array $server, array $form)
	{
		$path = isset($server['PHP_SELF']) ? $server['PHP_SELF'] : '';
		$query = isset($server['QUERY_STRING']) ? urldecode($server['QUERY_STRING']) : '';
		if (self::isEvil($path, self::PATH)) {
			self::refuse($server, self::PATH);
		}
		if (self::isEvil($query, self::QUERY)) {
			self::refuse($server, self::QUERY);
		}
		if (self::holdsEvil($form)) {
			self::refuse($server, self::FORM);
		}
	}

	/**
	 * @param array $values form fields; the names are held to the rules of a query string
	 * @return bool
	 */
	private static function holdsEvil(array $values)
	{
		foreach ($values as $name => $value) {
			if (self::isEvil((string) $name, self::QUERY) || (is_array($value) ? self::holdsEvil($value) : self::isEvil($value, self::FORM))) {
				return true;
			}
		}
		return false;
	}

	/**
	 * @param string $text decoded text
	 * @param int    $from FORM, QUERY or PATH
	 * @return bool
	 */
	public static function isEvil($text, $from)
	{
		do {
			$before = $text;
			$text = (string) preg_replace('/<!--[^>]*-->|[\r\n\t]/', '', html_entity_decode($text, ENT_QUOTES | ENT_HTML5, 'UTF-8'));
		} while ($text !== $before);
		if (preg_match('/[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]/', $text) || !preg_match('//u', $text)) {
			return true;
		}
		if ($from === self::PATH && preg_match('/[:;"\'<>?(){}$%#]/', $text)) {
			return true;
		}
		$patterns = self::SCRIPTS;
		if ($from !== self::PATH) {
			$patterns = array_merge($patterns, self::VALUES);
		}
		if ($from === self::QUERY) {
			$patterns = array_merge($patterns, self::SQL);
		}
		foreach ($patterns as $pattern) {
			// Tags inside an attribute's name hide it: on<a>load=
			if (preg_match($pattern, $text) || preg_match($pattern, (string) preg_replace('/<[^<]*>/', '', $text))) {
				return true;
			}
		}
		return false;
	}

	/**
	 * @param array $server $_SERVER
	 * @param int   $from   FORM, QUERY or PATH
	 * @return void
	 */
	private static function refuse(array $server, $from)
	{
		http_response_code(403);
		$client = htmlspecialchars(isset($server['REMOTE_ADDR']) ? $server['REMOTE_ADDR'] : 'unknown');
		print 'Access refused to '.$client.' by SQL or Script injection protection in main.inc.php:analyseVarsForSqlAndScriptsInjection type='.$from."<br>\n";
		print "Correct what was sent and send it again.\n";
		error_log('Refused a request by the injection filter, type='.$from);
		exit;
	}
}
