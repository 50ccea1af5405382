# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a company's logo may be. The application keeps it among its documents."""

from __future__ import annotations

import re

#: What a company has of them.
KEYS = ("logo", "logo_square")
#: Where it is, in the documents.
LOGOS = "mycompany/logos"
#: PDFs take these two kinds, and every version makes thumbs of them. It is stored under the name that it has here: of
#: other characters the application would make others.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.(png|jpg|jpeg)")
#: How the content of an image begins, whatever it is called.
BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
#: Bytes: it goes into every PDF.
MOST = 1024 * 1024
