"""`fenghuo keys show | renew | trust | distrust`: whose signature this installation makes, and whose it believes."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from django.db.transaction import atomic
from django.utils.translation import gettext_noop as _

from fenghuo.ground.journal import actions as journal
from fenghuo.ground.keyring import actions, queries
from fenghuo.ground.keyring.values import Trusted
from fenghuo.ground.refusal import Refused
from fenghuo.ops import installation, keys
from fenghuo.ops.outcome import CHECK_FAILED, DONE


def run(args: Namespace) -> int:
    """Carry out one verb; `show` fails (4) when the key is not fit to sign or a trusted file is wrong."""
    installation.check()
    verbs = {"show": _show, "renew": _renew, "trust": _trust, "distrust": _distrust}
    return verbs[args.verb](args)


def _show(args: Namespace) -> int:
    wrong = queries.faults()
    told: dict[str, Any] = {"ok": not wrong, "key": None, "trusted": [_shown(one) for one in queries.trusted()]}
    try:
        own = queries.signer()
        pem = own.certificate.public_bytes(Encoding.PEM).decode()
        told["key"] = {"fingerprint": own.fingerprint, "until": own.until.isoformat(), "certificate": pem}
        print(f"签名证书 certificate：{own.certificate.subject.rfc4514_string()}")
        print(f"指纹 SHA-256：{own.fingerprint}\n有效至 valid until：{own.until.isoformat()}\n{pem}", end="")
    except Refused as refused:
        wrong = [refused, *wrong]
        told["ok"] = False
    for held in told["trusted"]:
        print(f"信任 trusted：{held['name']} {','.join(held['areas'])} {held['fingerprint']} → {held['until']}")
    for one in wrong:
        print(f"有误 WRONG：{one.in_language('zh-hans')} / {one.in_language('en')}")
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
    return DONE if told["ok"] else CHECK_FAILED


def _renew(args: Namespace) -> int:
    made = keys.renew()
    print(f"新的签名证书 new certificate：{made.fingerprint}")
    print("请将新证书交给信任本机的各方 / give the new certificate to everybody who trusts this installation:")
    print(made.certificate.public_bytes(Encoding.PEM).decode(), end="")
    return DONE


def _trust(args: Namespace) -> int:
    path = Path(args.pem)
    try:
        data = path.read_bytes()[: queries.MOST_BYTES + 1]
    except OSError as error:
        raise Refused("file_unreadable", _("%(file)s cannot be read: %(why)s."),
                      params={"file": path, "why": error.strerror}) from error  # fmt: skip
    with atomic():
        one = actions.trust(pem=data, areas=args.area, named=path.name)
        detail = {"areas": list(one.areas), "subject": one.name}
        journal.record(act="keys.trust", by=None, subject=one.fingerprint, detail=detail)
    print(f"已信任 trusted：{one.name} {','.join(one.areas)} {one.fingerprint}")
    return DONE


def _distrust(args: Namespace) -> int:
    with atomic():
        one = actions.distrust(fingerprint=args.fingerprint)
        journal.record(act="keys.distrust", by=None, subject=one.fingerprint, detail={"subject": one.name})
    print(f"不再信任 no longer trusted：{one.name} {one.fingerprint}")
    return DONE


def _shown(one: Trusted) -> dict[str, Any]:
    until = one.certificate.not_valid_after_utc.isoformat()
    return {"name": one.name, "areas": list(one.areas), "fingerprint": one.fingerprint, "until": until}
