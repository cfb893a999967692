"""`fenghuo rehearse`: the whole main job, headless, through the real processes and the public API, and what came of it."""

import json
import shutil
from argparse import Namespace
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import Any

from django.db import DatabaseError, connections

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts import queries as keys
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.journal import queries as journal
from fenghuo.ops import exercise, installation
from fenghuo.ops.commands.demo import lay_out
from fenghuo.ops.outcome import CHECK_FAILED, DONE, complain
from fenghuo.ops.preparation import Prepared
from fenghuo.ops.rehearsal import proof
from fenghuo.ops.rehearsal.client import Client, Declined
from fenghuo.ops.rehearsal.running import NotStarted, running
from fenghuo.readiness.contacts import actions as contacts
from fenghuo.warning.alerts import queries as alerts
from fenghuo.warning.alerts.models import Release
from fenghuo.wire import cap
from simulators.smsc import Remote

# Reports come after a moment, and one phone in a hundred is off: both outcomes are compared.
BEHAVIOUR = {"report_delay": [0.02, 0.2], "failing_ratio": {"UNDELIV": 0.01}}
# The simulator speaks this one only, so that no other can have been used.
SPOKEN = {
    "cmpp3": ("cmpp", {"versions": [0x30]}),
    "cmpp2": ("cmpp", {"versions": [0x20]}),
    "smpp": ("smpp", {}),
    "http": ("http", {}),
}
OPEN = ("unsent", "intended", "accepted", "in_doubt")
LOOK = 0.1  # seconds between two looks at the progress
ORIGIN = "蓟州区气象台7月1日8时发布暴雨黄色预警信号：预计未来6小时内我区将出现50毫米以上降水，请注意防范。"


@dataclass
class Stage:
    """What everyone in the rehearsal needs."""

    organisation: Organisation
    recipients: int
    clients: dict[str, Client]
    totp: str  # the signer's authenticator key
    timeout: float


def run(args: Namespace, prepared: Prepared) -> int:
    """Rehearse; exit status 4 when a promise was not kept."""
    result: dict[str, Any] = {}
    try:
        stage = _prepare(args, prepared)
        before = proof.row_counts()
        connections.close_all()
        kind, spoken = SPOKEN[args.gateway]
        with running(prepared, BEHAVIOUR | spoken, kind) as centre:
            result = _perform(stage, centre, before, args)
    except (NotStarted, Declined, TimeoutError) as error:
        complain(f"演练中断 / the rehearsal stopped: {error}")
        result = {"broken": [str(error)]}
    finally:
        connections.close_all()
        _clear(args, prepared, keep=args.keep or bool(result.get("broken")))
    broken = result["broken"]
    print(f"未守住 broken: {'; '.join(broken)}" if broken else "全部核对无误 / everything agrees")
    if args.json:
        print(json.dumps(result, ensure_ascii=False), flush=True)
    return CHECK_FAILED if broken else DONE


def _say(text: str) -> None:
    print(text, flush=True)


def _prepare(args: Namespace, prepared: Prepared) -> Stage:
    organisation = lay_out(with_roster=False)
    report = contacts.load_many(organisation=organisation, rows=exercise.crowd(organisation, args.recipients), by=None)
    villages = len(exercise.villages(organisation))
    _say(f"已备 prepared: {organisation.name}，{villages} 个村 villages，{report.added} 人 people（{prepared.data}）")
    people = exercise.people(organisation)
    clients = {
        post: Client(prepared.web_port, accounts.issue_token(account=account, by=None, name="rehearsal"))
        for post, account in people.items()
    }
    totp = accounts.give_totp_for_exercise(account=people["signer"])
    return Stage(organisation, args.recipients, clients, totp, args.timeout)


def _perform(stage: Stage, centre: Remote, before: dict[str, int], args: Namespace) -> dict[str, Any]:
    _until(stage, "gateway bound", lambda: _bound(stage))
    alert = _bring_to_signature(stage)
    begun, at = clock.monotonic(), clock.now().timestamp()
    signed = _sign(stage, alert)
    answered = clock.monotonic() - begun
    _say(f"签发 signed: {signed['audience_count']} 人，摘要 digest {signed['digest'][:16]}…")
    _until(stage, "all recipients settled", lambda: _settled(stage, signed["id"]))
    return _verdict(stage, centre, signed, before, {"at": at, "answered": answered, "gateway": args.gateway})


def _until(stage: Stage, what: str, done: Any) -> None:
    deadline = clock.monotonic() + stage.timeout
    while not done():
        if clock.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {stage.timeout} s")
        Event().wait(LOOK)


def _bound(stage: Stage) -> bool:
    items = stage.clients["entry"].get("/api/v1/gateways")["items"]
    return bool(items) and all(one["state"] == "bound" for one in items)


def _content(stage: Stage) -> dict[str, Any]:
    now = clock.now()
    return {
        "kind": "warning",
        "category": "natural",
        "level": 3,
        "event": "11B03",
        "headline": "暴雨黄色预警",
        "body": ORIGIN,
        "caution": "低洼地带、危旧房屋和河道附近有积水和倒塌危险。",
        "measures": "停止户外作业，远离河道，危房人员转移到安置点。",
        "issuer": "蓟州区气象台",
        "starts_at": now.isoformat(),
        "expires_at": (now + timedelta(hours=6)).isoformat(),
        "areas": [stage.organisation.area_id],
        "audience": {"groups": [], "areas": [stage.organisation.area_id]},
        "origin": {
            "issuer": "蓟州区气象台",
            "issued_at": (now - timedelta(minutes=2)).isoformat(),
            "received_at": (now - timedelta(minutes=1)).isoformat(),
            "how": "phone",
            "text": ORIGIN,
            "reference": "演练",
        },
    }


