# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules around the bridge ``miclinikctl`` have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """What the documentation of a module takes by ``extends_documentation_fragment``."""

    #: How those that change a site keep to check mode and diff mode.
    DOCUMENTATION = r"""
attributes:
  check_mode:
    support: full
    description: Says what would change. Where the site has yet to be made it says that everything would.
  diff_mode:
    support: full
    description: Shows what changes, without secrets.
"""

    #: The site, for those that look at one.
    SITE = r"""
options:
  site:
    description: Name of the site.
    type: str
    required: true
"""
