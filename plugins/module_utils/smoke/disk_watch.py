# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much room sites take, as a host's timer tells it to Prometheus every hour, without Ansible."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.disk import usage
from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file
from ansible_collections.miclinik.hosting.plugins.module_utils.text.metrics import Sample, metric

METRICS = "miclinik_disk.prom"
DISK = "disk"
MIB = 1024 * 1024
#: Nobody waits for it, but the next one comes within the hour.
PATIENCE = 600.0


def main(arguments: list[str]) -> int:
    """Measure the sites of the file that is named. Raises OSError where the figures cannot be written."""
    settings = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    sites = settings["sites"]
    used = {site["name"]: usage.of_site(site, settings["logs"], settings["engine"], PATIENCE) for site in sites}
    atomic_file.replace(Path(settings["directory"]) / METRICS, text(settings, used))
    for site in sites:
        parts = {part: size for part, size in used[site["name"]].items() if part != "whole"}
        whole, most = sum(parts.values()) // MIB, site["disk_max_mb"]
        told = ", ".join(f"{part} {size // MIB} MiB" for part, size in parts.items())
        level = "<4>" if most and whole > most else "<6>"
        print(f"{level}site {site['name']}: {told}" + (f"; {whole} of {most} MiB" if most else ""))
    return 0


def text(settings: Mapping[str, Any], used: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the figures as the node exporter reads them."""
    parts: list[Sample] = [
        ({"site": name, "part": part}, size)
        for name, found in used.items()
        for part, size in found.items()
        if part != "whole"
    ]
    most: list[Sample] = []
    free: list[Sample] = []
    wanted: list[Sample] = []
    for site in settings["sites"]:
        if site["disk_max_mb"]:
            most.append(({"site": site["name"]}, site["disk_max_mb"] * MIB))
        for part, folder in usage.places(site, settings["logs"], settings["engine"]).items():
            seen = os.statvfs(folder)
            whose = {"site": site["name"], "part": part}
            size = seen.f_blocks * seen.f_frsize // MIB
            free.append((whose, seen.f_bavail * seen.f_frsize))
            wanted.append((whose, usage.wanted_mb(site["disk_free_mb"], size) * MIB))
    return "".join(
        (
            metric("used_bytes", "Room that the site takes", parts, DISK),
            metric("max_bytes", "Room that the inventory gives the site", most, DISK),
            metric("free_bytes", "Room that is free where the site writes", free, DISK),
            metric("free_wanted_bytes", "Room that should be free there", wanted, DISK),
        )
    )
