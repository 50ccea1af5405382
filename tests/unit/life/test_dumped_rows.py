# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rows of a dump are counted in its own text, so that they are those of the dump's own moment."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import mariadb, postgresql
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Rows

#: As mariadb-dump 10.11 writes it, and as older clients do, with all rows on the statement's line.
MARIADB = rb"""-- a comment
CREATE TABLE `llx_a` (
  `rowid` int(11)
(not a row);
INSERT INTO `llx_a` VALUES
(1,'it\'s','),(',NULL),
(2,'(line\nbreak','''',0xFF),
(3,';','\\',-1);
(after the statement)
INSERT INTO `llx_a` VALUES
(4,'','',NULL);
INSERT INTO `llx_``odd` VALUES
(1);
INSERT INTO `llx_old` VALUES (1,'),(\'),('),(2,'''),('),(3,'x\\');
(after it)
INSERT INTO `llx_invisible` (`a)`, `b``c`) VALUES (1,'),('),
(2,'x');
(after the second)
INSERT INTO `llx_invisible` (`a)`, `b``c`) VALUES (3,'');
(after the third)
-- Dump completed
"""
POSTGRESQL = rb"""--
COPY public.llx_a (rowid, note) FROM stdin;
1	COPY public.llx_b (x) FROM stdin;
2	\\.
3	\N
\.

COPY "Other schema"."Odd ""table" (rowid) FROM stdin;
\.
COPY public."LLX B" (a) FROM stdin;

\.
SELECT 1;
-- PostgreSQL database dump complete
"""


@pytest.mark.parametrize(
    ("engine", "dump", "expected"),
    [
        (mariadb, MARIADB, {"llx_a": 4, "llx_`odd": 1, "llx_old": 3, "llx_invisible": 3}),
        (postgresql, POSTGRESQL, {"llx_a": 3, '"Other schema"."Odd ""table"': 0, '"LLX B"': 1}),
    ],
)
def test_rows_are_counted_and_the_dump_passes_unchanged(engine: object, dump: bytes, expected: Rows) -> None:
    counted: Rows = {}
    lines = dump.splitlines(keepends=True)
    assert list(engine._counted(lines, counted)) == lines  # type: ignore[attr-defined]
    assert counted == expected


def test_the_options_of_a_database_like_another_are_those_of_its_version() -> None:
    of_15 = {"datcollate": "C.UTF-8", "datctype": "C.UTF-8", "datlocprovider": "i", "daticulocale": "es-ES"}
    of_17 = {"datcollate": "C", "datctype": "it's", "datlocprovider": "i", "datlocale": "en-US"}
    of_14 = {"datcollate": "en_US.UTF-8", "datctype": "en_US.UTF-8"}
    begin = "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE "
    assert postgresql._alike(of_15, "UTF8") == (
        f"{begin}'C.UTF-8' LC_CTYPE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'es-ES'"
    )
    assert postgresql._alike(of_17, "UTF8") == f"{begin}'C' LC_CTYPE 'it''s' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
    assert postgresql._alike(of_14, "UTF8") == f"{begin}'en_US.UTF-8' LC_CTYPE 'en_US.UTF-8'"
