# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A socket whose calls wait until it is opened, and then reach another socket. Runs on the host.

A web server that sends calls here loses none of them while something changes that a call must not meet half done.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

_BACKLOG = 4096
_BLOCK = 65536
#: Whoever has connected at the last moment is not among the calls yet.
_ARRIVING = 0.2
#: A full backlog of the target refuses at once.
_TRIES = 100


class HeldCalls:
    """Listens at ``path`` with the owner and mode of ``target``; calls wait there until ``open``."""

    #: Seconds that those who were let in are waited for.
    _leaving = 10.0

    def __init__(self, path: Path, target: Path) -> None:
        self._path = path
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._gate = asyncio.Event()
        self._calls: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> HeldCalls:
        """Begin to listen. Raises OSError."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let everybody in, wait for them a while, and listen no more."""
        self._leave()
        self.open()
        time.sleep(_ARRIVING)
        self.drain(self._leaving)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5.0)

    def _leave(self) -> None:
        self._path.unlink(missing_ok=True)

    @property
    def waiting(self) -> int:
        """Number of calls that are waiting or under way."""
        return len(self._calls)

    def open(self) -> None:
        """Let those who wait, and all later ones, reach the target."""
        self._loop.call_soon_threadsafe(self._gate.set)

    def drain(self, patience: float) -> None:
        """Return once nobody is left, or after ``patience`` seconds."""
        deadline = time.monotonic() + patience
        while self._calls and time.monotonic() < deadline:
            time.sleep(0.05)

    async def _listen(self) -> None:
        like = self._target.stat()
        new = self._path.with_name(f".{self._path.name}.new")
        new.unlink(missing_ok=True)
        await asyncio.start_unix_server(self._serve, new, backlog=_BACKLOG)
        os.chown(new, like.st_uid, like.st_gid)
        new.chmod(stat.S_IMODE(like.st_mode))
        new.rename(self._path)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._calls.add(task)
        try:
            await self._gate.wait()
            inner_reader, inner_writer = await self._connect()
            back = asyncio.ensure_future(_copy(inner_reader, writer))
            there = asyncio.ensure_future(_copy(reader, inner_writer))
            await back  # PHP-FPM closes when it has answered, whatever the web server does
            there.cancel()
            inner_writer.close()
        except OSError:
            pass  # the web server sees a connection that ends, and says so
        finally:
            writer.close()
            self._calls.discard(task)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in range(_TRIES):
            with contextlib.suppress(BlockingIOError):
                return await asyncio.open_unix_connection(self._target)
            await asyncio.sleep(0.05)
        raise ConnectionError(f"{self._target} takes no connection")


class _Detour(HeldCalls):
    """Takes the place of a socket while it is there, and gives it back."""

    # Pages are among its calls, and some of those take minutes.
    _leaving = 300.0

    def __init__(self, path: Path) -> None:
        super().__init__(path, aside(path))

    def __enter__(self) -> _Detour:
        let_through([self._path])
        os.link(self._path, self._target)  # the socket is the same, whatever it is called
        super().__enter__()
        return self

    def _leave(self) -> None:
        if self._target != self._path:
            self._target.rename(self._path)
            self._target = self._path

    def let_in(self) -> None:
        """Give the socket its place back, and let in who waits."""
        self._leave()
        self.open()


@contextlib.contextmanager
def held(sockets: Iterable[Path]) -> Iterator[None]:
    """Have new calls to these sockets wait until the end of it; who listens there is reached at ``aside`` meanwhile.

    Raises OSError. What is left of one that was killed is taken away by ``let_through``.
    """
    with contextlib.ExitStack() as all_of_them:
        detours = [all_of_them.enter_context(_Detour(path)) for path in sockets]
        try:
            yield
        finally:
            for detour in detours:
                detour.let_in()  # all of them, before one is waited for


def let_through(sockets: Iterable[Path]) -> None:
    """Give each socket its place back, where a ``held`` that was killed has taken it. Raises OSError."""
    for path in sockets:
        if aside(path).exists():
            aside(path).rename(path)
            aside(path).unlink(missing_ok=True)  # of two names of the same socket a rename takes none away


def aside(path: Path) -> Path:
    """Return where a socket is whose calls are held."""
    return path.with_name(f".{path.name}.aside")


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while block := await reader.read(_BLOCK):
            writer.write(block)
            await writer.drain()
