# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Causes that lie with PHP-FPM's settings, and with code that it has not loaded yet."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_php
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import packages, services
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding, Rule, quote

#: Extensions without which the application's API or pages fail, whatever the database.
EXTENSIONS = ("curl", "gd", "intl", "mbstring", "xml", "zip")
DRIVERS = {"mysqli": "mysqli", "pgsql": "pgsql"}
#: Seconds between a file's change and the reload that are not told apart.
_GRAIN = 0.05


def configuration(case: Case) -> Iterator[Finding]:
    """PHP-FPM could not be started with what is in its files."""
    problem = (case.here.get("php") or {}).get("problem")
    if problem and not services.absent(case.unit("php")):
        mend = f"correct the file that is named, or run the role php; then systemctl restart {case.site['fpm_unit']}"
        yield Finding("php-configuration", "PHP-FPM's configuration is broken", (problem,), mend)


def settings(case: Case) -> Iterator[Finding]:
    """Settings of a pool that break the API."""
    php = case.here.get("php")
    if not php or php["problem"]:
        return
    pool = next(pool["name"] for pool in case.site["pools"] if pool["role"] == "api")
    if probe_php.effective(php, pool, "cgi.fix_pathinfo") == "0":
        yield Finding(
            "php-fix-pathinfo",
            "PHP does not hand the path of an API call on (cgi.fix_pathinfo is 0)",
            (f"pool {pool}: cgi.fix_pathinfo = 0", *quote(case.failed("status", "reads"), 1)),
            "run the role php, which sets php_admin_value[cgi.fix_pathinfo] = 1 for the pool",
        )
    if probe_php.effective(php, pool, "output_buffering") == "0":
        yield Finding(
            "php-output-buffering",
            "Errors of the API are told as status 200 (output_buffering is 0)",
            (f"pool {pool}: output_buffering = 0", *quote(case.failed("unknown-endpoint"), 1)),
            "run the role php, which sets php_admin_value[output_buffering] = 4096 for the pool",
        )
    basedir = probe_php.effective(php, pool, "open_basedir") or ""
    if basedir:
        needed = [case.here["files"]["documents"]["path"], case.site["root"]]
        shut = [path for path in needed if not any(_within(path, base) for base in basedir.split(":"))]
        if shut:
            mend = "let open_basedir of its pools hold code, documents and conf.php, or leave it out: run the role php"
            seen = (f"pool {pool}: open_basedir = {basedir}", f"which shuts out {', '.join(shut)}")
            yield Finding("open-basedir", "PHP may not open the site's own files (open_basedir)", seen, mend)


def _within(path: str, base: str) -> bool:
    return bool(base) and (path + "/").startswith(base.rstrip("/") + "/")


def extensions(case: Case) -> Iterator[Finding]:
    """Extensions that PHP-FPM does not load, though the command line may."""
    php = case.here.get("php")
    if not php or not php["extensions"]:
        return
    engine = case.status.get("database", {}).get("engine") or ""
    wanted = [*EXTENSIONS, *([DRIVERS[engine]] if engine in DRIVERS else []), *case.site["php_extensions"]]
    missing = [name for name in wanted if name not in php["extensions"]]
    broken = [entry for name in missing for entry in packages.files(case, f"/{name}.so")]
    if broken:
        cause = f"PHP-FPM cannot load an extension: {packages.told(broken[0])}"
        seen = (*map(packages.told, broken), *quote(case.failed(), 1))
        mend = f"apt-get install --reinstall {broken[0]['package']}"
        yield Finding("php-extension", cause, seen, mend, run=packages.anew(case, broken))
    elif missing:
        yield Finding(
            "php-extension",
            f"PHP-FPM lacks {'an extension' if len(missing) == 1 else 'extensions'}: {', '.join(missing)}",
            (f"php-fpm -m does not list {', '.join(missing)}", *quote(case.failed(), 1)),
            "run the role php (it installs the packages), then phpenmod -s fpm and systemctl reload"
            f" {case.site['fpm_unit']}",
        )


def programs(case: Case) -> Iterator[Finding]:
    """Programs of the host that modules or settings of the site call, and that are not there."""
    missing = case.here.get("missing_programs")
    if missing:
        yield Finding(
            "program",
            f"The host lacks what the site calls: {', '.join(missing)}",
            (f"not found on the host's PATH: {', '.join(missing)}",),
            "run the role php, which installs it",
        )


def stale(case: Case) -> Iterator[Finding]:
    """Code or configuration was changed after PHP-FPM last loaded it."""
    unit = case.unit("php")
    newest = case.here.get("newest_code")
    if not unit or not unit["active"] or not newest:
        return
    late = newest["time"] - unit["loaded"]
    if any(fault["id"] == "current-replaced" for fault in case.here.get("places", [])):
        return  # a reload loads what nobody has put there to be loaded
    if unit["loaded"] and late > _GRAIN:
        yield Finding(
            "stale-code",
            "PHP-FPM still runs code or configuration from before the last change",
            (
                f"{newest['path']} was changed {late:.0f} s after {unit['name']} was last reloaded, and it does not"
                " look again by itself (opcache.validate_timestamps is off)",
                *quote(case.failed("status"), 1),
            ),
            f"systemctl reload {unit['name']}",
            run=(f"systemctl reload {unit['name']}",),
        )


RULES: tuple[Rule, ...] = (configuration, settings, extensions, programs, stale)
