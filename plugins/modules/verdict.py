#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# The action of the same name does the work, on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: verdict
short_description: Fails with a message of several lines, told once
version_added: 0.1.0
description:
  - As M(ansible.builtin.fail), whose message Ansible prints twice, as an error and as the task's result. Here the one
    has its first line and the other the whole, so that a red run is read from its last lines.
options:
  msg:
    description: What is wrong.
    type: str
    required: true
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Fails as well.
  diff_mode:
    support: none
    description: Nothing is changed.
"""

EXAMPLES = r"""
- name: Say what is broken
  miclinik.hosting.verdict:
    msg: "{{ proof.verdict }}"
  when: proof.verdict | length > 0
"""

RETURN = r"""
msg:
  description: The message, or its first line where results are shown in one line each.
  returned: always
  type: str
"""
