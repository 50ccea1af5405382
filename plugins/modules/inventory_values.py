#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: inventory_values
short_description: Evaluates the inventory's variables one by one, and names those that cannot be
version_added: 0.1.0
description:
  - A variable that is undefined, a value that no password of the vault opens, a lookup that fails.
  - Where Ansible meets one of them, it shows the beginning of all that it was about to evaluate, which may be another
    site's password. This names the site and the key, and shows no value.
  - Runs on the controller alone. Changes nothing.
options: {}
extends_documentation_fragment:
  - miclinik.hosting.reading
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: Evaluate the inventory
  miclinik.hosting.inventory_values:
"""

RETURN = r"""
problems:
  description: What cannot be evaluated, a sentence each.
  returned: on failure
  type: list
  elements: str
"""
