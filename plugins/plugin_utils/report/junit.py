# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A smoke report as JUnit XML, the form that CI servers read: a suite a site, a case a check."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

#: What XML 1.0 cannot hold, whether escaped or not: https://www.w3.org/TR/xml/#charsets
_IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(report: Mapping[str, Any]) -> str:
    """The document of `report.document` as XML."""
    cases = [case for site in report["sites"] for case in site["checks"]]
    root = ElementTree.Element("testsuites", {"name": "miclinik smoke", **_counts(cases)})
    for site in report["sites"]:
        # The schema's timestamp has no time zone; it is in UTC.
        about = {
            "name": _clean(site["name"]),
            "hostname": _clean(report["host"]),
            "timestamp": report["started"].removesuffix("+00:00"),
            "skipped": "0",
            **_counts(site["checks"]),
        }
        suite = ElementTree.SubElement(root, "testsuite", about)
        known = {"url": site["url"], "version": site["version"] or "unknown"}
        known |= {"since": site["since"]} if site["since"] else {}
        known |= {f"operations.{module}": str(count) for module, count in site["operations"].items()}
        ahead = [entry for entry in report["yellow"] if entry["site"] in ("", site["name"])]
        known |= {f"yellow.{entry['id']}": f"{entry['what']}; to do: {entry['mend']}" for entry in ahead}
        properties = ElementTree.SubElement(suite, "properties")
        for name, value in known.items():
            ElementTree.SubElement(properties, "property", name=_clean(name), value=_clean(value))
        for check in site["checks"]:
            _case(suite, site, check)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def _counts(checks: list[Mapping[str, Any]]) -> dict[str, str]:
    return {
        "tests": str(len(checks)),
        "failures": str(sum(not check["ok"] for check in checks)),
        "errors": "0",
        "time": _seconds(sum(check["ms"] for check in checks)),
    }


def _case(suite: ElementTree.Element, site: Mapping[str, Any], check: Mapping[str, Any]) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        name=_clean(check["check"]),
        classname=_clean(f"smoke.{site['name']}"),
        time=_seconds(check["ms"]),
    )
    if check["ok"]:
        ElementTree.SubElement(case, "system-out").text = _clean(check["seen"])
        return
    failure = ElementTree.SubElement(case, "failure", type="smoke", message=_clean(check["seen"]))
    lines = [f"expected: {check['expected']}", f"seen: {check['seen']}"]
    # Of what it looks like, the mend is told where no cause is known.
    lines += [] if site["causes"] else [f"to do: {check['mend']}"]
    for cause in site["causes"]:
        lines.append(f"cause ({cause['confidence']}): {cause['cause']}")
        if cause["follows"]:
            lines.append(f"follows from: {cause['follows']}")
            continue
        about = {"since": cause["since"] or "", "way": cause["way"], "seen": "; ".join(cause["evidence"])}
        about |= {"to do": cause["mend"], "changes": cause["changes"]}
        lines += [f"{name}: {words}" for name, words in about.items() if words]
    failure.text = _clean("\n".join(lines))


def _seconds(ms: float) -> str:
    return f"{ms / 1000:.3f}"


def _clean(value: str) -> str:
    return _IMPOSSIBLE.sub("\ufffd", value)
