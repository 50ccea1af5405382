# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lines of ours at the top of a file of others, between two marks. Runs on the host.

The marks are those of ``ansible.builtin.blockinfile``, by which hosts were laid before.
"""

from __future__ import annotations

import dataclasses

from ansible_collections.miclinik.hosting.plugins.module_utils.host import rendered
from ansible_collections.miclinik.hosting.plugins.module_utils.host.rendered import RenderError, Wanted

_BEGIN, _END = b"# BEGIN miclinik.hosting", b"# END miclinik.hosting"


def whole(wanted: Wanted) -> Wanted:
    """Return a ``block`` as the file that it makes of the one that is there, and all else as it is.

    Raises RenderError where no file is there.
    """
    if wanted.kind != "block":
        return wanted
    seen = rendered.look(wanted.path)
    if seen.kind != "file":
        raise RenderError(f"{wanted.path} has to be a file of its package, and there is {seen.kind} in its place.")
    return dataclasses.replace(
        wanted,
        kind="file",
        content=_with(seen.content, wanted.content),
        owner=seen.owner,
        group=seen.group,
        mode=seen.mode,
    )


def _with(text: bytes, block: bytes) -> bytes:
    """Return ``text`` with ``block`` where an older one is, or else at the top.

    >>> _with(b"old\\n", b"new")
    b'# BEGIN miclinik.hosting\\nnew\\n# END miclinik.hosting\\nold\\n'
    """
    lines, own = text.splitlines(keepends=True), [_BEGIN, *block.splitlines(), _END]
    stripped = [line.strip() for line in lines]
    place = slice(0, 0)
    if _BEGIN in stripped and _END in stripped[stripped.index(_BEGIN) :]:
        first = stripped.index(_BEGIN)
        place = slice(first, stripped.index(_END, first) + 1)
    lines[place] = [line + b"\n" for line in own]
    return b"".join(lines)
