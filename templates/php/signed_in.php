<?php
// Copyright (c) miclinik.hosting maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// PHP runs this before every page. It keeps a file for each session of somebody who has logged in, so that the web server
// tells them from everybody else without asking PHP: whoever guesses passwords waits for a few workers with the others who
// are unknown. A cookie alone says nothing, since the log-in page gives one to everybody.
//
// $_SESSION['dol_login'] is set in the application's main.inc.php when a log-in has succeeded (Dolibarr 15 to 24).

// Strangers share few workers, and a flood of them would still keep the processors and the database busy. So all of them
// together have a pace, which a file keeps: up to when the calls so far have used it up. A burst of 3 seconds is free.
(static function (): void {
    $pace = (int) getenv('MICLINIK_PACE');
    $file = $pace > 0 ? @fopen(ini_get('session.save_path') . '/pace', 'c+') : false;
    if ($file === false || !flock($file, LOCK_EX)) {
        return;
    }
    $now = microtime(true);
    $used = (float) stream_get_contents($file);
    $used = max($used < $now + 10 ? $used : 0.0, $now - 3) + 1 / $pace; // a clock may have been set back
    rewind($file);
    fwrite($file, sprintf('%.4F', $used));
    fclose($file);
    if ($used > $now) {
        usleep((int) (($used - $now) * 1e6));
    }
})();

(static function (): void {
    $folder = dirname(ini_get('session.save_path')) . '/signed-in';
    // Of a form that has just been sent, in a query as well. Later main.inc.php may have changed it.
    $form = in_array('login', [$_POST['actionlogin'] ?? '', $_GET['actionlogin'] ?? ''], true);
    $failed = require __DIR__ . '/failed_log_in.php';

    $file = static function (string $id) use ($folder): string {
        return preg_match('/^[A-Za-z0-9,-]{22,256}$/D', $id) ? "$folder/$id" : '';
    };

    $follow = static function () use ($folder, $form, $file): void {
        if (!isset($_SESSION) || defined('NOSESSION')) {
            return; // this page has no session, which says nothing of the one that there may be
        }
        $asked = $file((string) ($_COOKIE[session_name()] ?? ''));
        if (empty($_SESSION['dol_login'])) {
            if ($asked !== '' && is_file($asked)) {
                unlink($asked);
            }
            return;
        }
        // Whoever knew the number before the log-in does not know the new one.
        if ($form && session_status() === PHP_SESSION_ACTIVE && session_regenerate_id(true) && $asked !== '') {
            @unlink($asked);
        }
        $own = $file((string) session_id());
        if ($own === '' || time() - (int) @filemtime($own) < 300) {
            return;
        }
        touch($own);
        require __DIR__ . '/known_address.php';
        (require __DIR__ . '/forget_old.php')($folder, max((int) ini_get('session.gc_maxlifetime'), 86400));
    };

    // The application sets none of these two, or leaves one out where TLS ends in front of PHP (15 to 20).
    $flag = static function (): void {
        $cookies = preg_grep('/^Set-Cookie:/i', headers_list()) ?: [];
        $secure = ($_SERVER['HTTPS'] ?? '') === 'on' ? '; Secure' : '';
        header_remove('Set-Cookie');
        foreach ($cookies as $cookie) {
            $cookie .= stripos($cookie, '; secure') === false ? $secure : '';
            $cookie .= stripos($cookie, '; samesite') === false ? '; SameSite=Lax' : '';
            header($cookie, false);
        }
    };

    $done = false;
    $once = static function () use ($follow, $flag, $failed, &$done): void {
        if (!$done) {
            $done = true;
            try {
                $follow();
                if (!headers_sent()) {
                    $flag();
                    $word = $failed();
                    if ($word !== '') {
                        header("X-Miclinik-Failed: $word"); // for the web server's log alone
                    }
                }
            } catch (Throwable $error) {
                error_log('signed_in.php: ' . $error->getMessage()); // the page is worth more
            }
        }
    };
    // As long as the session is open and a cookie can be sent: before the page, or at the end of one that says nothing.
    header_register_callback($once);
    register_shutdown_function($once);
})();
