# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a suite that needs a site was named on pytest's command line: it runs then, and not among all tests."""

from __future__ import annotations

from pathlib import Path

import pytest


def asked_for(config: pytest.Config, folder: Path) -> bool:
    """Whether an argument names the folder, or something in it."""
    asked = [config.invocation_params.dir / str(argument).partition("::")[0] for argument in config.args]
    return any(path.resolve().is_relative_to(folder) for path in asked)
