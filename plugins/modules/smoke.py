#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smoke
short_description: Proves over HTTP that sites work, from the controller
version_added: 0.1.0
description:
  - Asks each site for its login page, for paths that do not exist, for the API with no key, a wrong key and the key,
    for a login, for the explorer and for the list of operations; and asserts on what comes back, since a site whose
    API is dead can answer every one of these with status 200.
  - What is switched off on a site is asserted to be off.
  - Runs on the controller, whatever host the task is for, and connects to the host only with O(host) or
    O(run_on=host). It prints a line a check with its time, and the causes when a check failed.
  - Changes nothing. O(sites[].login) has to be a user who has a key already, since the application writes one
    otherwise.
  - A run makes up to six calls that the application refuses with 401, one of them with a wrong key and the others
    without one.
extends_documentation_fragment:
  - miclinik.hosting.examination
  - miclinik.hosting.examination.controller
options:
  not_called:
    description:
      - Sites that are not in O(sites), by name, and why they cannot be called, as those that check mode has not made.
      - They are printed, so that nobody takes their silence for success, and no report is written.
    type: dict
    default: {}
  renewing:
    description:
      - Whether the same run has written what is this collection's own, as C(site.yml) does. That it is not as it was
        when the host was last proven to work is no news then.
    type: bool
    default: false
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Reads only, and so does the same in check mode.
  diff_mode:
    support: none
    description: There is nothing to differ.
"""

EXAMPLES = r"""
- name: Check the site before its name is in DNS
  miclinik.hosting.smoke:
    sites:
      - name: norte
        base_url: https://norte.example.org
        connect_to: "{{ ansible_host }}"
        ca_path: "{{ playbook_dir }}/ca.pem"
        login: integration
        password: "{{ integration_password }}"
        key: "{{ integration_key }}"
        modules: [societe, product, commande, facture]
        expected_version: 22.0.4
"""

RETURN = r"""
lines:
  description: What was printed, a line a check, a verdict a site, and under a failed check what to do.
  returned: always
  type: list
  elements: str
  sample:
    - "ok   norte  status      10 ms  version 22.0.4"
    - "ok   norte: all 14 checks passed, version 22.0.4, https://norte.example.org"
yellow:
  description:
    - What will break, as printed, such as a certificate that ends soon or a service that does not start with the host.
      No check fails of it.
  returned: always
  type: list
  elements: str
notes:
  description:
    - What is to be told although nothing is wrong, as printed, such as API users and modules that left the inventory
      and go on in the application.
  returned: always
  type: list
  elements: str
results:
  description: The checks of all sites, in order. No secret is in them.
  returned: always
  type: list
  elements: dict
  contains:
    site:
      description: Name of the site.
      type: str
    check:
      description:
        - V(tls) for an C(https://) site, V(web), V(not-found), V(proxy) for a site behind one, V(api), V(clock),
          V(wrong-key), V(login), V(status), V(bearer), V(unknown-endpoint), V(reads), V(explorer), V(operations),
          V(entities), V(inside), or, for what is switched off, V(api-off), V(login-off), V(explorer-off).
      type: str
    about:
      description: What the check asserts.
      type: str
    ok:
      description: Whether it holds.
      type: bool
    ms:
      description: Milliseconds it took.
      type: int
    seen:
      description: What the site answered.
      type: str
    expected:
      description: What it should have answered; empty when it did.
      type: str
    mend:
      description: What to do; empty when the check holds.
      type: str
    symptom:
      description: What the answer is known to be a sign of; empty for none.
      type: str
    facts:
      description:
        - What the check learnt. C(version) of the application; C(operations), their number by module;
          C(certificate_days_left).
      type: dict
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
verdict:
  description: What is broken, for each site in at most five lines; empty when nothing is.
  returned: always
  type: str
not_called:
  description: Sites that were not called, and why.
  returned: when there are any
  type: dict
  sample: {sur: it is not on the host yet}
report:
  description: Paths of the files of the report.
  returned: always
  type: list
  elements: str
"""
