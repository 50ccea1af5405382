# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ways in which trees state their version, as seen in public ones, and ways that cannot be read.

The controller and hosts read them in Python, the bridge in PHP: both are held to these.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

FILEFUNC, VERSION = "filefunc.inc.php", "version.inc.php"
_TOGETHER = "define('DOL_VERSION', constant('DOL_MAJOR_VERSION').'.'.constant('DOL_MINOR_VERSION'));\n"
_INCLUDE = "require_once 'version.inc.php';\t\t// Define the DOL_VERSION\n"

READABLE: dict[str, tuple[str, Mapping[str, str]]] = {
    "22": (
        "22.0.4",
        {FILEFUNC: "if (!defined('DOL_VERSION')) {\n\tdefine('DOL_VERSION', '22.0.4'); // a.b.c-beta or a.b.c\n}\n"},
    ),
    "on one line": ("15.0.3", {FILEFUNC: 'if (! defined(\'DOL_VERSION\')) define("DOL_VERSION","15.0.3");\n'}),
    "23.0.0-alpha": (
        "23.0.0-alpha",
        {FILEFUNC: _INCLUDE, VERSION: "if (!defined('DOL_VERSION')) {\n\tdefine('DOL_VERSION', '23.0.0-alpha');\n}\n"},
    ),
    "23": (
        "23.1.0",
        {
            FILEFUNC: "define('DOL_MINOR_VERSION', '1.0');\n" + _INCLUDE,
            VERSION: "define('DOL_MAJOR_VERSION', '23');\n\n" + _TOGETHER,
        },
    ),
    "23.0.4 and 24": (
        "24.0.0-beta",
        {
            FILEFUNC: _INCLUDE,
            VERSION: "define('DOL_MAJOR_VERSION', '24');\ndefine('DOL_MINOR_VERSION', '0.0-beta');\n\n" + _TOGETHER,
        },
    ),
    "as PHP's own tools write it": (
        "23.0.2",
        {
            FILEFUNC: _INCLUDE,
            VERSION: "\\define('DOL_MAJOR_VERSION', '23');\n\\define('DOL_MINOR_VERSION', '0.2');\n"
            "\\define('DOL_VERSION', \\constant('DOL_MAJOR_VERSION') . '.' . \\constant('DOL_MINOR_VERSION'));\n",
        },
    ),
    "by bare names": (
        "25.0.1",
        {
            FILEFUNC: "define('DOL_MAJOR_VERSION', '25'); define('DOL_PATCH_VERSION', '0.1');\n"
            "define('DOL_VERSION', DOL_MAJOR_VERSION.'.'.DOL_PATCH_VERSION);\n"
        },
    ),
    "comments before it": (
        "22.0.4",
        {
            FILEFUNC: "// define('DOL_VERSION', '21.0.0');\n# define('DOL_VERSION', '20.0.0');\n"
            "/*\ndefine('DOL_VERSION', '19.0.0');\n*/\n$a = 'image/*'; $b = \"http://x\";\n"
            "define('DOL_VERSION', '22.0.4'); /* define('DOL_VERSION', '18.0.0'); */\n"
        },
    ),
    "the first of two counts, as in PHP": (
        "22.0.4",
        {FILEFUNC: "define('DOL_VERSION', '22.0.4');\n" + _INCLUDE, VERSION: "define('DOL_VERSION', '23.0.0');\n"},
    ),
    "a fork's own number": ("1.0-rc1", {FILEFUNC: "define('DOL_VERSION', '1.0-rc1');\n"}),
    "one number": ("22", {FILEFUNC: "define('DOL_VERSION', '22');\n"}),
}

#: What is in the files, and what is said of it on the controller, where {} is the folder.
UNREADABLE: dict[str, tuple[Mapping[str, str], str, str]] = {
    "nothing": (
        {FILEFUNC: "// nothing\n"},
        "{}/filefunc.inc.php states no DOL_VERSION",
        "Name the folder of a release",
    ),
    "nothing in both": (
        {FILEFUNC: _INCLUDE, VERSION: "// nothing\n"},
        "{}/filefunc.inc.php and version.inc.php state no DOL_VERSION",
        "Name the folder of a release",
    ),
    "a file is missing": (
        {FILEFUNC: "define('DOL_MINOR_VERSION', '1.0');\n" + _INCLUDE},
        "{}/filefunc.inc.php includes version.inc.php, which is missing",
        "Name the folder of a whole release",
    ),
    "a part is missing": (
        {FILEFUNC: _INCLUDE, VERSION: "define('DOL_MAJOR_VERSION', '23');\n" + _TOGETHER},
        "{}/version.inc.php states DOL_VERSION as constant('DOL_MAJOR_VERSION').'.'.constant('DOL_MINOR_VERSION'), "
        "whose parts are not to be found",
        "Name the folder of a whole release: the parts stand in filefunc.inc.php and version.inc.php",
    ),
    "by a function": (
        {FILEFUNC: "define('DOL_VERSION', getenv('V'));\n"},
        "{}/filefunc.inc.php states DOL_VERSION as getenv('V'), whose parts are not to be found",
        "Name the folder of a whole release: the parts stand in filefunc.inc.php and version.inc.php",
    ),
    "of itself": (
        {FILEFUNC: "define('DOL_VERSION', DOL_A_VERSION);\ndefine('DOL_A_VERSION', DOL_VERSION);\n"},
        "{}/filefunc.inc.php states DOL_VERSION as DOL_A_VERSION, whose parts are not to be found",
        "Name the folder of a whole release: the parts stand in filefunc.inc.php and version.inc.php",
    ),
    "empty": (
        {FILEFUNC: "define('DOL_VERSION', '');\n"},
        "the files in {} state the version ''",
        "Name the folder of a release",
    ),
    "no name for a folder": (
        {FILEFUNC: "define('DOL_VERSION', '22.0.4/../..');\n"},
        "the files in {} state the version '22.0.4/../..'",
        "Name the folder of a release",
    ),
    "Git LFS has the file": (
        {FILEFUNC: "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 17\n"},
        "{}/filefunc.inc.php is a pointer of Git LFS, not the file",
        "Get the files themselves: git lfs pull",
    ),
}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write an application's files to ``folder``, PHP's opening tag before each; return ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content if content.startswith("version ") else f"<?php\n{content}")
    return folder
