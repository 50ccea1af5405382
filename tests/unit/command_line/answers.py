# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the bridge of these tests answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

USER = {
    **{"id": 7, "login": "shop", "lastname": "Tienda", "firstname": "", "email": "shop@example.org", "admin": False},
    **{"entity": 1, "enabled": True, "password": True, "key": "encrypted", "rights": ["produit.lire"], "ours": True},
}
ADMIN = USER | {"id": 1, "login": "admin", "admin": True, "ours": False, "key": None}
LISTED = [{**user, "groups": ["Sales"]} for user in (ADMIN, USER)]
GROUP = {"id": 3, "name": "Sales", "rights": ["produit.lire"], "members": ["shop"]}
TERMS = [{"code": "30D", "label": "30 days", "days": 30}, {"code": "OLD", "label": "[x]", "active": False}]
FIELD = {"name": "insurer", "label": "Insurer", "type": "varchar", "options": {"a": "A"}}
MODULES = ["api", "product"]


def _changed(command: str, before: Any, after: Any, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"ok": True, "command": command, "changed": True, "diff": {"before": before, "after": after}, **more}


def _read(command: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"ok": True, "command": command, "changed": False, **more}


def source(
    *, own: bool = True, bringing: Sequence[str] = (), groups: Sequence[str] = (), administrator: bool = False
) -> dict[str, Any]:
    """Return where a right comes from."""
    return {"own": own, "with": [*bringing], "groups": [*groups], "administrator": administrator}


def failed(code: str, message: str, mend: str) -> dict[str, Any]:
    """Return a failure."""
    return {"ok": False, "command": "x", "error": {"code": code, "message": message, "mend": mend}}


ANSWERS: dict[str, dict[str, Any] | str] = {
    "none": {
        "ok": False,
        "command": "x",
        "error": {"code": "usage", "message": "There is no command.", "mend": "Near: y."},
    },
    "help": "the manual of the bridge",
    "status": _read(
        "status",
        version="22.0.4",
        php="8.2.20",
        database={"reachable": True, "engine": "mysqli", "version": "10.11", "problem": None, "read_only": None},
        schema={"state": "installed", "reasons": []},
        identity="ours",
        modules=MODULES,
        api=True,
        upgrade_pending=False,
    ),
    "module list": _read("module list", enabled=MODULES, available=[*MODULES, "stock"]),
    "module enable": _changed(
        "module enable",
        {"modules": MODULES},
        {"modules": [*MODULES, "stock"]},
        switched_on=["stock"],
        came_along=["barcode"],
    ),
    "module disable": _changed("module disable", {"modules": MODULES}, {"modules": ["api"]}, came_along=[]),
    "constant get": _read("constant get", name="MAIN_LANG_DEFAULT", set=True, entity=0, value="es_ES"),
    "constant set": _changed("constant set", {"MY_LIMIT": "20"}, {"MY_LIMIT": "50"}, name="MY_LIMIT", value="50"),
    "constant unset": _changed("constant unset", {"MY_LIMIT": "20"}, {"MY_LIMIT": None}, name="MY_LIMIT", value=None),
    "constant all": _read(
        "constant all",
        constants=[
            {"name": "MAIN_LANG_DEFAULT", "entity": 0, "value": "es_ES", "secret": False},
            {"name": "MY_KEY", "entity": 1, "value": "********", "secret": True},
        ],
    ),
    "dictionary list": _read("dictionary list", dictionaries={"payment_terms": TERMS}),
    "dictionary changed": _read("dictionary changed", dictionaries={"units": [{"code": "BX"}]}, unclear=[], known=True),
    "dictionary ensure": _changed(
        "dictionary ensure", {"payment terms 30D": {"days": 30}}, {"payment terms 30D": {"days": 31}}
    ),
    "extrafield list": _read("extrafield list", extra_fields={"thirdparty": [FIELD]}),
    "extrafield ensure": _changed(
        "extrafield ensure", {"thirdparty insurer": {"label": "A"}}, {"thirdparty insurer": {}}
    ),
    "numbering show": _read(
        "numbering show", numbering={"invoice": {"model": "terre"}}, models={"invoice": ["mercure", "terre"]}
    ),
    "numbering ensure": _changed("numbering ensure", {"invoice: model": "terre"}, {"invoice: model": "mercure"}),
    "group ensure": _changed("group ensure", {"note": ""}, {"note": "who sells"}, name="Sales", changes=["note"]),
    "group remove": _changed("group remove", {"name": "Sales"}, {"name": None}, name="Sales", changes=["removed"]),
    "group list": _read("group list", groups=[GROUP]),
    "group show": _read("group show", name="Sales", group=GROUP),
    "user list": _read("user list", users=LISTED),
    "user show": _read("user show", login="shop", user=USER),
    "user ensure": _changed(
        "user ensure", {"lastname": "Tienda"}, {"lastname": "Shop"}, login="shop", changes=["lastname"]
    ),
    "user disable": _changed("user disable", {"enabled": True}, {"enabled": False}, login="shop", user=USER),
    "rights list": _read(
        "rights list",
        rights=["commande.creer", "produit.creer", "produit.lire"],
        held={
            "commande.creer": source(groups=["Sales"]),
            "produit.creer": source(),
            "produit.lire": source(bringing=["produit.creer"]),
        },
    ),
    "rights ensure": _changed("rights ensure", {"rights": ["a.b"]}, {"rights": ["a.b", "produit.lire"]}, login="shop"),
    "key show": _read("key show", login="shop", stored="encrypted", readable=True, key="s3cr3t" * 7),
    "key holder": _read("key holder", login="shop"),
    "mail test": _read("mail test", way="smtps to localhost:25", to="me@example.org")
    | {"changed": True, "from": "a@b.c"},
}
