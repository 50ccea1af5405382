# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents through the API on a fresh host: built, listed, loaded up and down, and read again."""

from __future__ import annotations

import base64
import subprocess
import time
import zlib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from .place import Place
from .visitor import Visitor

OK = 200
_ALL_FONTS = 22
#: In four scripts: every PDF has to show what it can of them.
NAME = "Clínica Ñandú & Cía"
TEXT = "Consulta €"
#: Languages, with a word of each that a PDF of an order shows: the fonts come with the application.
SCRIPTS = {"es_ES": "Pedido", "el_GR": "Παραγγελία", "ru_RU": "Заказ", "zh_CN": "", "ar_SA": "", "ja_JP": ""}


def check(place: Place, picture: Path | None = None) -> list[str]:
    """Return a line for each step, which begins with `wrong` where it is; make a ``picture`` of an order's PDF."""
    said: list[str] = []
    visitor = Visitor(place.benches["every"])
    templates = partial(
        _templates, ways=(("libreoffice", "pdf"), ("", "odt")) if place.makes_pdfs() else (("", "odt"),)
    )
    # 16 has no font for Greek: question marks, MAIN_PDF_FORCE_FONT mends them.
    scripts = SCRIPTS if place.major >= _ALL_FONTS else {**SCRIPTS, "el_GR": ""}
    for step in (partial(_pdfs, picture=picture, scripts=scripts), _files, templates, _pictures):
        try:
            said += step(visitor)
        except Exception as error:
            said.append(f"wrong: {error!r}"[:600])
    return said


def _told(well: bool, what: str, seen: object) -> str:
    return f"ok: {what}" if well else f"wrong: {what}: {str(seen)[:400]}"


def _made(visitor: Visitor) -> dict[str, dict[str, Any]]:
    """Make a customer, an order and an invoice, and validate them; return the two as the API has them."""
    party = _number(visitor.call("POST", "/thirdparties", name=NAME, client=1, code_client=-1, country_id=4).json())
    line = {"desc": TEXT, "subprice": 10, "qty": 2, "tva_tx": 21, "product_type": 1}
    moment = int(time.time())
    made = {}
    for kind, body in (("orders", {"date": moment}), ("invoices", {"date": moment, "type": 0})):
        answer = visitor.call("POST", f"/{kind}", socid=party, lines=[line], **body)
        number = _number(answer.json())
        done = visitor.call("POST", f"/{kind}/{number}/validate", notrigger=0)
        assert done.status_code == OK, f"{kind} {number}: {done.status_code} {done.text[:300]}"
        made[kind] = visitor.call("GET", f"/{kind}/{number}").json()
    return made


def _number(answer: object) -> int:
    assert isinstance(answer, (int, str)), f"no number: {str(answer)[:300]}"
    return int(answer)


def _build(visitor: Visitor, part: str, ref: str, template: str, language: str = "es_ES") -> Any:  # noqa: ANN401 (an answer)
    return visitor.call(
        "PUT",
        "/documents/builddoc",
        modulepart=part,
        original_file=f"{ref}/{ref}.pdf",
        doctemplate=template,
        langcode=language,
    )


