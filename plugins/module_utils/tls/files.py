# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts a site's certificate and key in place as one. Runs on the host, in modules and in certbot's hook: stdlib only.

``STATE/tls`` is a link to a folder that holds both, and the link is what is exchanged: whoever reads through it finds
two files that belong together.
"""

from __future__ import annotations

import os
import shutil
import ssl
import stat
import tempfile
from pathlib import Path

LINK = "tls"
FOLDERS = "certificates"
CERTIFICATE, KEY = "certificate.pem", "key.pem"
_MODES = {CERTIFICATE: 0o644, KEY: 0o600}


class CertificateError(Exception):
    """A certificate and key cannot be used or put in place; the text says what was seen and what to do."""


def mismatch(certificate: Path, key: Path) -> str:
    """Return why no server can use the two together, in OpenSSL's words; empty when one can."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # A password of our own, as OpenSSL would ask for one on the terminal.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (OSError, ValueError) as error:
        return str(error)
    return ""


def sound(state: Path) -> bool:
    """Return whether the site's two files are there, root's, with the right modes, and belong together."""
    for name, mode in _MODES.items():
        try:
            status = (state / LINK / name).stat()
        except OSError:
            return False
        if (status.st_uid, stat.S_IMODE(status.st_mode)) != (os.geteuid(), mode):
            return False
    return not mismatch(state / LINK / CERTIFICATE, state / LINK / KEY)


def holds(state: Path, certificate: bytes, key: bytes) -> bool:
    """Return whether the site has exactly this pair."""
    if not sound(state):
        return False
    folder = state / LINK
    return (folder / CERTIFICATE).read_bytes() == certificate and (folder / KEY).read_bytes() == key


def place(state: Path, certificate: bytes, key: bytes) -> bool:
    """Put the pair in place; return whether anything changed. Raises CertificateError and leaves the old one then."""
    if holds(state, certificate, key):
        return False
    link = state / LINK
    if link.exists() and not link.is_symlink():
        raise CertificateError(f"{link} is not the link that this collection makes. Look at it, then move it away.")
    folders = state / FOLDERS
    folders.mkdir(parents=True, exist_ok=True)
    folders.chmod(0o755)  # whatever the umask, certbot's as well
    fresh = Path(tempfile.mkdtemp(dir=folders, prefix=""))
    try:
        for name, content in ((CERTIFICATE, certificate), (KEY, key)):
            _write(fresh / name, content, _MODES[name])
        _require_match(fresh / CERTIFICATE, fresh / KEY)
        fresh.chmod(0o755)
        _point(link, fresh)
    except BaseException:
        shutil.rmtree(fresh)
        raise
    for folder in folders.iterdir():
        if folder != fresh:
            shutil.rmtree(folder)
    return True


def _require_match(certificate: Path, key: Path) -> None:
    problem = mismatch(certificate, key)
    if problem:
        raise CertificateError(f"certificate and key cannot be used together: {problem}.")


def _write(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    path.chmod(mode)


def _point(link: Path, folder: Path) -> None:
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(folder.relative_to(link.parent))
    new.replace(link)
