<?php
// Copyright (c) miclinik.hosting maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Takes old files out of a folder, once in some fifty calls: known_address.php and signed_in.php keep one for each address
// and for each session.

return static function (string $folder, int $seconds): void {
    if (random_int(1, 50) !== 1) {
        return;
    }
    foreach (@scandir($folder) ?: [] as $name) {
        if ($name[0] !== '.' && is_file("$folder/$name") && (int) @filemtime("$folder/$name") < time() - $seconds) {
            @unlink("$folder/$name");
        }
    }
};
