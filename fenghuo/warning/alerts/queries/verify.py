"""What is signed is what is sent (W12), computed again from what lies in both databases."""

from datetime import UTC, datetime
from typing import Any

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.warning.alerts.models import Release
from fenghuo.warning.alerts.queries.bulletin import unfilled
from fenghuo.warning.alerts.queries.document import digest_of, moment
from fenghuo.warning.alerts.queries.national import national_of
from fenghuo.wire.cap import signing

CAP_OF = {"release": "texts", "recall": "recall", "correct": "correction"}


def verify_release(release: Release) -> bool:
    """Whether the digest comes out again from what the sender was really given and what was really published."""
    document = found_document(release)
    same = document is not None and digest_of(document) == release.digest
    return same and (not release.national or bytes(release.national) == national_of(release))


def found_document(release: Release) -> dict[str, Any] | None:
    """The signed document with what the ledger holds and what was published put in its place."""
    signed: dict[str, Any] = release.snapshot["document"]
    document = stored_document(signed)
    if document is None:
        return None
    part = CAP_OF[release.kind]
    frozen_at = datetime.fromisoformat(signed["frozen_at"])
    published = unfilled(signing.unsigned(bytes(release.cap)), frozen_at, kind=release.kind) if release.cap else ""
    document[part] = {**document[part], "cap": published}
    document["origin"] = digest_of(release.snapshot["origin"]) if release.snapshot["origin"] else None
    return document


def stored_document(signed: dict[str, Any]) -> dict[str, Any] | None:
    """A document with the ledger's texts, audience, mode, lane, policy and expiry put in; None without its broadcast."""
    broadcast = Broadcast.objects.filter(id=signed["broadcast"]).first()
    if broadcast is None:
        return None
    follower = Broadcast.objects.filter(parent=broadcast.id).first()
    sha256, count = ledger.audience_hash(broadcast.id)
    return {
        **signed,
        "mode": broadcast.mode,
        "lane": broadcast.lane,
        "src_id": broadcast.src_id,
        "policy": broadcast.policy,
        "audience": {"sha256": sha256, "count": count},
        "expires_at": moment(datetime.fromtimestamp(broadcast.expires_at / 1000, UTC)),
        "texts": {**signed["texts"], "sms": broadcast.text},
        "correction": {**signed["correction"], "sms": follower.text if follower else broadcast.correction},
    }
