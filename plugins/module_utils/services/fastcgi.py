# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls PHP-FPM at a Unix socket, without a web server. Runs on the host.

https://fastcgi-archives.github.io/FastCGI_Specification.html
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Mapping

_BEGIN, _END, _PARAMS, _STDIN, _STDOUT = 1, 3, 4, 5, 6
_RESPONDER = struct.pack("!HB5x", 1, 0)
_SHORT, _MOST = 128, 65535


def call(path: str, parameters: Mapping[str, str], deadline: float, most_bytes: int) -> bytes:
    """Return what PHP-FPM answers at the socket ``path``, head and body, up to ``most_bytes`` of its records.

    ``deadline`` is of ``time.monotonic``. Raises OSError (TimeoutError among them), ValueError and struct.error, the
    last two for what is no FastCGI.
    """
    content = b"".join(map(_pair, parameters.items()))
    if len(content) > _MOST:
        raise ValueError("the parameters are too long for one record")
    request = (_BEGIN, _RESPONDER), (_PARAMS, content), (_PARAMS, b""), (_STDIN, b"")
    said, read = b"", b""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_left(deadline))
        client.connect(path)
        client.sendall(b"".join(_record(kind, content) for kind, content in request))
        while len(read) < most_bytes:
            client.settimeout(_left(deadline))
            more = client.recv(8192)
            read += more
            said, ended = output(read)
            if ended or not more:
                break
    return said


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("!BBHHBx", 1, kind, 1, len(content), 0) + content


def _pair(item: tuple[str, str]) -> bytes:
    name, value = (text.encode() for text in item)
    return _length(name) + _length(value) + name + value


def _length(text: bytes) -> bytes:
    return bytes([len(text)]) if len(text) < _SHORT else struct.pack("!I", len(text) | 1 << 31)


def output(read: bytes) -> tuple[bytes, bool]:
    """Return what the records in ``read`` hold of standard output, and whether it has ended."""
    said, place = b"", 0
    while len(read) >= place + 8:
        _, kind, _, size, padding = struct.unpack("!BBHHBx", read[place : place + 8])
        if kind == _END:
            return said, True
        if kind == _STDOUT:
            said += read[place + 8 : place + 8 + size]
        place += 8 + size + padding
    return said, False
