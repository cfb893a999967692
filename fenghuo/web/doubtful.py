"""What an organisation sent of which somebody is in doubt: alerts with their corrections, texts to its own people, link tests."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext, gettext_noop

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import queries
from fenghuo.warning.alerts.models import Alert, ServiceText
from fenghuo.warning.linktests.models import SmsTest

TEXTS = {
    "ask": gettext_noop("Question to a leader for approval"),
    "done": gettext_noop("Answer that an approval was recorded"),
    "answer": gettext_noop("Answer why an approval was not recorded"),
    "urgent": gettext_noop("Notice of an urgent release"),
}
LONGEST_IN = 900


@dataclass(frozen=True)
class Subject:
    """One thing that was sent, and how many of its recipients are in doubt; exactly one of alert, text and test is there."""

    key: str
    broadcasts: tuple[str, ...]
    n: int
    alert: Alert | None = None
    text: ServiceText | None = None
    test: SmsTest | None = None

    @property
    def title(self) -> str:
        """What it is, for a heading."""
        if self.text is not None:
            return gettext(TEXTS.get(self.text.purpose, self.text.purpose))
        if self.test is not None:
            return gettext("Monthly link test by SMS")
        return self.alert.headline if self.alert else ""


def subjects(organisation: Organisation) -> list[Subject]:
    """Everything of which somebody is in doubt, the newest first, whatever its age. At most four queries, one while all is well."""
    found = ledger.doubtful(organisation.pk)
    own = _known(organisation, {one.parent or one.broadcast for one in found})
    listed: dict[str, Subject] = {}
    for one in found:
        subject = own.get(one.parent or one.broadcast)
        if subject is not None:
            before = listed.get(subject.key, subject)
            listed[subject.key] = replace(
                before, n=before.n + one.n, broadcasts=tuple(dict.fromkeys((*before.broadcasts, one.broadcast)))
            )
    return list(listed.values())


def subject(organisation: Organisation, key: str) -> Subject:
    """What a form names, whoever of it is still in doubt. Raises Refused missing for another organisation's."""
    kind, _colon, id = key.partition(":")
    missing = Refused("missing", gettext_noop("There is no such thing here."), kind="missing")
    if not accounts.is_id(id):
        raise missing
    if kind == "alert":
        return _of_alert(queries.alert(organisation, id))
    model = {"text": ServiceText, "test": SmsTest}.get(kind)
    thing = model.objects.filter(organisation=organisation, pk=id).first() if model else None  # type: ignore[attr-defined]
    if thing is None or not thing.broadcast:
        raise missing
    return _of_text(thing) if isinstance(thing, ServiceText) else _of_test(thing)


def _known(organisation: Organisation, broadcasts: Iterable[str]) -> dict[str, Subject]:
    """This organisation's own among some broadcasts."""
    ids, found = sorted(broadcasts), dict[str, Subject]()
    for start in range(0, len(ids), LONGEST_IN):
        part = {"organisation": organisation, "broadcast__in": ids[start : start + LONGEST_IN]}
        alerts = Alert.objects.filter(**part).select_related("organisation__area")
        found |= {one.broadcast or "": _of_alert(one) for one in alerts}
        texts = ServiceText.objects.filter(**part).select_related("person", "alert")
        found |= {one.broadcast: _of_text(one) for one in texts}
        found |= {one.broadcast: _of_test(one) for one in SmsTest.objects.filter(**part)}
    return found


def _of_alert(one: Alert) -> Subject:
    return Subject(f"alert:{one.pk}", (one.broadcast or "",), 0, alert=one)


def _of_text(one: ServiceText) -> Subject:
    return Subject(f"text:{one.pk}", (one.broadcast,), 0, text=one)


def _of_test(one: SmsTest) -> Subject:
    return Subject(f"test:{one.pk}", (one.broadcast,), 0, test=one)
