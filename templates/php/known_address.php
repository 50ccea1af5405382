<?php
// Copyright (c) miclinik.hosting maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Keeps a file for each address from which somebody known has called lately. People and programs of a clinic share one
// address: fail2ban asks here before it shuts all of them out for one old key that a forgotten program goes on sending.
// PHP runs this before calls with a key on record, and signed_in.php runs it for people who have logged in.

(static function (): void {
    $folder = dirname(ini_get('session.save_path')) . '/signed-in/from';
    $address = (string) ($_SERVER['REMOTE_ADDR'] ?? '');
    if (@inet_pton($address) === false || time() - (int) @filemtime("$folder/$address") < 300) {
        return;
    }
    if (!is_dir($folder)) {
        @mkdir($folder, 0700);
    }
    @touch("$folder/$address"); // a call is worth more
    (require __DIR__ . '/forget_old.php')($folder, 86400);
})();
