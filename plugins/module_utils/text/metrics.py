# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Figures as Prometheus reads them from a file.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

from collections.abc import Iterable

#: Labels and a value.
Sample = tuple[dict[str, str], float]


def metric(name: str, about: str, samples: Iterable[Sample], of: str = "smoke", kind: str = "gauge") -> str:
    """Return one metric with its samples; nothing without any."""
    full = f"miclinik_{of}_{name}"
    lines = [f"{full}{_labels(labels)} {value:.15g}" for labels, value in samples]
    if not lines:
        return ""
    return "\n".join([f"# HELP {full} {about}.", f"# TYPE {full} {kind}", *lines, ""])


def _labels(labels: dict[str, str]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
