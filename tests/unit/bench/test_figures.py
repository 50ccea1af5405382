# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is measured, in which order, and that a load that failed is no figure."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench import figures, load, relay, setups
from tests.bench.__main__ import chosen, measured
from tests.bench.figures import Figure
from tests.bench.host import Served, TestHost
from tests.bench.setups import Bench
from tests.bench.table import Round

BENCH = Bench(TestHost("bench"), Path("/nowhere"))
SERVED = Served("usual", TestHost("bench"), 8080, "miclinik.localhost", "the-key")


def measure(log: list[str], name: str) -> Callable[[Bench, str], float]:
    def count(_bench: Bench, setup: str) -> float:
        log.append(f"{name} {setup}")
        return float(len(log))

    return count


def test_ours_is_measured_between_two_measurements_of_the_usual() -> None:
    assert Figure("x", "calls", "1/s", measure([], "x")).round(BENCH) == Round((1, 3), 2)


def test_what_there_is_of_ours_alone_is_measured_twice() -> None:
    log: list[str] = []
    assert Figure("x", "runs", "s", measure(log, "x"), compared=False).round(BENCH) == Round((1, 2))
    assert log == ["x ours", "x ours"]


def test_rounds_go_over_all_figures() -> None:
    log: list[str] = []
    wanted = [
        Figure("a", "calls", "1/s", measure(log, "a"), rounds=2),
        Figure("b", "runs", "s", measure(log, "b"), compared=False, less_is_better=True, rounds=1),
    ]
    rows = measured(BENCH, wanted)
    assert log == ["a usual", "a ours", "a usual", "b ours", "b ours", "a usual", "a ours", "a usual"]
    assert [(row.figure, row.unit, row.less_is_better, len(row.rounds)) for row in rows] == [
        ("a", "1/s", False, 2),
        ("b", "s", True, 1),
    ]


def test_figures_are_chosen_by_their_group() -> None:
    assert chosen([]) == list(figures.FIGURES)
    assert [figure.name for figure in chosen(["calls"])] == ["GET /status", "GET /products/1", "GET /setup/modules"]
    with pytest.raises(SystemExit, match=r"no group other$"):
        chosen(["calls", "other"])


def test_every_figure_has_a_name_of_its_own() -> None:
    names = [figure.name for figure in figures.FIGURES]
    assert sorted(set(names)) == sorted(names)


def test_wrk_is_asked_on_the_host_itself_and_given_the_key_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    written, ran = [], []
    said = {"requests": 4000, "microseconds": 4000000, "median": 2500.0, "p99": 4000.0, "status": 0, "lost": 0}
    monkeypatch.setattr(TestHost, "write", lambda _host, *given, **mode: written.append((*given, mode)))

    def answer(_host: TestHost, script: str) -> str:
        ran.append(script)
        return json.dumps(said)

    monkeypatch.setattr(TestHost, "run", answer)
    assert load.run(SERVED, "/status", seconds=4, connections=3) == load.Load(1000.0, 2.5, 4.0)
    assert written == [(load.SCRIPT, load.script(SERVED), {"mode": "0600"})]
    assert ran == [
        "wrk --threads 1 --connections 3 --duration 4s --timeout 20s --script /run/miclinik-bench.lua "
        "http://127.0.0.1:8080/api/index.php/status 2>&1 >/dev/null"
    ]
    assert 'wrk.headers["DOLAPIKEY"] = "the-key"' in load.script(SERVED)
    assert 'wrk.headers["Host"] = "miclinik.localhost"' in load.script(SERVED)


@pytest.mark.parametrize("wrong", [{"status": 3}, {"lost": 1}, {"requests": 0}])
def test_a_load_with_failures_is_no_figure(wrong: dict[str, int]) -> None:
    said = {"requests": 9, "microseconds": 1000000, "median": 1.0, "p99": 1.0, "status": 0, "lost": 0} | wrong
    with pytest.raises(ValueError, match="every call should be answered with a success"):
        load.read(json.dumps(said))


def test_calls_that_are_paced_are_so_on_average(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, float]] = []

    def run(_served: Served, _path: str, **given: float) -> load.Load:
        seen.append(given)
        return load.Load(500.0, 8.0, 20.0) if len(seen) == 1 else load.Load(400.0, 4.0, 10.0)

    monkeypatch.setattr(load, "run", run)
    monkeypatch.setitem(BENCH.served, "ours", SERVED)
    (figure,) = [figure for figure in figures.FIGURES if figure.name == "p99 by median, /status"]
    assert figure.measure(BENCH, "ours") == 2.5
    # Twenty connections that call every 50 ms, 8 of which the call takes: 400 a second of 500.
    assert [given.get("pause_ms") for given in seen] == [None, 42.0]
    assert "return math.random(0, 84)" in load.script(SERVED, 42.0)
    assert "delay" not in load.script(SERVED)


def test_a_relay_holds_back_both_ways() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def echo() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(connection.recv(10).upper())

        thread = threading.Thread(target=echo)
        thread.start()
        with (
            relay.to("127.0.0.1", server.getsockname()[1], 60) as port,
            socket.create_connection(("127.0.0.1", port)) as client,
        ):
            started = time.monotonic()
            client.sendall(b"here")
            assert client.recv(10) == b"HERE"
            assert 0.06 <= time.monotonic() - started < 5
            assert client.recv(10) == b""
        thread.join()


def test_answers_are_alike_when_they_are_made_of_the_same() -> None:
    one = {"success": {"code": 200, "dolibarr_version": "22.0.4"}}
    assert setups.shape(one) == setups.shape({"success": {"dolibarr_version": "16.0.3", "code": 200}})
    assert setups.shape(one) != setups.shape({"success": {"code": 200}})
    assert setups.shape(["api", "product"]) == setups.shape(["product", "api"])
    assert setups.shape(["api", "product"]) != setups.shape(["api"])


def test_the_key_and_passwords_of_a_set_up_are_not_shown() -> None:
    assert "the-key" not in repr(SERVED)


@pytest.mark.parametrize(
    ("source", "expected"), [("", {"type": "sandbox"}), ("/tree", {"type": "directory", "path": "/tree"})]
)
def test_ours_is_a_plain_site_of_an_inventory(source: str, expected: dict[str, str]) -> None:
    seen = setups.variables(source, "postgresql")
    assert seen["miclinik_database_engine"] == "postgresql"
    (site,) = seen["miclinik_sites"]
    assert site["source"] == expected
    assert site.keys() == {"name", "domain", "source", "modules", "constants", "api"}, "nothing that makes it faster"
