# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes small applications with modules of our own."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application import descriptors
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application.catalogue import Catalogue
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree as source_tree


def text(name: str, body: str = "", *, extends: str = "DolibarrModules", more: str = "") -> str:
    """Return a descriptor whose constructor says ``body``; ``more`` stands beside it in the class."""
    return (
        "<?php\ninclude_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';\n"
        f"class mod{name} extends {extends}\n{{\n{more}\n\tpublic function __construct($db)\n\t{{\n"
        "\t\tglobal $conf;\n\t\t$this->db = $db;\n"
        "\t\t$this->name = preg_replace('/^mod/i', '', get_class($this));\n"
        f"{body}\n\t}}\n}}\n"
    )


def right(first: str, second: str = "") -> str:
    """Return the lines that describe one right."""
    lines = ["$r++;", "$this->rights[$r][0] = $this->numero + $r;", f"$this->rights[$r][4] = '{first}';"]
    return "\n".join(lines + ([f"$this->rights[$r][5] = '{second}';"] if second else []))


def put(root: Path, name: str, body: str = "", *, custom: str = "", **more: str) -> Path:
    """Write the descriptor of a module of the core, or of one in ``custom/<custom>``; return its file."""
    folder = (root / "custom" / custom if custom else root) / "core/modules"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"mod{name}.class.php"
    file.write_text(text(name, body, **more))
    return file


def read(tmp_path: Path, body: str, **more: str) -> descriptors.Descriptor:
    """Return what is read of a module ``Citas`` with ``body``."""
    return descriptors.read(put(tmp_path, "Citas", body, custom="citas", **more), tmp_path)


def names(seen: descriptors.Descriptor) -> list[str | None]:
    """Return the names of the rights that were read."""
    return [one.name for one in seen.rights]


def application(folder: Path, version: str = "22.0.4") -> Path:
    """Write an application with five modules; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "filefunc.inc.php").write_text(f"<?php\ndefine('DOL_VERSION', '{version}');\n")
    put(folder, "Api", "$this->rights_class = 'api';" + right("apikey", "generate"))
    put(folder, "User", "$this->rights_class = 'user';" + right("user", "lire"))
    put(folder, "Societe", "$this->rights_class = 'societe';" + right("lire") + right("contact", "lire"))
    put(folder, "Product", "$this->rights_class = 'produit';" + right("lire") + right("creer"))
    put(folder, "Commande", "$this->rights_class = 'commande'; $this->depends = array('modSociete');" + right("lire"))
    return folder


def catalogue(folder: Path) -> Catalogue:
    """Return what preflight knows of the application in ``folder``."""
    return Catalogue(source_tree.find(folder))
