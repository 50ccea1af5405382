# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a smoke run found, as one document: the JSON file, and what the other forms of the report are made from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain
from ansible_collections.miclinik.hosting.plugins.plugin_utils.report import html as report_html
from ansible_collections.miclinik.hosting.plugins.plugin_utils.report import junit as report_junit

#: Changes when a member of the document gets another meaning.
SCHEMA = 1


def document(
    host: str,
    sites: Sequence[Promised],
    results: Sequence[Result],
    causes: Iterable[Mapping[str, Any]],
    *,
    started: float,
    seconds: float,
    since: Mapping[str, str] | None = None,
    yellow: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Everything there is to report; no secret is in it.

    :param host: the inventory's name of the host.
    :param causes: what the doctor found, as data; none when it was not asked or found nothing.
    :param started: seconds since 1970.
    :param seconds: what the run took.
    :param yellow: what will break, of a ``site`` or of the host.
    :param since: by site, since when it is as it is, in words.
    """
    told = [plain.cleaned(cause) for cause in causes]
    entries = [
        _site(site, [entry for entry in results if entry.site == site.name], told)
        | {"since": plain.plain((since or {}).get(site.name, ""))}
        for site in sites
    ]
    return {
        "schema": SCHEMA,
        "host": host,
        "started": _time(started),
        "seconds": round(seconds, 2),
        "ok": all(entry["ok"] for entry in entries),
        "checks": len(results),
        "failed": sum(not entry.ok for entry in results),
        "yellow": [{name: value for name, value in entry.items() if name != "line"} for entry in yellow],
        "sites": entries,
    }


def _site(site: Promised, own: Sequence[Result], causes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for entry in own:
        facts |= entry.facts
    return {
        "name": site.name,
        "url": site.base_url,
        # A site of which nothing was asked is not well.
        "ok": bool(own) and all(entry.ok for entry in own),
        "version": facts.get("version"),
        "operations": facts.get("operations", {}),
        "certificate_days_left": facts.get("certificate_days_left"),
        "checks": [
            {key: value for key, value in asdict(entry).items() if key not in ("site", "facts")} for entry in own
        ],
        "causes": [
            {key: value for key, value in cause.items() if key != "site"} | {"since": _time(cause.get("since", 0))}
            for cause in causes
            if cause["site"] == site.name
        ],
    }


def _time(seconds: float) -> str | None:
    """A time as the document gives it; None where it is unknown."""
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat(timespec="seconds") if seconds else None


def write(folder: Path, report: Mapping[str, Any]) -> list[Path]:
    """Write results.json, junit.xml and report.html, each as a whole or not at all; return their paths.

    :raises OSError: the folder cannot be made or written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "results.json": json.dumps(report, indent=2, ensure_ascii=False) + "\n",
        "junit.xml": report_junit.text(report),
        "report.html": report_html.text(report),
    }
    paths = []
    for name, content in contents.items():
        atomic_file.replace(folder / name, content)
        paths.append(folder / name)
    return paths
