"""What is signed: one document that holds every rendered text, and its digest.

The digest is SHA-256 over the document's canonical JSON (sorted keys, no spaces, UTF-8, no floats): see DESIGN §2 and
docs/decisions/2026-11-22-what-the-digest-binds.md.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas import queries as areas
from fenghuo.warning.alerts.models import Alert, Release
from fenghuo.warning.alerts.queries.bulletin import bulletins
from fenghuo.warning.alerts.queries.succession import cap_references, references_of
from fenghuo.warning.alerts.rules import Content, Frame, body_of, correction_of, frame_of
from fenghuo.warning.alerts.rules.outlines import outlines_of

FORM = "fenghuo.alert.1"
NOTICE_LANE = 5  # after the four levels; 0 is kept for corrections


@dataclass(frozen=True)
class Texts:
    """What leaves by each channel. `web`: words by field; `cap` and `correction_cap` are empty where nothing is public.

    `distinct` is the number of different SMS texts that recipients will read: 1, because one text is rendered for all.
    """

    sms: str
    web: dict[str, str]
    cap: str
    correction_sms: str
    correction_web: str
    correction_cap: str
    recall_web: str
    recall_cap: str
    digest: str = ""
    distinct: int = 1


def content_of(alert: Alert) -> Content:
    """What was typed, as it stands in the alert."""
    values = {name: getattr(alert, name) for name in Content.model_fields if name != "template"}
    values["template"] = alert.template_id or ""
    return Content.model_validate({**values, "audience": alert.audience or {}})


def default_correction(content: Content, organisation: Organisation) -> str:
    """The correction that is proposed: what was typed, else the profile's own words about this headline."""
    return correction_of(content, frame_of(organisation))


def texts(alert: Alert) -> Texts:
    """The frozen texts once submitted, else what the draft would become now."""
    if alert.frozen:
        return texts_of(alert.frozen, alert.digest)
    content = content_of(alert)
    frame = frame_of(alert.organisation)
    web = words(alert, content, frame)
    return Texts(
        sms=frame.preview(body_of(content)).text,
        web=_page(web),
        cap="",
        correction_sms=frame.preview(correction_of(content, frame)).text,
        correction_web=web["correction"],
        correction_cap="",
        recall_web=web["recall"],
        recall_cap="",
    )


def texts_of(document: dict[str, Any], digest: str = "") -> Texts:
    """The texts inside a signed document."""
    own, correction, recall = document["texts"], document["correction"], document["recall"]
    return Texts(
        own["sms"], own["web"], own["cap"], correction["sms"], correction["web"], correction["cap"],
        recall["web"], recall["cap"], digest,
    )  # fmt: skip


def words(alert: Alert, content: Content, frame: Frame) -> dict[str, str]:
    """Every word a page or feed shows, marked in an exercise. Names of bodies and places are facts and carry no mark."""
    origin = content.origin
    publisher = alert.organisation.name
    marked = {
        "headline": content.headline,
        "body": body_of(content),
        "caution": content.caution,
        "measures": content.measures,
        "correction_headline": f"更正：{content.headline}",
        "correction": correction_of(content, frame),
        "recall": f"撤回：{content.headline}",
    }
    return {
        **{name: frame.marked(text) for name, text in marked.items()},
        # Whoever relays does not issue (law art. 64): the body that issued keeps its name in every text (W3).
        "issuer": (origin.issuer if origin else "") or content.issuer or publisher,
        "publisher": publisher,
        "area": "、".join(areas.paths(content.areas).values()),
        "decision_document": content.decision_document,
    }


def document(
    alert: Alert,
    content: Content,
    *,
    broadcast: str,
    audience: tuple[str, int],
    frozen_at: datetime,
    before: Sequence[Release] = (),
) -> dict[str, Any]:
    """The document to be signed; `audience`: (sha256 of the frozen blocks, count); `before`: the releases it follows, oldest first.

    Raises wire.text.TextError or wire.cap.CapError for what `problems` should have found.
    """
    frame = frame_of(alert.organisation)
    web = words(alert, content, frame)
    references = references_of(before)
    public = _is_public(alert, frame, references)
    caps = {"alert": "", "recall": "", "correction": ""}
    if public:
        page = f"{settings.FENGHUO.public_url}/v/{alert.code}"
        area = alert.organisation.area_id
        caps = bulletins(
            content, web, frame, area=area, broadcast=broadcast, page=page, frozen_at=frozen_at,
            relation=alert.relation, references=cap_references(references),
        )  # fmt: skip
    return {
        "form": FORM,
        "alert": alert.id,
        "code": alert.code,
        "broadcast": broadcast,
        "organisation": alert.organisation_id,
        "version": alert.version,
        "mode": settings.FENGHUO.mode,
        "profile": {"name": frame.profile.name, "version": frame.profile.version},
        "kind": content.kind,
        "category": content.category,
        "level": content.level,
        "event": content.event,
        "areas": content.areas,
        "polygons": list(outlines_of(content)),
        "relation": alert.relation,
        "references": references,
        "channels": ["sms", "web", "cap"] if public else ["sms"],
        **_rendered(content, frame, web, caps),
        "src_id": frame.profile.sms.src_id.value,
        "lane": lane(content),
        "policy": frame.profile.delivery.policy(content.level),
        "audience": {"sha256": audience[0], "count": audience[1]},
        "whole_network": content.audience.everyone,
        "flow": alert.flow,
        "starts_at": moment(content.starts_at) if content.starts_at else None,
        "expires_at": moment(content.expires_at) if content.expires_at else None,
        "frozen_at": moment(frozen_at),
        "origin": digest_of(alert.origin) if alert.origin else None,
    }


def _is_public(alert: Alert, frame: Frame, references: Sequence[dict[str, Any]]) -> bool:
    """What lifts something that never was public goes to whoever was told, and to nobody else."""
    if alert.relation == "lift" and not any(one["sender"] for one in references):
        return False
    return alert.kind in frame.profile.warnings.public_kinds.value


def _rendered(content: Content, frame: Frame, web: dict[str, str], caps: dict[str, str]) -> dict[str, Any]:
    """Every text that may leave, those kept for afterwards included."""
    return {
        "texts": {"sms": frame.sms(body_of(content)), "web": _page(web), "cap": caps["alert"]},
        "correction": {
            "sms": frame.sms(correction_of(content, frame)),
            "headline": web["correction_headline"],
            "web": web["correction"],
            "cap": caps["correction"],
        },
        "recall": {"web": web["recall"], "cap": caps["recall"]},
    }


def _page(words: dict[str, str]) -> dict[str, str]:
    """The words of the alert's own page, without those kept for afterwards."""
    return {name: text for name, text in words.items() if not name.startswith(("correction", "recall"))}


def lane(content: Content) -> int:
    """Red first: the level, or 5 for what has none."""
    return content.level or NOTICE_LANE


def moment(at: datetime) -> str:
    """A time as the document writes it: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest_of(value: Any) -> str:
    """SHA-256 in hexadecimal over canonical JSON."""
    text = json.dumps(_exact(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _exact(value: Any) -> Any:
    """The value itself. Raises TypeError for a float: two machines may print the same float differently."""
    if isinstance(value, float):
        raise TypeError("a signed document holds no floats")
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _exact(one)
    return value
