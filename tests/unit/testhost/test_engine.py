"""Limits and command lines of podman."""

from __future__ import annotations

import pytest

from testhost import aptsettings, cgroups, engine, image, needs, places
from testhost.errors import HostError


@pytest.mark.parametrize(
    ("files", "processes", "pid_max", "expected"),
    [
        ("20000", "96364", "32768", ["--ulimit=nofile=20000:20000", "--ulimit=nproc=32768:32768"]),
        ("1048576", "1024", "4194304", ["--ulimit=nofile=1048576:1048576", "--ulimit=nproc=1024:1024"]),
        ("unlimited", "unlimited", "4194304", ["--ulimit=nofile=1048576:1048576", "--ulimit=nproc=4194304:4194304"]),
        ("1073741816", "unlimited", "32768", ["--ulimit=nofile=1048576:1048576", "--ulimit=nproc=32768:32768"]),
    ],
)
def test_limits_are_never_above_the_callers(files: str, processes: str, pid_max: str, expected: list[str]) -> None:
    assert engine.ulimits(files, processes, pid_max) == expected


def test_command_meets_no_other_podman(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroups, "own_mountinfo", lambda: "")
    monkeypatch.setattr(engine, "_storage", lambda: ["--storage-driver=vfs"])
    assert engine.command(["ps"]) == [
        "nsenter",
        f"--mount={places.NAMESPACE}",
        "env",
        f"CONTAINERS_CONF={places.ENGINE_CONF}",
        "NETAVARK_FW=iptables",
        "podman",
        f"--root={places.STORAGE}",
        f"--runroot={places.RUN}/podman",
        "--storage-driver=vfs",
        "ps",
    ]


def test_image_follows_the_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    before = image.tag("bookworm")
    assert before != image.tag("trixie")
    assert before == image.tag("bookworm")
    monkeypatch.setattr(image, "PACKAGES", (*image.PACKAGES, "hello"))
    assert image.tag("bookworm") != before


def test_image_is_bare() -> None:
    command = image.build_command("bookworm", [])
    assert command[0] == "mmdebstrap"
    assert "--variant=minbase" in command
    included = next(word for word in command if word.startswith("--include="))
    assert not {"php", "nginx", "mariadb", "python3-apt"} & set(included.removeprefix("--include=").split(","))
    assert command[-2:] == ["bookworm", "-"]


def test_an_unknown_release_is_refused() -> None:
    with pytest.raises(HostError) as caught:
        image.ensure("sid")
    assert caught.value.expected == "a release out of bookworm, trixie"


def test_apt_settings_that_a_host_needs() -> None:
    dump = "\n".join(
        [
            'APT::Architecture "amd64";',
            'Acquire::Languages "";',
            'Acquire::Languages:: "none";',
            'Acquire::Check-Valid-Until "false";',
            'Acquire::http::Proxy "http://10.0.0.2:3142";',
            'Acquire::http::Proxy::mirror.example.org "DIRECT";',
            'Acquire::https::Proxy "http://localhost:3142";',
            'Acquire::http::ProxyAutoDetect "/usr/bin/detect";',
            'Acquire::https::mirror.example.org::Verify-Peer "false";',
            'Acquire::http::Proxy "";',
        ]
    )
    assert aptsettings.select(dump) == [
        'Acquire::Check-Valid-Until "false";',
        'Acquire::http::Proxy "http://10.0.0.2:3142";',
        'Acquire::http::Proxy::mirror.example.org "DIRECT";',
        'Acquire::https::mirror.example.org::Verify-Peer "false";',
    ]


def test_needs_are_told_by_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("machine")
    everything = sorted(set(needs.PROGRAMS.values()))
    assert needs.missing(root) == everything
    for path in needs.PROGRAMS:
        there = root / path.lstrip("/")
        there.parent.mkdir(parents=True, exist_ok=True)
        there.touch()
    assert needs.missing(root) == []
    (root / "usr/bin/podman").unlink()
    assert needs.missing(root) == ["podman"]


def test_lists_are_stale_when_absent_or_old(tmp_path_factory: pytest.TempPathFactory) -> None:
    lists = tmp_path_factory.mktemp("lists")
    assert needs.lists_are_stale(lists)
    written = lists / "deb.example.org_debian_dists_bookworm_main_binary-amd64_Packages.lz4"
    written.touch()
    made = written.stat().st_mtime
    assert not needs.lists_are_stale(lists, made + 3600)
    assert needs.lists_are_stale(lists, made + 25 * 3600)


def test_packages_are_told_by_dpkg() -> None:
    # dpkg itself is installed wherever it answers; the other name is no package.
    assert needs.not_installed(["dpkg", "no-such-package"]) == ["no-such-package"]
    assert needs.not_installed([]) == []
