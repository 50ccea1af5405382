# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""On a host of a cluster nothing is done that knows one host alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import key_adoption, key_rotation
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.life import operations, remove
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import JournalError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.site import several

_TOLD = r"one host alone, and this one is of several that serve the site .*: nothing was done"


@pytest.fixture
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have this be a host of a cluster."""
    monkeypatch.setattr(several, "FILE", tmp_path / "miclinik-cluster")
    several.FILE.touch()
    return several.FILE


def test_a_host_by_itself(mark: Path, tmp_path: Path) -> None:
    mark.unlink()
    assert several.refusal("remove") == ""
    operations.require_open(Places("norte", root=tmp_path))


@pytest.mark.usefixtures("mark")
def test_nothing_is_done_with_the_whole_of_a_site(tmp_path: Path) -> None:
    places = Places("norte", root=tmp_path / "root")
    with pytest.raises(JournalError, match=_TOLD):
        operations.require_open(places)
    with pytest.raises(StageError, match=_TOLD):
        remove.remove(places, without_snapshot=True, say=print)
    assert not places.root.exists()


@pytest.mark.usefixtures("mark")
def test_no_key_is_changed_on_one_host() -> None:
    bridge = Bridge("norte")
    web = key_rotation.WebServer.__new__(key_rotation.WebServer)
    with pytest.raises(BridgeError, match=_TOLD):
        key_rotation.rotate(bridge, "shop", False)
    with pytest.raises(BridgeError, match=_TOLD):
        key_adoption.adopt(bridge, "shop", web)
    with pytest.raises(BridgeError, match=_TOLD):
        key_adoption.revoke(bridge, "shop", web)
