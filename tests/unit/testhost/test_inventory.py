"""Inventories, records and keys in the caller's folder."""

from __future__ import annotations

import io
import json
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

from testhost import hosts, inventory, places, record, ssh
from testhost.errors import HostError
from testhost.record import Record


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache folder with nothing in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "miclinik-testhost"


def test_variables_name_key_and_known_hosts(cache: Path) -> None:
    variables = inventory.variables(Record("web", "bookworm", "10.213.77.11"))
    assert variables["ansible_host"] == "10.213.77.11"
    assert variables["ansible_user"] == "root"
    assert variables["ansible_ssh_private_key_file"] == f"{cache}/id_ed25519"
    assert f"UserKnownHostsFile={cache}/hosts/web/known_hosts" in variables["ansible_ssh_common_args"]
    assert "StrictHostKeyChecking=yes" in variables["ansible_ssh_common_args"]


def test_a_socket_that_no_system_takes_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/tmp/c")  # noqa: S108 - only a short name
    monkeypatch.setattr(ssh, "user_key", lambda: tmp_path / "key")
    assert inventory.variables(Record("a", "trixie", "10.9.8.7"))["ansible_control_path"].endswith("/hosts/a/mux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ("long" * 30)))
    assert "ansible_control_path" not in inventory.variables(Record("a", "trixie", "10.9.8.7"))


def test_hosts_are_merged_into_one_file_and_taken_out_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "hosts.json"
    inventory.write_host(path, Record("web", "bookworm", "10.213.77.11"), ["front"])
    inventory.write_host(path, Record("db", "trixie", "10.213.77.12"), ["back", "all_of_them"])
    inventory.write_host(path, Record("web", "bookworm", "10.213.77.13"), ["front"])
    tree = json.loads(path.read_text())
    assert {name: host["ansible_host"] for name, host in tree["all"]["hosts"].items()} == {
        "db": "10.213.77.12",
        "web": "10.213.77.13",
    }
    assert tree["all"]["children"] == {
        "back": {"hosts": {"db": {}}},
        "all_of_them": {"hosts": {"db": {}}},
        "front": {"hosts": {"web": {}}},
    }
    inventory.drop_host(path, "db")
    assert json.loads(path.read_text())["all"]["children"] == {"front": {"hosts": {"web": {}}}}
    inventory.drop_host(path, "web")
    assert not path.exists()
    inventory.drop_host(path, "web")


@pytest.mark.parametrize("text", ["miclinik:\n  hosts:\n", "[]"])
def test_a_file_of_somebody_elses_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hosts.yml"
    path.write_text(text)
    with pytest.raises(HostError, match=r"written by testhost"):
        inventory.write_host(path, Record("web", "bookworm", "10.213.77.11"), [])
    assert path.read_text() == text


def test_records_come_back(cache: Path) -> None:
    kept = Record("web", "bookworm", "10.213.77.11", ["/somewhere/hosts.json"])
    kept.save()
    assert record.load("web") == kept
    assert record.names() == ["web"]
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    record.forget("web")
    assert record.load("web") is None
    assert record.names() == []


@pytest.mark.parametrize("text", ["", "{", "{}", '{"name": "web", "more": 1}'])
def test_a_half_written_record_is_none(text: str) -> None:
    places.host_dir("web").mkdir(parents=True)
    (places.host_dir("web") / "host.json").write_text(text)
    assert record.load("web") is None


def test_user_key_is_made_once_and_private() -> None:
    key = ssh.user_key()
    first = key.read_text()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert ssh.user_key().read_text() == first
    derived = subprocess.run(["ssh-keygen", "-y", "-f", str(key)], capture_output=True, text=True, check=True).stdout
    assert derived.split()[:2] == key.with_suffix(".pub").read_text().split()[:2]


def test_host_keys_differ_and_known_hosts_names_the_address() -> None:
    one, other = ssh.new_host_key("web"), ssh.new_host_key("web")
    assert one.private != other.private
    line = ssh.known_hosts_line("10.213.77.11", one.public)
    assert line.split() == ["10.213.77.11", *one.public.split()[:2]]


def test_files_archive_sets_owner_and_mode() -> None:
    archive = ssh.files_archive({"etc/ssh/key": (0o600, "secret\n"), "etc/ssh/key.pub": (0o644, "public\n")})
    with tarfile.open(fileobj=io.BytesIO(archive)) as read:
        found = {entry.name: (entry.mode, entry.uid, entry.gid, entry.size) for entry in read}
    assert found == {"etc/ssh/key": (0o600, 0, 0, 7), "etc/ssh/key.pub": (0o644, 0, 0, 7)}


@pytest.mark.parametrize("name", ["web", "a", "molecule-nginx", "x" * 40])
def test_names_of_hosts(name: str) -> None:
    assert hosts.container_name(name) == f"miclinik-{name}"


@pytest.mark.parametrize(
    "name", ["", "Web", "1web", "-web", "web-", "we_b", "web.example", "x" * 41, "web\n", "../web"]
)
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(HostError, match=r"beginning with a letter"):
        hosts.container_name(name)