def _bring_to_signature(stage: Stage) -> dict[str, Any]:
    """Draft, submit, review, approve: each by another person, each through the public API."""
    begun = clock.monotonic()
    alert = stage.clients["entry"].post("/api/v1/alerts", _content(stage))
    _say(f"录入 drafted: {alert['headline']}（{alert['sms'][:24]}…）")
    path = f"/api/v1/alerts/{alert['id']}"
    alert = stage.clients["entry"].post(f"{path}/submit", {"version": alert["version"]})
    _say(f"提交 submitted: {alert['audience_count']} 人 people，{clock.monotonic() - begun:.1f} s")
    stage.clients["reviewer"].post(f"{path}/review", {"digest": alert["digest"]})
    _say("审核 reviewed")
    alert = stage.clients["leader"].post(f"{path}/approve", {"digest": alert["digest"]})
    _say("批准 approved")
    return dict(alert)


def _sign(stage: Stage, alert: dict[str, Any]) -> dict[str, Any]:
    body = {"digest": alert["digest"], "totp": keys.totp_code(stage.totp), "people": alert["audience_count"]}
    return dict(stage.clients["signer"].post(f"/api/v1/alerts/{alert['id']}/sign", body))


def _settled(stage: Stage, alert: str) -> bool:
    progress = stage.clients["duty_officer"].get(f"/api/v1/alerts/{alert}/progress")["release"]
    told = "，".join(f"{name} {progress[name]}" for name in (*OPEN, "delivered", "failed") if progress[name])
    _say(f"进度 progress: {told}")
    return not any(progress[name] for name in OPEN)


def _verdict(
    stage: Stage, centre: Remote, signed: dict[str, Any], before: dict[str, int], took: dict[str, Any]
) -> dict[str, Any]:
    release = Release.objects.get(alert_id=signed["id"], kind="release")
    document = stage.clients["duty_officer"].raw(f"/feeds/cap/{release.cap_identifier}.xml")
    progress = ledger.progress([release.broadcast])[release.broadcast]
    sent = proof.text_sent(json.loads(centre.ask("GET", "/models")))
    segments = alerts.counter(signed["content"]["body"], stage.organisation, signed["content"]["audience"]).segments
    # An HTTP gateway is given a text in one piece, however many segments it sends.
    pieces = 1 if took["gateway"] == "http" else segments
    found = proof.compare(release.broadcast, pieces, centre.packed_rows())
    fat = proof.grown(before, proof.row_counts(), stage.recipients)
    verdict = journal.verify()
    told = (signed["sms"], signed["digest"])  # as the API answered the signer
    result = {
        "mode": "exercise",
        "gateway": took["gateway"],
        "database": connections["ledger"].vendor,
        "recipients": stage.recipients,
        "accepted": found.accepted,
        "delivered": progress.delivered,
        "failed": progress.failed,
        "in_doubt": progress.in_doubt,
        "lost": found.lost,
        "duplicates": found.duplicates,
        "wrong_state": found.wrong,
        "segments": segments,
        "sign_to_first_pdu_ms": round((found.first_at - took["at"]) * 1000, 1),
        "sign_to_last_accept_ms": round((found.last_at - took["at"]) * 1000, 1),
        "sign_request_ms": round(took["answered"] * 1000, 1),
        "cap_valid": not cap.validate(document),
        "journal_valid": verdict.ok,
        "journal_entries": verdict.count,
        "signed_digest_equals_sent": alerts.verify_release(release) and (sent, release.digest) == told,
        "tables_with_a_row_per_recipient": sorted(fat),
    }
    return {**result, "broken": _broken(result)}


def _broken(result: dict[str, Any]) -> list[str]:
    """The promises that were not kept, in words."""
    everyone = result["delivered"] + result["failed"] + result["in_doubt"] == result["recipients"]
    promises = {
        "每人都有结果 everyone has an outcome": everyone,
        "无人遗漏 nobody lost": not result["lost"],
        "无人重复 nobody told twice": not result["duplicates"],
        "状态与网关一致 states agree with the gateway": not result["wrong_state"],
        "全部被接收 all accepted": result["accepted"] == result["recipients"],
        "CAP 有效 CAP is valid": result["cap_valid"],
        "审计日志完好 the journal is whole": result["journal_valid"],
        "所签即所发 what was signed was sent": result["signed_digest_equals_sent"],
        "没有逐人成行的表 no row per recipient": not result["tables_with_a_row_per_recipient"],
    }
    return [words for words, kept in promises.items() if not kept]


def _clear(args: Namespace, prepared: Prepared, *, keep: bool) -> None:
    if keep:
        complain(f"数据保留在 / the data folder is kept: {prepared.data}")
    else:
        try:
            installation.remove()
        except DatabaseError as error:
            complain(f"演练所建的模式未能删除 / the rehearsal's schemas could not be dropped: {error}")
        connections.close_all()
        shutil.rmtree(prepared.data, ignore_errors=True)
