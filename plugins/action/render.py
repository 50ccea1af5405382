# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Renders templates on the controller for the module ``render``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.template import trust_as_template
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import imports, templates

MANAGED = "Written by miclinik.hosting from templates/{}: what is changed here is lost on the next run."
_PLACES = ("dest", "target", "owner", "group")
_FILE_OPTIONS = {
    "template": {"type": "str"},
    "program": {"type": "str"},
    "state": {"type": "str", "default": "file", "choices": ["file", "log", "folder", "link", "absent", "block"]},
    "dest": {"type": "str", "required": True},
    "target": {"type": "str"},
    "lines": {"type": "str"},
    "for_each": {"type": "list", "elements": "dict"},
    "vars": {"type": "dict", "default": {}},
    "owner": {"type": "str", "default": "root"},
    "group": {"type": "str", "default": "root"},
    "mode": {"type": "str", "default": "0644"},
    "sensitive": {"type": "bool", "default": False},
    "validate": {"type": "list", "elements": "str", "default": []},
}


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.render``."""

    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Render everything, then let the host compare and write."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        _, arguments = self.validate_argument_spec(
            {
                "files": {"type": "list", "elements": "dict", "required": True, "options": _FILE_OPTIONS},
                "validate": {"type": "list", "elements": "str", "default": []},
                "load": {"type": "list", "elements": "dict", "default": []},
                "overrides": {"type": "path", "default": ""},
            }
        )
        overrides = Path(arguments["overrides"]).expanduser() if arguments["overrides"] else None
        with templates.search_path(overrides, self._loader.get_basedir()) as folders:
            # One for all files, since it keeps what it has compiled: the template of a site is that of all sites.
            self._files_templar = self._templar.copy_with_new_env(searchpath=folders, available_variables=variables)
            files = [
                entry
                for given in arguments["files"]
                for site in (given["for_each"] if given["for_each"] is not None else [None])
                for entry in self._entries(given, site, overrides, variables)
            ]
        done: dict[str, Any] = self._execute_module(
            "miclinik.hosting.render",
            module_args={"files": files, "validate": arguments["validate"], "load": arguments["load"]},
            task_vars=variables,
        )
        done.pop("invocation", None)  # it repeats every content
        return result | done

    def _entries(
        self,
        given: Mapping[str, Any],
        site: Mapping[str, Any] | None,
        overrides: Path | None,
        variables: dict[str, Any],
    ) -> Iterator[dict[str, Any]]:
        entry = {key: given[key] for key in ("mode", "sensitive", "validate")} | {"kind": given["state"]}
        entry["site"] = site["name"] if site is not None else ""
        for place in _PLACES:
            if given[place] is not None:
                entry[place] = given[place].format(site=site) if site is not None else given[place]
        if given["program"]:
            for file in imports.needed(given["program"]):
                place = f"{entry['dest']}/{imports.PACKAGE.replace('.', '/')}/{file}"
                yield entry | {"dest": place, "content": (imports.PLUGINS / file).read_text(encoding="utf-8")}
            return
        if not given["template"]:
            if entry["kind"] == "file":
                raise AnsibleError(f"{entry['dest']}: a file needs a template")
            yield entry if given["lines"] is None else entry | {"content": given["lines"]}
            return
        extra = given["vars"] | ({"site": site} if site is not None else {})
        if self._source(given["template"], overrides).is_dir():
            for name in templates.below(given["template"], overrides):
                template = f"{given['template']}/{name}"
                # A program of the folder stays one.
                program = self._source(template, overrides).stat().st_mode & 0o100
                yield entry | {
                    "dest": f"{entry['dest']}/{name.removesuffix('.j2')}",
                    "content": self._content(template, overrides, variables, extra),
                    "own_template": self._own(template, overrides),
                    "mode": "0755" if program else entry["mode"],
                }
            return
        yield entry | {
            "content": self._content(given["template"], overrides, variables, extra),
            "own_template": self._own(given["template"], overrides),
        }

    @staticmethod
    def _source(name: str, overrides: Path | None) -> Path:
        try:
            return templates.source(name, overrides)
        except templates.TemplateError as error:
            raise AnsibleError(str(error)) from error

    def _own(self, name: str, overrides: Path | None) -> str:
        """Return the template as the operator knows it, where it is his; otherwise nothing."""
        return name if overrides and overrides in self._source(name, overrides).parents else ""

    def _content(self, name: str, overrides: Path | None, variables: dict[str, Any], extra: dict[str, Any]) -> str:
        file = self._source(name, overrides)
        if file.suffix != ".j2":
            return file.read_text(encoding="utf-8")
        templar = self._files_templar
        templar.available_variables = variables | {"ansible_managed": MANAGED.format(name)} | extra
        text = f'{{% include "{name if self._own(name, overrides) else f"{templates.SHIPPED}/{name}"}" %}}'
        try:
            rendered = templar.template(trust_as_template(text), escape_backslashes=False)
        except AnsibleError as error:
            raise AnsibleError(f"templates/{name} cannot be rendered: {error}") from error
        return f"{str(rendered).rstrip(chr(10))}\n"
