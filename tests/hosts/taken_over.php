<?php
// Copyright (c) miclinik.hosting maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// What somebody would try who runs PHP in a site's pool: __OWN__ is the site, __OTHER__ another one of the host.
// Each attempt says what it got; false, or an empty list, is nothing.

error_reporting(0);
$own = '__OWN__';
$other = '__OTHER__';
$status = array_map(fn ($line) => preg_split('/:\s*/', $line), file('/proc/self/status', FILE_IGNORE_NEW_LINES));
$status = array_combine(array_column($status, 0), array_column($status, 1));

$reach = function (string $address) {
    $opened = stream_socket_client($address, $number, $text, 2);
    return $opened ? true : $text;
};
$status_of = function (string $name, string $path, string $header) {
    $call = ['http' => ['header' => "Host: $name\r\n$header", 'ignore_errors' => true, 'timeout' => 20]];
    $call['ssl'] = ['verify_peer' => false, 'verify_peer_name' => false, 'peer_name' => $name];
    file_get_contents("__ORIGIN__$path", false, stream_context_create($call));
    return (int) explode(' ', $http_response_header[0] ?? ' 0')[1];
};
$write = fn (string $path) => file_put_contents($path, 'x') !== false && unlink($path);
$scripts = array_keys(opcache_get_status(true)['scripts'] ?? []);

echo json_encode([
    'its user' => trim(shell_exec('id -un')),
    'reads conf.php of another' => file_get_contents("/srv/miclinik/$other/conf.php"),
    'lists documents' => scandir("/srv/miclinik/$other/documents"),
    'lists sessions' => scandir("/srv/miclinik/$other/sessions"),
    'reads secrets' => file_get_contents("/etc/miclinik/$other/secrets.json"),
    'reads its own secrets' => file_get_contents("/etc/miclinik/$own/secrets.json"),
    'reads PHP configuration' => file_get_contents("/etc/miclinik-php/$other/web.conf"),
    'reads shadow' => file_get_contents('/etc/shadow'),
    'lists compiled scripts' => array_values(array_filter($scripts, fn ($path) => strpos($path, "/$other/") !== false)),
    'drops a compiled script' => opcache_invalidate("/srv/miclinik/$other/current/htdocs/main.inc.php", true),
    'calls the pool' => $reach("unix:///run/miclinik-php/$other/api.sock"),
    'calls an API past its addresses' => $status_of('__GUARDED__', '__PATH__/api/index.php/status', 'X-Miclinik-Token: x'),
    'puts a socket in its place' => unlink("/run/miclinik-php/$own/api.sock"),
    'links a socket' => symlink("/run/miclinik-php/$other/api.sock", "/run/miclinik-php/$own/x.sock"),
    'sees processes' => array_values(array_filter(
        glob('/proc/[0-9]*/cmdline') ?: [],
        fn ($path) => strpos(file_get_contents($path), "pool $other") !== false
    )),
    'kills' => posix_kill(1, 9),
    'writes code' => $write("/srv/miclinik/$own/current/htdocs/x.php"),
    'writes conf.php' => is_writable("/srv/miclinik/$own/conf.php"),
    'writes PHP configuration' => $write("/etc/miclinik-php/$own/x.conf"),
    'writes /var/lib' => $write('/var/lib/taken-over'),
    'writes /srv' => $write('/srv/taken-over'),
    'becomes root' => trim(shell_exec('sudo -n id -un 2>/dev/null; su -c id 2>/dev/null') ?? ''),
    'no new privileges' => $status['NoNewPrivs'],
    'capabilities' => [$status['CapEff'], $status['CapBnd']],
    'system calls are filtered' => $status['Seccomp'],
    'changes its user' => function_exists('posix_setuid') && posix_setuid(0),
    'loads an extension' => function_exists('dl'),
    'makes a namespace' => trim(shell_exec('unshare -U id -un 2>/dev/null') ?? ''),
    'mounts' => trim(shell_exec('mount -t tmpfs t /srv/miclinik 2>/dev/null && echo mounted') ?? ''),
    'raw sockets' => (bool) socket_create(AF_INET, SOCK_RAW, 1),
    'sees homes' => array_diff(array_merge(scandir('/root') ?: [], scandir('/home') ?: []), ['.', '..']),
    'sees devices' => file_exists('/dev/sda') || file_exists('/dev/kmsg') || file_exists('/dev/mem'),
    'kernel settings' => file_put_contents('/proc/sys/kernel/hostname', 'x') !== false,
    'temporary file' => tempnam('/tmp', 'taken-over'),
]);
