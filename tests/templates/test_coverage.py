# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""No template without a test."""

from __future__ import annotations

from pathlib import Path

from .rendering import ROOT

HERE = Path(__file__).parent
TESTED_IN = {
    "alert/failure.conf.j2": "test_alert.py",
    "alert/miclinik-alert@.service.j2": "test_alert.py",
    "alert/settings.json.j2": "test_alert.py",
    "apache/body.lua.j2": "test_web_served.py",
    "apache/default.conf.j2": "test_apache.py",
    "apache/keys.j2": "test_apache.py",
    "apache/miclinik.conf.j2": "test_apache.py",
    "apache/ports.conf.j2": "test_apache.py",
    "apache/site.conf.j2": "test_apache.py",
    "apache/tls.conf.j2": "test_apache.py",
    "apache/vhost.conf.j2": "test_apache.py",
    "application/conf.php.j2": "test_application.py",
    "application/site.json.j2": "test_application.py",
    "baseline/firewall.nft.j2": "test_baseline.py",
    "baseline/firewall.service.j2": "test_baseline.py",
    "baseline/needrestart.conf.j2": "test_baseline.py",
    "baseline/upgraded.conf.j2": "test_baseline.py",
    "baseline/upgrades.conf.j2": "test_baseline.py",
    "backup/backup.service.j2": "test_backup.py",
    "backup/backup.timer.j2": "test_backup.py",
    "backup/check.service.j2": "test_backup.py",
    "backup/check.timer.j2": "test_backup.py",
    "backup/quiet.j2": "test_backup.py",
    "backup/settings.json.j2": "test_backup.py",
    "backup/test.service.j2": "test_backup.py",
    "backup/test.timer.j2": "test_backup.py",
    "cluster/cache-begin": "test_cache.py",
    "cluster/cache-users.acl.j2": "test_cache.py",
    "cluster/cache.conf.j2": "test_cache.py",
    "cluster/cache.service.j2": "test_cache.py",
    "cluster/certificates.j2": "test_cluster.py",
    "cluster/documents.mount.j2": "test_cluster.py",
    "cluster/documents.service.j2": "test_cluster.py",
    "cluster/galera-check": "test_cluster.py",
    "cluster/galera-check.socket.j2": "test_cluster.py",
    "cluster/galera-check@.service.j2": "test_cluster.py",
    "cluster/galera.cnf.j2": "test_cluster.py",
    "cluster/garb.conf.j2": "test_cluster.py",
    "cluster/garb.j2": "test_cluster.py",
    "cluster/haproxy.cfg.j2": "test_cluster.py",
    "cluster/haproxy.conf.j2": "test_cluster.py",
    "cluster/keepalived.conf.j2": "test_cluster.py",
    "cluster/mariadb.conf.j2": "test_cluster.py",
    "cluster/members.j2": "test_cluster.py",
    "cluster/sees-others": "test_cluster.py",
    "cluster/sentinel.conf.j2": "test_cache.py",
    "cluster/sessions.j2": "test_cache.py",
    "cron/cron.service.j2": "test_cron.py",
    "cron/cron.timer.j2": "test_cron.py",
    "cron/settings.json.j2": "test_cron.py",
    "database/60-miclinik.cnf.j2": "test_database.py",
    "database/authorities.pem.j2": "test_database.py",
    "database/pgbouncer.conf.j2": "test_database.py",
    "database/pgbouncer.ini.j2": "test_database.py",
    "database/postgresql.conf.j2": "test_database.py",
    "exporters/apache.conf.j2": "test_exporters.py",
    "exporters/mysqld.cnf.j2": "test_exporters.py",
    "exporters/nginx.conf.j2": "test_exporters.py",
    "exporters/service.conf.j2": "test_exporters.py",
    "fail2ban/filter.conf.j2": "test_fail2ban.py",
    "fail2ban/jails.conf.j2": "test_fail2ban.py",
    "fail2ban/passwords.conf.j2": "test_fail2ban.py",
    "fail2ban/sshd.conf.j2": "test_fail2ban.py",
    "keys/miclinik-keys.service.j2": "test_keys.py",
    "keys/miclinik-keys.timer.j2": "test_keys.py",
    "keys/web.json.j2": "test_keys.py",
    "life/miclinik-change@.service.j2": "test_life.py",
    "life/miclinik-recover.service.j2": "test_life.py",
    "life/miclinik-recover@.service.j2": "test_life.py",
    "nginx/default.conf.j2": "test_nginx.py",
    "nginx/former.j2": "test_nginx.py",
    "nginx/keys.j2": "test_nginx.py",
    "nginx/miclinik.conf.j2": "test_nginx.py",
    "nginx/php.conf.j2": "test_nginx.py",
    "nginx/site.conf.j2": "test_nginx.py",
    "nginx/tls.conf.j2": "test_nginx.py",
    "nginx/token.j2": "test_nginx.py",
    "php/alive.php": "test_cluster.py",
    "php/cli.ini.j2": "test_cron.py",
    "php/failed_log_in.php": "test_failed_log_in.py",
    "php/forget_old.php": "test_known_address.py",
    "php/global.conf.j2": "test_php.py",
    "php/opcache.ini.j2": "test_php.py",
    "php/pool.conf.j2": "test_php.py",
    "php/sandbox.j2": "test_cron.py",
    "php/service.j2": "test_php.py",
    "php/known_address.php": "test_known_address.py",
    "php/sessions.php": "test_sessions.py",
    "php/signed_in.php": "test_php.py",
    "php/socket.j2": "test_php.py",
    "php/upgraded.path.j2": "test_php.py",
    "php/upgraded.service.j2": "test_php.py",
    "webhooks/service.j2": "test_webhooks.py",
    "webhooks/site.json.j2": "test_webhooks.py",
    "webhooks/socket.j2": "test_webhooks.py",
    "smoke/disk.json.j2": "test_disk.py",
    "smoke/miclinik-disk.service.j2": "test_disk.py",
    "smoke/miclinik-disk.timer.j2": "test_disk.py",
    "smoke/miclinik-smoke.service.j2": "test_smoke_timer.py",
    "smoke/miclinik-smoke.timer.j2": "test_smoke_timer.py",
    "smoke/sites.json.j2": "test_smoke_timer.py",
    "web/logrotate.j2": "test_web_logs.py",
    "web/sandbox.conf.j2": "test_web_sandbox.py",
    "tls/authority.crt.j2": "test_acme.py",
}


