<?php
// Copyright (c) miclinik.hosting maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Tells the balancers of a cluster, once a second, whether this host can serve the site: PHP runs, the database answers
// by conf.php, the documents are there, on the volume. It has a pool of its own, so that a busy host is not taken for a
// dead one. One that hangs, as where the volume does not answer, is told by its silence.

$lacks = (static function (): string {
    if ((@include $_SERVER['MICLINIK_CONF']) === false) {
        return 'configuration';
    }
    clearstatcache();
    $documents = realpath($dolibarr_main_data_root);
    $found = $documents === false ? false : @stat($documents);
    // A folder of that name that is not on the volume holds other documents than the other hosts have.
    if ($found === false || !is_writable($documents) || $found['dev'] === (@stat(dirname($documents, 2))['dev'] ?? null)) {
        return 'documents';
    }
    mysqli_report(MYSQLI_REPORT_OFF);
    $link = mysqli_init();
    $link->options(MYSQLI_OPT_CONNECT_TIMEOUT, 1);
    $link->options(MYSQLI_OPT_READ_TIMEOUT, 1);
    $reached = @$link->real_connect(
        $dolibarr_main_db_host,
        $dolibarr_main_db_user,
        $dolibarr_main_db_pass,
        $dolibarr_main_db_name,
        (int) $dolibarr_main_db_port
    );
    if (!$reached || @$link->query("SELECT 1 FROM {$dolibarr_main_db_prefix}const LIMIT 1") === false) {
        return 'database';
    }
    $link->close();
    return '';
})();

http_response_code($lacks === '' ? 200 : 503);
header('Content-Type: text/plain');
echo $lacks === '' ? "alive\n" : "lacks: $lacks\n";
