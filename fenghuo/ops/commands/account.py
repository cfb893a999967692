"""`fenghuo account list | disable | token | bootstrap`. No command gives a post: that takes two people (fault X6)."""

import json
from argparse import Namespace
from typing import Any

from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts import actions, queries
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.refusal import Refused
from fenghuo.ops import installation
from fenghuo.ops.organisations import chosen
from fenghuo.ops.outcome import DONE


def run(args: Namespace) -> int:
    """Carry out the verb."""
    installation.check()
    return {"list": _list, "disable": _disable, "token": _token, "bootstrap": _bootstrap}[args.verb](args)


def _list(args: Namespace) -> int:
    rows: list[dict[str, Any]] = []
    for account in Account.objects.select_related("person__organisation").order_by("username"):
        row = {
            "username": account.username,
            "name": account.person.name,
            "organisation": queries.organisation_of(account).name,
            "posts": (posts := sorted(queries.posts_of(account))),
            "active": account.is_active,
        }
        rows.append(row)
        state = "" if account.is_active else "（已停用 disabled）"
        print(f"{row['username']}\t{row['name']}\t{row['organisation']}\t{' '.join(posts)}{state}")
    if args.json:
        print(json.dumps({"accounts": rows}, ensure_ascii=False))
    return DONE


def _named(username: str) -> Account:
    account = Account.objects.filter(username=username).first()
    if account is None:
        raise Refused("account_unknown", _("there is no such account"), field="username", kind="missing")
    return account


def _disable(args: Namespace) -> int:
    account = _named(args.username)
    actions.disable(account=account, by=None)
    print(f"{account.username}：已停用，会话已结束 / disabled, its sessions are ended")
    return DONE


def _token(args: Namespace) -> int:
    """Signing still needs the person's own second factor; the token alone opens only the API's other doors."""
    token = actions.issue_token(account=_named(args.username), by=None, name=args.name)
    print(f"接口令牌，只显示一次 / API token, shown once:\n{token}")
    return DONE


def _bootstrap(args: Namespace) -> int:
    code = actions.issue_bootstrap_code(organisation=chosen(args.organisation))
    print(f"初始代码 bootstrap code（24 小时内一次有效 once, within 24 h）: {code}")
    return DONE