#: Programs of their own, with their own tests; here they are only copied.
COPIED = ("acme/", "bridge/", "command_line/")
PROGRAMS = {
    "api/miclinik-api",
    "smoke/miclinik-smoke",
    "smoke/miclinik-disk",
    "cron/miclinik-cron",
    "alert/miclinik-alert",
    "life/miclinik-life",
    "keys/miclinik-keys",
    "webhooks/miclinik-relay",
    "webhooks/miclinik-webhooks",
}


def _templates() -> set[str]:
    folder = ROOT / "templates"
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {name for name in names if not name.startswith(COPIED) and name not in PROGRAMS}


def test_what_is_only_copied_is_no_template() -> None:
    for folder in COPIED:
        assert list((ROOT / "templates" / folder).rglob("*.j2")) == []


def test_every_template_has_a_test() -> None:
    assert set(TESTED_IN) == _templates()


def test_the_tests_name_their_templates() -> None:
    missing = {name: file for name, file in TESTED_IN.items() if name not in (HERE / file).read_text(encoding="utf-8")}
    assert missing == {}


def test_every_template_is_used_by_a_role_or_by_another_template() -> None:
    files = [*(ROOT / "roles").rglob("*.yml"), *(ROOT / "templates").rglob("*.j2")]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    assert {name for name in _templates() if name not in text} == set()
