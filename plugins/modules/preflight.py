#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: preflight
short_description: Checks inventory, sources and host before anything on the host changes
version_added: 0.1.0
description:
  - Checks C(miclinik_sites) and the other public variables, the sources on the controller, and the host.
  - Fails with one message that lists everything that is wrong, each with the site, the key and the mend.
  - The check of inventory and sources runs on the controller; the facts of the host come from
    M(miclinik.hosting.host_facts), which this action calls.
  - Changes nothing.
options:
  sites:
    description: The list C(miclinik_sites), as the operator wrote it; without it the message says where to write it.
    type: list
    elements: dict
  min_free_mb:
    description: Free space, in MiB, that must be left beside what the sources take.
    type: int
    default: 1024
  allow_untested:
    description: Whether untested distributions and versions of the application are let through.
    type: bool
    default: false
  upgrade:
    description: Whether a site may have a source of a newer version than it runs, since it is upgraded next.
    type: bool
    default: false
  renamed_from:
    description: Name of a site on the host whose addresses another one may have, since it takes its place next.
    type: str
    default: ""
  put_aside:
    description: Files of web servers that serve a site no more when this run is over, since it is adopted.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - miclinik.hosting.reading
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: Check everything first
  miclinik.hosting.preflight:
    sites: "{{ miclinik_sites }}"
"""

RETURN = r"""
problems:
  description: What is wrong, a sentence each.
  returned: on failure
  type: list
  elements: str
versions:
  description: Version of the application, by site.
  returned: success
  type: dict
relaid:
  description: >-
    Sites that an earlier layout of this collection has laid, and whose backups are on: a snapshot comes before it is
    changed.
  returned: success
  type: list
  elements: str
ansible_facts:
  description: The facts that M(miclinik.hosting.host_facts) reads.
  returned: success
  type: dict
"""
