"""`fenghuo organisation list | add`: the server's console adds what it would take two administrators to add on the pages."""

import json
from argparse import Namespace
from typing import Any

from fenghuo.ground.accounts import actions, queries
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ops import installation
from fenghuo.ops.outcome import DONE


def run(args: Namespace) -> int:
    """Carry out the verb."""
    installation.check()
    return {"list": _list, "add": _add}[args.verb](args)


def _list(args: Namespace) -> int:
    rows = [_told(one) for one in Organisation.objects.select_related("area").order_by("area_id", "name")]
    for row in rows:
        _print(row)
    if args.json:
        print(json.dumps({"organisations": rows}, ensure_ascii=False))
    return DONE


def _add(args: Namespace) -> int:
    organisation = actions.create_organisation(
        area_code=args.area, name=args.name, profile=args.profile, signature=args.signature, by=None
    )
    row = _told(organisation)
    _print(row)
    if args.json:
        print(json.dumps(row, ensure_ascii=False))
    return DONE


def _print(row: dict[str, Any]) -> None:
    signature = row["signature"] or "无签名，不能发送 no signature: cannot send"
    closed = "（已停用 closed）" if row["closed"] else ""
    print(f"{row['area']}\t{row['name']}\t{signature}\t{row['profile']}\t{row['accounts_by']}{closed}")


def _told(organisation: Organisation) -> dict[str, Any]:
    return {
        "id": organisation.pk,
        "name": organisation.name,
        "area": organisation.area_id,
        "profile": organisation.profile,
        "signature": queries.profile_of(organisation).sms.suffix.value,
        "accounts_by": "parent" if queries.provisioned_above(organisation) else "self",
        "closed": organisation.closed_at is not None,
    }
