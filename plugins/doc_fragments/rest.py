# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where an API is and who calls it, for what speaks to one from the controller."""

from __future__ import annotations


class ModuleDocFragment:
    """What the documentation of a module takes by ``extends_documentation_fragment``."""

    DOCUMENTATION = r"""
options:
  url:
    description: URL of the site, with or without C(/api/index.php).
    type: str
    required: true
  key:
    description: Key of the API user, who needs the rights to what is read and written.
    type: str
    required: true
  ca_path:
    description: File of the authorities to check the certificate with, instead of the public ones.
    type: path
  allow_http:
    description: Send the key without TLS, to another host than the one that this runs on.
    type: bool
    default: false
  entity:
    description: For multicompany, the entity to work in.
    type: int
  timeout:
    description: Seconds to wait for an answer.
    type: float
    default: 30.0
"""
