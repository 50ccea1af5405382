#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: doctor
short_description: Names the causes of what is wrong with sites
version_added: 0.1.0
description:
  - Runs the checks of M(miclinik.hosting.smoke) from the controller and M(miclinik.hosting.doctor_probe) on the host at
    the same time, and concludes from both what is wrong, the most likely cause first, with the evidence and the mend.
    Two faults give two causes.
  - Where it finds no cause for what failed, it says so, and what it looked at.
  - Changes nothing, and does not fail for what it finds.
options:
  notes:
    description:
      - What to tell of the host besides, as the filter P(miclinik.hosting.orphans#filter) gives it. It makes no site
        unhealthy.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - miclinik.hosting.reading
  - miclinik.hosting.examination
  - miclinik.hosting.examination.controller
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: Find out what is wrong
  miclinik.hosting.doctor:
    sites:
      - name: norte
        base_url: https://norte.example.org
        login: integration
        password: "{{ integration_password }}"
        key: "{{ integration_key }}"
    host:
      sites: "{{ miclinik_sites | miclinik.hosting.sites | miclinik.hosting.doctor_sites }}"
      php_version: "8.2"
  register: found

- name: Tell it to a monitoring system
  ansible.builtin.debug:
    msg: "{{ found.causes | map(attribute='id') }}"
"""

RETURN = r"""
healthy:
  description: Whether every check passed and nothing was found.
  returned: always
  type: bool
causes:
  description: What is wrong, the most likely first; empty without O(host).
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Name of the cause, such as V(api-pool-down).
      type: str
    site:
      description: Name of the site.
      type: str
    cause:
      description: The cause in plain words.
      type: str
    evidence:
      description: What shows it. No secret is in it.
      type: list
      elements: str
    mend:
      description: What to do.
      type: str
    run:
      description:
        - The commands of the mend, for root on the host, where it is no more than these. Nothing runs them by itself.
      type: list
      elements: str
    confidence:
      description: V(certain), V(likely) or V(possible).
      type: str
    layer:
      description: Where on a request's way it lies, such as V(tls) or V(db-login); empty where it is of no layer.
      type: str
    way:
      description: A request's way up to there.
      type: str
    changes:
      description: What the mend changes; empty where it only says what to look at.
      type: str
    since:
      description: When it came about, seconds since 1970, where something shows it; 0 else.
      type: float
    follows:
      description: The C(id) of the cause that it only follows from; empty for a cause of its own.
      type: str
diagnosis:
  description: The causes as printed.
  returned: always
  type: list
  elements: str
yellow:
  description:
    - What will break, as printed, such as a certificate that ends soon or a service that does not start with the host.
      No check fails of it.
  returned: always
  type: list
  elements: str
notes:
  description: What else is to be told, as printed.
  returned: always
  type: list
  elements: str
results:
  description: The checks, as M(miclinik.hosting.smoke) returns them.
  returned: always
  type: list
  elements: dict
lines:
  description: A line a check.
  returned: always
  type: list
  elements: str
report:
  description: Paths of the files of the report.
  returned: always
  type: list
  elements: str
"""
