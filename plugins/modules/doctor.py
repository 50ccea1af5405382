#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: doctor
short_description: Names the causes of what is wrong with sites
version_added: 0.2.0
description:
  - Runs the checks of M(miclinik.hosting.smoke) from the controller and M(miclinik.hosting.doctor_probe) on the host at
    the same time, and concludes from both what is wrong, the most likely cause first, with the evidence and the mend.
    Two faults give two causes.
  - Where it finds no cause for what failed, it says so, and what it looked at.
  - Changes nothing, and does not fail for what it finds.
requirements:
  - requests 2.32 or newer, on the controller
options:
  sites:
    description: What each site promises. Several are checked at the same time.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the site, for the report.
        type: str
        required: true
      base_url:
        description: The site's own URL, with its base path, as in C($dolibarr_main_url_root).
        type: str
        required: true
      connect_to:
        description:
          - Address, or address and port, to reach the site at, whatever DNS says.
          - Host header, TLS server name and certificate check stay those of O(sites[].base_url).
        type: str
      validate_certs:
        description: Whether the certificate is checked.
        type: bool
        default: true
      ca_path:
        description: File of the authorities, on the controller, to check the certificate with; else the public ones.
        type: path
      ca_content:
        description: Certificates, in PEM form, to check the certificate with, as that of a self-signed site.
        type: str
      plain:
        description:
          - Whether the connection carries plain HTTP although O(sites[].base_url) begins with C(https://), because
            a proxy in front of O(sites[].connect_to) speaks TLS.
        type: bool
        default: false
      tls_mend:
        description: What to do when the certificate is refused, where the caller knows.
        type: str
      login:
        description: API user to log in as; without it the login is not checked, unless O(sites[].login_enabled=false).
        type: str
      password:
        description: Password of O(sites[].login).
        type: str
      key:
        description:
          - Key of the API user. The login has to give this very key.
          - Without it version and operations are not checked.
        type: str
      modules:
        description: Modules whose operations have to be listed, by the names of their classes without C(mod).
        type: list
        elements: str
        default: []
      expected_version:
        description: Version that C(/status) has to give. Any when not set.
        type: str
      explorer:
        description: Whether the site has the explorer.
        type: bool
        default: true
      login_enabled:
        description: Whether the site has the login endpoint.
        type: bool
        default: true
      api_enabled:
        description: Whether the site has the API. Without it only the pages are checked, and that the API is off.
        type: bool
        default: true
      reads:
        description: Lists of the API, such as V(products), that the user of O(sites[].key) has to be able to read.
        type: list
        elements: str
        default: []
      maintenance:
        description: The login for which alone the pages are open, where this is meant.
        type: str
        default: ""
  host:
    description:
      - What to look at on the host. With it the host is examined at the same time, which adds the check V(inside) of
        what cannot be seen from outside, and the causes of what failed.
    type: dict
    suboptions:
      sites:
        description: What the filter P(miclinik.hosting.doctor_sites#filter) makes of the sites.
        type: list
        elements: dict
        required: true
      php_version:
        description: Version of the PHP-FPM that serves the sites, such as V(8.2).
        type: str
        required: true
      web_server:
        description: The web server in front.
        type: str
        choices: [nginx, apache]
        default: nginx
      database_engine:
        description: The database engine.
        type: str
        choices: [mariadb, postgresql]
        default: mariadb
  timeout:
    description: Seconds that one request may take.
    type: float
    default: 10.0
  settle:
    description:
      - Seconds for which the first checks are repeated before their failure counts.
      - A reload of Nginx is asynchronous, and the first calls after it can still meet the old configuration.
    type: float
    default: 3.0
  report_dir:
    description:
      - Folder on the controller for the report; without it none is written.
      - In a folder of it that is named like the host come C(results.json), C(junit.xml) for CI servers, and
        C(report.html), a page that needs no other file. They replace those of the run before. No secret is in them.
      - They are written in check mode too, since they are output.
    type: path
    default: ""
author:
  - miclinik.hosting maintainers
attributes:
  check_mode:
    support: full
    description: Reads only.
  diff_mode:
    support: none
    description: There is nothing to differ.
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
    confidence:
      description: V(certain), V(likely) or V(possible).
      type: str
diagnosis:
  description: The causes as printed.
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
