# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A smoke report as one HTML page that needs nothing else: no script, no font, no picture, no other address.

Everything that came from a site is text: nothing of it can become markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

#: No script runs and nothing is fetched, whatever the page may hold.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #187a33; --bad: #c0222b; }
@media (prefers-color-scheme: dark) { :root { --good: #5fd07f; --bad: #ff7b81; } }
* { box-sizing: border-box; }
body { font: 16px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem;
  overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 1rem; }
.good { color: var(--good); } .bad { color: var(--bad); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dt { opacity: .7; } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .5rem; border-bottom: 1px solid var(--line); }
td.name, td.number, th { white-space: nowrap; }
td.number, th.number { text-align: right; }
.cause { border-left: .25rem solid var(--bad); padding: .1rem 0 .1rem .8rem; margin: 1rem 0; }
p { margin: .3rem 0; }
@media (max-width: 36rem) {
  thead { display: none; } tr { display: block; border-bottom: 1px solid var(--line); padding: .4rem 0; }
  td, td.number { display: inline-block; text-align: left; border: 0; padding: .1rem .4rem .1rem 0; }
  td.text { display: block; }
}
"""


def text(report: Mapping[str, Any]) -> str:
    """The document of `report.document` as a page."""
    verdict = "all checks passed" if report["ok"] else f"{report['failed']} of {report['checks']} checks failed"
    if not report["checks"]:
        verdict = "no check was made"
    title = f"{report['host']}: {verdict}"
    body = "".join(_site(site) for site in report["sites"])
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<h1 class="{_class(report["ok"])}">{escape(title)}</h1>\n'
        f"<p>Smoke test of {escape(report['started'])}, {report['seconds']:.1f} s.</p>\n"
        f"{_yellow(report['yellow'])}{body}</body>\n</html>\n"
    )


def _yellow(entries: Iterable[Mapping[str, str]]) -> str:
    """What will break, and works as yet."""
    rows = "".join(
        f"<li>{escape(entry['site'] or 'host')}: {escape(entry['what'])}. To do: {escape(entry['mend'])}</li>\n"
        for entry in entries
    )
    return f"<h2>What will break</h2>\n<ul>\n{rows}</ul>\n" if rows else ""


def _class(ok: bool) -> str:
    return "good" if ok else "bad"


def _site(site: Mapping[str, Any]) -> str:
    failed = sum(not check["ok"] for check in site["checks"])
    state = "works" if site["ok"] else f"{failed} checks failed" if site["checks"] else "no check was made"
    known = [("URL", site["url"]), ("Version", site["version"] or "unknown")]
    if site["since"]:
        known.append(("Since", site["since"]))
    if site["certificate_days_left"] is not None:
        known.append(("Certificate", f"{site['certificate_days_left']} days left"))
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in known)
    return (
        f'<section>\n<h2 class="{_class(site["ok"])}">{escape(site["name"])}: {state}</h2>\n<dl>{facts}</dl>\n'
        + "".join(_cause(cause, site["causes"]) for cause in site["causes"] if not cause["follows"])
        + _checks(site["checks"], explained=bool(site["causes"]))
        + _operations(site["operations"])
        + "</section>\n"
    )


def _cause(cause: Mapping[str, Any], all_of_them: Iterable[Mapping[str, Any]]) -> str:
    seen = "".join(f"<li>{escape(line)}</li>" for line in cause["evidence"])
    told = [("Since", cause["since"] or ""), ("Way", cause["way"])]
    told.append(("Follows", "; ".join(one["cause"] for one in all_of_them if one["follows"] == cause["id"])))
    lines = "".join(f"<p>{name}: {escape(words)}</p>" for name, words in told if words)
    changed = f"<p>That changes: {escape(cause['changes'])}</p>" if cause["changes"] else ""
    return (
        f'<div class="cause"><h3>Cause ({escape(cause["confidence"])}): {escape(cause["cause"])}</h3>'
        f"{lines}<ul>{seen}</ul><p>To do: {escape(cause['mend'])}</p>{changed}</div>\n"
    )


def _checks(checks: Iterable[Mapping[str, Any]], *, explained: bool) -> str:
    """The table of checks. What to do is told of the cause where that is known, and not of what it looks like."""
    rows = ""
    for check in checks:
        told = f"<p>{escape(check['seen'])}</p>"
        if not check["ok"]:
            told = (
                f"<p>{escape(check['about'])}: not so.</p><p>Expected: {escape(check['expected'])}</p>"
                f"<p>Seen: {escape(check['seen'])}</p>"
            ) + ("" if explained else f"<p>To do: {escape(check['mend'])}</p>")
        rows += (
            f'<tr><td class="name {_class(check["ok"])}">{"ok" if check["ok"] else "FAILED"}</td>'
            f'<td class="name">{escape(check["check"])}</td><td class="number">{check["ms"]:d} ms</td>'
            f'<td class="text">{told}</td></tr>\n'
        )
    head = '<tr><th></th><th>Check</th><th class="number">Time</th><th>Seen</th></tr>'
    return f"<table>\n<thead>{head}</thead>\n<tbody>\n{rows}</tbody>\n</table>\n"


def _operations(operations: Mapping[str, int]) -> str:
    if not operations:
        return ""
    rows = "".join(
        f'<tr><td>{escape(module)}</td><td class="number">{count:d}</td></tr>\n' for module, count in operations.items()
    )
    head = '<tr><th>Module</th><th class="number">Operations</th></tr>'
    return f"<h3>Operations in the explorer</h3>\n<table>\n<thead>{head}</thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
