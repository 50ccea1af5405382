# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a script in a pool of PHP-FPM, on the host, as who may open its socket, and prints what it says.

Called with SOCKET SCRIPT [QUERY].

https://fastcgi-archives.github.io/FastCGI_Specification.html
"""

from __future__ import annotations

import socket
import struct
import sys

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6
RESPONDER = struct.pack("!HB5x", 1, 0)


def record(kind: int, content: bytes) -> bytes:
    """Return one record of the request 1."""
    return struct.pack("!BBHHBx", 1, kind, 1, len(content), 0) + content


def pair(name: str, value: str) -> bytes:
    """Return a parameter."""
    sizes = b"".join(struct.pack("!I", len(text.encode()) | 1 << 31) for text in (name, value))
    return sizes + name.encode() + value.encode()


def call(path: str, script: str, query: str = "") -> str:
    """Return the body that the script prints."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(30)
        client.connect(path)
        parameters = {"SCRIPT_FILENAME": script, "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/x.php"}
        # The state of a pool is no script.
        parameters |= {"SCRIPT_NAME": script, "QUERY_STRING": query} if query else {}
        client.sendall(
            record(BEGIN, RESPONDER)
            + record(PARAMS, b"".join(pair(*item) for item in parameters.items()))
            + record(PARAMS, b"")
            + record(STDIN, b"")
        )
        stream = client.makefile("rb")
        said = b""
        while header := stream.read(8):
            _, kind, _, size, padding = struct.unpack("!BBHHBx", header)
            content = stream.read(size)
            stream.read(padding)
            said += content if kind == STDOUT else b""
            if kind == END:
                break
    return said.decode("utf-8", "replace").partition("\r\n\r\n")[2]


if __name__ == "__main__":
    print(call(*sys.argv[1:]))
