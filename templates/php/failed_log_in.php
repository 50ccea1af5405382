<?php
// Copyright (c) miclinik.hosting maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Says whether a call was a guess that failed, for the web server's log: the application answers a wrong password with 200
// as if it were none, and writes down neither that nor a wrong key where a filter could read it. The web server writes the
// word into its log and lets no client see it. signed_in.php asks, when the answer's headers are sent.
//
// A call without a key guesses nothing, and one with a good key but without a right neither: 15 and 16 answer it 401 too.

/** @return callable(): string password, key, login, or '' for none of these */
return (static function (): callable {
    // What was sent, before main.inc.php may have changed it. The form's fields count in a query as well.
    $sent = static function (string ...$names): bool {
        foreach ($names as $name) {
            foreach ([$_POST[$name] ?? '', $_GET[$name] ?? ''] as $value) {
                if (is_string($value) && $value !== '') {
                    return true;
                }
            }
        }
        return false;
    };
    $password = $sent('password');
    $key = ($_SERVER['HTTP_DOLAPIKEY'] ?? '') !== ''
        || preg_match('/^Bearer +\S/i', $_SERVER['HTTP_AUTHORIZATION'] ?? '')
        || $sent('DOLAPIKEY', 'api_key');
    $of_api = substr($_SERVER['SCRIPT_NAME'] ?? '', -14) === '/api/index.php';

    return static function () use ($password, $key, $of_api): string {
        if (!$of_api) {
            // Pages that ask nobody who he is define NOLOGIN; the others have a session by now.
            $asked = $password && !defined('NOLOGIN') && isset($_SESSION);
            return $asked && empty($_SESSION['dol_login']) ? 'password' : '';
        }
        // The application's check of passwords leaves its reason there, session or not (core/login/functions_*.php).
        // Where several are asked, one of them may have left it before another has let the caller in.
        if (!empty($_SESSION['dol_loginmesg']) && http_response_code() !== 200) {
            return 'login';
        }
        // Without a good key the API's description holds less, and is 200 all the same.
        $refused = http_response_code() === 401 || strpos($_SERVER['REQUEST_URI'] ?? '', '/explorer/swagger.json') !== false;
        return $key && $refused && empty($GLOBALS['user']->id) ? 'key' : '';
    };
})();
