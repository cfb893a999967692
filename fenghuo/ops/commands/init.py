"""`fenghuo init`: a data folder that holds one organisation and no account that anyone could use without the code printed here."""

import json
from argparse import Namespace
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.areas import actions as areas
from fenghuo.ground.areas.models import Area
from fenghuo.ground.areas.queries import DEMO_CSV
from fenghuo.ground.refusal import Refused
from fenghuo.ops import installation, keys
from fenghuo.ops.preparation import Prepared

# An exercise can be tried at once with the town of the first source document; a live installation names its own government.
EXAMPLE = {"organisation": "下仓镇", "area": "120119111", "profile": "xiacang"}


def run(args: Namespace, prepared: Prepared) -> int:
    """Make tables, areas and the first organisation; running it again completes or upgrades what is there."""
    installation.migrate()
    installation.install()
    if args.areas or not Area.objects.exists():
        areas.import_csv(path=Path(args.areas) if args.areas else DEMO_CSV, by=None)
    organisation = Organisation.objects.first() or _organisation(args)
    keys.ensure()
    code = "" if Account.objects.exists() else accounts.issue_bootstrap_code(organisation=organisation)
    _tell(prepared, organisation, code)
    if args.json:
        print(json.dumps(_summary(prepared, organisation, code), ensure_ascii=False))
    return 0


def _organisation(args: Namespace) -> Organisation:
    given = {key: getattr(args, key) for key in EXAMPLE if getattr(args, key)}
    missing = sorted(set(EXAMPLE) - set(given))
    if missing and (given or settings.FENGHUO.mode == "live"):
        reason = _(
            "name the government: --organisation, --area and --profile are all needed (here missing: %(missing)s)"
        )
        raise Refused("organisation_incomplete", reason, params={"missing": " ".join(f"--{one}" for one in missing)})
    wanted = given or EXAMPLE
    return accounts.create_organisation(
        area_code=wanted["area"], name=wanted["organisation"], profile=wanted["profile"], by=None
    )


def _tell(prepared: Prepared, organisation: Organisation, code: str) -> None:
    mode = {"live": "实战 live", "exercise": "演练 exercise"}[settings.FENGHUO.mode]
    print(f"数据目录 data folder: {prepared.data}（{mode}）")
    print(f"机构 organisation: {organisation.name}（{organisation.area_id}，{organisation.profile}）")
    if code:
        print(f"初始代码 bootstrap code（24 小时内一次有效 once, within 24 h）: {code}")
        print(f"下一步 next: fenghuo up --data {prepared.data}，打开 open {settings.FENGHUO.public_url}/bootstrap/")
    else:
        print("已有账号，未发放初始代码 / accounts exist, so no bootstrap code was issued")


def _summary(prepared: Prepared, organisation: Organisation, code: str) -> dict[str, str | bool | None]:
    return {
        "data": str(prepared.data),
        "new": prepared.new,
        "mode": settings.FENGHUO.mode,
        "organisation": organisation.id,
        "name": organisation.name,
        "area": organisation.area_id,
        "profile": organisation.profile,
        "bootstrap_code": code or None,
    }
