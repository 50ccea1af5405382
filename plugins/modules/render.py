#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: render
short_description: Renders a set of templates, and keeps all of them or none
version_added: 0.1.0
description:
  - Renders templates of this collection's C(templates/) on the controller and writes them on the host in one round
    trip, where M(ansible.builtin.template) takes two for each file.
  - A file of the same name in O(overrides) replaces the collection's own. It may extend it, by
    C({% extends "miclinik/nginx/site.conf.j2" %}), and replace single blocks.
  - When O(validate) fails, the files that were there before are put back, and the command's words are the error,
    with the site and the key whose lines it refused.
  - Names that end in C(.j2) are templates; others are copied as they are. A folder is copied with all that is in it.
  - With O(load) services run what is on disk then, as by M(miclinik.hosting.loaded), in the same round trip.
options:
  files:
    description: What has to be on the host, in the order in which it is written.
    type: list
    elements: dict
    required: true
    suboptions:
      template:
        description: File or folder below C(templates/).
        type: str
      program:
        description:
          - Module of this collection, such as C(module_utils.smoke.watch). It is copied below O(files[].dest), with all
            the collection that it imports, to where Python finds it by its full name.
        type: str
        version_added: 0.1.0
      state:
        description:
          - Kind of what has to be there. With O(files[].template) and O(files[].program) it is V(file).
          - V(block) is O(files[].lines) at the top of a file that is there, between marks; the rest, its owner and mode
            stay.
          - V(log) is a file that others write. It is made where it is missing, and its content is left alone.
        type: str
        choices: [file, log, folder, link, absent, block]
        default: file
      dest:
        description: Path on the host. V({site[name]}) and the like are filled in when O(files[].for_each) is given.
        type: str
        required: true
      target:
        description: What a link points at.
        type: str
      lines:
        description: What a block holds.
        type: str
        version_added: 0.1.0
      for_each:
        description: >-
          Sites; the entry counts once for each, which the template knows as C(site), and O(files[].dest),
          O(files[].target), O(files[].owner) and O(files[].group) as V({site[…]}).
        type: list
        elements: dict
      vars:
        description: Variables that only this template sees.
        type: dict
        default: {}
      owner:
        description: Owner.
        type: str
        default: root
      group:
        description: Group.
        type: str
        default: root
      mode:
        description: Mode in octal digits, in quotes.
        type: str
        default: "0644"
      sensitive:
        description: Whether the content is kept out of the diff.
        type: bool
        default: false
      validate:
        description: >-
          Command that must accept the file before it is put in place, as a list of words with V(%s) for its path. What
          it says of a sensitive file is not shown, but for the number of the line.
        type: list
        elements: str
        default: []
        version_added: 0.1.0
  validate:
    description: Command that must succeed once the files are written, as a list of words.
    type: list
    elements: str
    default: []
  load:
    description:
      - Services that have to run what is on disk, each with the options of M(miclinik.hosting.loaded), in this order,
        once all files are written.
      - It follows from state as there, and so is done whether or not a file has changed.
    type: list
    elements: dict
    default: []
    suboptions:
      unit: {type: str, required: true, description: Unit of systemd.}
      sockets: {type: str, default: "", description: Unit of systemd that holds its sockets.}
      reads: {type: list, elements: str, default: [], description: What it has loaded.}
      restart_for: {type: list, elements: str, default: [], description: Patterns of what a reload takes no notice of.}
      test: {type: list, elements: str, default: [], description: Command that refuses a wrong configuration.}
      kind:
        description: What proves that it was loaded anew.
        type: str
        choices: [php-fpm, nginx, apache, other]
        default: other
      user: {type: str, default: "", description: Unix user of the workers.}
      because: {type: list, elements: str, default: [], description: What the caller has seen of it.}
      enabled: {type: bool, default: true, description: Whether it has to start with the host.}
      start: {type: bool, default: true, description: Whether it is started where it does not run.}
    version_added: 0.1.0
  overrides:
    description: Folder on the controller with the operator's own templates.
    type: path
    default: ""
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: >-
      Says what would be written, and what would be done to services with the files as they are. O(validate) is not run.
  diff_mode:
    support: full
    description: Shows contents, owners and modes; of sensitive files only that they change.
"""

EXAMPLES = r"""
- name: Render the vhosts
  miclinik.hosting.render:
    overrides: "{{ miclinik_templates_dir }}"
    validate: [nginx, -t]
    files:
      - template: nginx/site.conf.j2
        for_each: "{{ miclinik_sites | miclinik.hosting.sites }}"
        dest: /etc/nginx/sites-available/{site[name]}.conf
"""

RETURN = r"""
paths:
  description: Paths that changed, or would in check mode.
  returned: success
  type: list
  elements: str
steps:
  description: What was done to the services of O(load), as verbs of systemctl, or would be in check mode.
  returned: success
  type: list
  elements: str
because:
  description: Paths that they had not loaded as they are, and what else showed it.
  returned: success
  type: list
  elements: str
units:
  description: The units for which something was done.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.host import blocks as host_blocks
from ansible_collections.miclinik.hosting.plugins.module_utils.host import rendered as host_rendered
from ansible_collections.miclinik.hosting.plugins.module_utils.host.discreet_module import DiscreetModule
from ansible_collections.miclinik.hosting.plugins.module_utils.services import orders
from ansible_collections.miclinik.hosting.plugins.module_utils.services.service import Service


def main() -> None:
    """Run the module on what the action has rendered."""
    module = DiscreetModule(
        argument_spec={
            "files": {"type": "list", "elements": "dict", "required": True},
            "validate": {"type": "list", "elements": "str", "default": []},
            "load": {"type": "list", "elements": "dict", "default": [], "options": {**orders.OWN, **orders.SHARED}},
            "overrides": {"type": "path", "default": ""},  # for the action, which keeps it
        },
        supports_check_mode=True,
    )
    try:
        wanted = [host_blocks.whole(host_rendered.Wanted.of(item)) for item in module.params["files"]]
        paths, diffs = host_rendered.apply(wanted, module.check_mode, module.params["validate"])
    except host_rendered.RenderError as error:
        module.fail_json(msg=str(error))
    except (OSError, LookupError) as error:
        module.fail_json(msg=f"the files could not be written, and the old ones are back in place: {error}")
    done = orders.carry_out([Service(**given) for given in module.params["load"]], check=module.check_mode)
    result = done.result | {"paths": [str(path) for path in paths]}
    result |= {"changed": bool(paths) or result["changed"], "diff": [*diffs, *result["diff"]]}
    if done.failed:
        module.fail_json(msg="\n".join(done.failed), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