def text_of(document: bytes) -> str:
    """Return the text of a PDF."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=document, capture_output=True, check=True)
    return done.stdout.decode()


def _pdfs(visitor: Visitor, picture: Path | None, scripts: Mapping[str, str]) -> Iterator[str]:
    """An order and an invoice, the order in other scripts, and a picture of it for who wants to look."""
    made = _made(visitor)
    # Where the application keeps what was built is one of the two.
    for part, kind, template, word in (
        ("order", "orders", "einstein", "Pedido"),
        ("invoice", "invoices", "sponge", "Factura"),
    ):
        ref = made[kind]["ref"]
        answer = _build(visitor, part, ref, template)
        if answer.status_code != OK:
            yield _told(False, f"PDF of {part}", f"{answer.status_code} {answer.text}")
            continue
        document = base64.b64decode(answer.json()["content"])
        text = text_of(document)
        missing = [words for words in (ref, NAME, TEXT, "24,20", word) if words not in text]
        yield _told(
            document[:5] == b"%PDF-" and not missing, f"PDF of {part}: its text is right", f"{missing} in {text}"
        )
        if part == "order" and picture:
            subprocess.run(
                ["pdftoppm", "-png", "-singlefile", "-r", "70", "-", str(picture.with_suffix(""))],
                input=document,
                check=True,
            )
        got = visitor.call("GET", f"/documents/download?modulepart={part}&original_file={ref}/{ref}.pdf")
        same = got.status_code == OK and base64.b64decode(got.json()["content"]) == document
        yield _told(same, f"PDF of {part}: what is downloaded is what was built", f"{got.status_code} {got.text[:200]}")
        listed = visitor.call("GET", f"/documents?modulepart={part}&id={made[kind]['id']}")
        names = [entry["relativename"] for entry in listed.json()] if listed.status_code == OK else []
        yield _told(f"{ref}.pdf" in names, f"PDF of {part}: it is listed", listed.text)
    for language, word in scripts.items():
        answer = _build(visitor, "order", made["orders"]["ref"], "einstein", language)
        text = text_of(base64.b64decode(answer.json()["content"])) if answer.status_code == OK else answer.text
        yield _told(answer.status_code == OK and word in text, f"PDF of an order in {language}", text)


def _files(visitor: Visitor) -> Iterator[str]:
    """Files of all sorts go up and come down as they were."""
    order = _made(visitor)["orders"]
    for name, content in (
        ("nota ñ.txt", "Ελληνικά\n".encode()),
        ("big.bin", bytes(range(256)) * 4096 * 12),
        ("empty.txt", b""),
        ("photo.png", png(64, 48)),
    ):
        sent = visitor.call(
            "POST",
            "/documents/upload",
            filename=name,
            modulepart="order",
            ref=order["ref"],
            filecontent=base64.b64encode(content).decode(),
            fileencoding="base64",
            overwriteifexists=1,
        )
        if sent.status_code != OK:
            yield _told(False, f"upload of {name} ({len(content)} bytes)", f"{sent.status_code} {sent.text}")
            continue
        stored = sent.json()
        stored = stored if isinstance(stored, str) else stored.get("filename", name)
        got = visitor.call("GET", f"/documents/download?modulepart=order&original_file={order['ref']}/{stored}")
        same = got.status_code == OK and base64.b64decode(got.json()["content"]) == content
        yield _told(
            same, f"upload of {name} ({len(content)} bytes): it comes back as it was", f"{stored} {got.text[:200]}"
        )


def _templates(visitor: Visitor, ways: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Documents of an ODT template: as they are, and as PDF where LibreOffice is declared."""
    name = visitor.bench.settings["name"]
    for value, ending in ways:
        words = f"set MAIN_ODT_AS_PDF {value}" if value else "unset MAIN_ODT_AS_PDF"
        visitor.bench.shell(f"miclinik-bridge --site {name} constant {words}")
        order = _made(visitor)["orders"]
        started = time.monotonic()
        answer = _build(visitor, "order", order["ref"], "generic_order_odt")
        took = time.monotonic() - started
        folder = f"{visitor.bench.site['documents']}/commande/{order['ref']}"
        listed = visitor.bench.shell(f"ls {folder}").split()
        wanted = f"{order['ref']}_order.{ending}"
        yield _told(
            wanted in listed and answer.status_code != 500,
            f"an ODT template becomes .{ending} (status {answer.status_code}, {took:.1f} s)",
            f"{listed} {answer.text[:600]}",
        )
        got = visitor.call("GET", f"/documents/download?modulepart=order&original_file={order['ref']}/{wanted}")
        if got.status_code != OK:
            yield _told(False, f"the {ending} of a template is downloaded", got.text)
        elif ending == "pdf":
            text = text_of(base64.b64decode(got.json()["content"]))
            missing = [words for words in (order["ref"], NAME) if words not in text]
            yield _told(not missing, "the PDF of a template: its text is right", f"{missing} in {text}")
        else:
            content = base64.b64decode(got.json()["content"])
            yield _told(content[:2] == b"PK", "the ODT of a template is one", content[:40])
    if len(ways) > 1:
        visitor.bench.shell(f"miclinik-bridge --site {name} constant set MAIN_ODT_AS_PDF libreoffice")


def _pictures(visitor: Visitor) -> Iterator[str]:
    """Barcodes, which gd draws."""
    for generator in ("phpbarcode", "tcpdfbarcode"):
        for encoding, code in (("EAN13", "123456789012"), ("C128", "ABC-1"), ("QRCODE", "ABC")):
            if generator == "phpbarcode" and encoding != "EAN13":
                # It asks a program for them, genbarcode, of which Debian has no package.
                continue
            url = (
                f"{visitor.base}/viewimage.php?modulepart=barcode&generator={generator}&code={code}&encoding={encoding}"
            )
            answer = visitor.session.get(f"{url}&readable=Y", timeout=30)
            drawn = answer.content[:8] == b"\x89PNG\r\n\x1a\n"
            yield _told(drawn, f"barcode {encoding} by {generator}", f"{answer.status_code} {answer.content[:200]!r}")


def png(width: int, height: int) -> bytes:
    """Return a picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        whole = kind + content
        return len(content).to_bytes(4, "big") + whole + zlib.crc32(whole).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    rows = b"".join(b"\0" + bytes([200, 30, 30]) * width for _ in range(height))
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
