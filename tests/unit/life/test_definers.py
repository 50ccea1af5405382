# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Triggers and views of one site's user become another's; data that looks like it does not."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.life import definers

DUMP = """\
/*!50003 CREATE*/ /*!50017 DEFINER=`norte`@`localhost`*/ /*!50003 TRIGGER one BEFORE INSERT ON a FOR EACH ROW
CREATE DEFINER=`root`@`localhost` PROCEDURE `two`()
INSERT INTO `a` VALUES (1,'DEFINER=`norte`@`localhost`');
INSERT INTO `b` VALUES
(1,'DEFINER=`norte`@`localhost`');
/*!50013 DEFINER=`norte`@`%` SQL SECURITY DEFINER */
/*!50013 DEFINER=`norte2`@`%` SQL SECURITY DEFINER */
"""


def test_what_the_old_user_has_made_is_the_new_ones(tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(DUMP)
    assert definers.rewrite(dump, "norte", "sur") == 2
    lines = DUMP.splitlines()
    lines[0] = lines[0].replace("`norte`", "`sur`")
    lines[5] = lines[5].replace("`norte`", "`sur`")
    assert dump.read_text().splitlines() == lines
    assert definers.rewrite(dump, "norte", "sur") == 0
    assert [file.name for file in tmp_path.iterdir()] == ["dump.sql"]
