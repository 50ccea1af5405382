# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The logos of companies: files on the controller that the application keeps among its documents."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import logo
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import paths
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem


def with_content(site: Mapping[str, Any], base: paths.Base) -> dict[str, Any]:
    """Return what the module ``rest_api`` is given of ``site``, with names and contents of its logos."""
    company = dict(site.get("company") or {})
    for key in logo.KEYS:
        if isinstance(company.get(key), str):
            path = paths.find(base, company[key])
            company[key] = {"name": path.name, "content": base64.b64encode(path.read_bytes()).decode()}
    return {**site, **({"company": company} if company else {})}


def check(entries: Sequence[Mapping[str, Any]], base: paths.Base) -> list[Problem]:
    """Return what is wrong with the files that the entries of ``miclinik_sites`` name."""
    return [
        Problem(f"site '{entry['name']}'", f"company.{key}", *wrong)
        for entry in entries
        for key in logo.KEYS
        if (given := (entry.get("company") or {}).get(key))
        for wrong in _check(given, base)
    ]


def _check(given: str, base: paths.Base) -> Iterator[tuple[str, str]]:
    path = paths.find(base, given)
    if not path.is_file():
        yield f"{path} is no file on the controller", "Name the image"
        return
    if not logo.NAME.fullmatch(path.name):
        yield (
            f"is called {path.name!r}",
            "Use letters, digits, - and _ for its name, and the ending png, jpg or jpeg",
        )
    try:
        content = path.read_bytes()
    except OSError:
        yield f"{path} cannot be read", "Give it to the user who runs Ansible"
        return
    if not content.startswith(logo.BEGINNINGS):
        yield f"{path} is no image", "Give a PNG or a JPEG"
    if len(content) > logo.MOST:
        yield f"{path} has {len(content) // 1024} KiB", "Give one of 1024 KiB at most: it goes into every PDF"
