"""In whose name an alert speaks: nobody else's (X14), and under the name, signature and rules that hold when it is signed."""

from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts.models import Alert
from fenghuo.warning.alerts.rules.content import Content
from fenghuo.warning.alerts.rules.frame import Frame, body_of
from fenghuo.warning.alerts.rules.problem import Problem, problem

# What binds somebody to the frozen texts: none of it may be done to texts of a name that is no longer this organisation's.
BINDING = ("review", "approve", "record_approval", "ask_approval", "approve_network", "sign", "release_urgent")


def foreign(content: Content, organisation: Organisation, frame: Frame) -> Iterator[Problem]:
    """Another body's name where a signature stands, and an organisation without a signature of its own."""
    if not frame.profile.sms.suffix.value:
        yield problem(
            "signature_missing",
            "body",
            _(
                "%(organisation)s has no signature of its own, and its profile is that of another place (%(profile)s): "
                "an administrator proposes one under “Organisations”."
            ),
            organisation=organisation.name,
            profile=frame.profile.title,
        )
    origin = content.origin
    source = {accounts.plain(origin.issuer)} if origin else set()
    others = [
        one
        for one in accounts.bodies(but=organisation)
        if source.isdisjoint((accounts.plain(one.name), accounts.plain(one.inside)))
    ]
    texts = {
        "headline": content.headline,
        "body": body_of(content),
        "caution": content.caution,
        "measures": content.measures,
        "correction": content.correction,
        "issuer": f"【{content.issuer}】" if origin is None else "",
    }
    for field, text in texts.items():
        for one in accounts.borrowed(text, others):
            yield problem(
                "foreign_signature",
                field,
                _("“%(written)s” (character %(position)s) speaks in the name of %(body)s. Take it out."),
                written=one.written,
                position=one.position + 1,
                body=one.body.name,
            )


def outdated(alert: Alert) -> Refused | None:
    """Why what was frozen may not go on: the organisation has another name, signature or profile since. None while it may."""
    frozen = alert.frozen
    if not frozen:
        return None
    now = accounts.profile_of(alert.organisation)
    same = (
        (frozen["profile"]["name"], frozen["profile"]["version"]) == (now.name, now.version)
        and frozen["texts"]["web"]["publisher"] == alert.organisation.name
        and frozen["texts"]["sms"].endswith(now.sms.suffix.value or "\0")
    )
    if same:
        return None
    return Refused(
        "identity_changed",
        _(
            "The name, signature or rules of %(organisation)s changed after this was submitted, so what was reviewed is void. "
            "Take the audience again, or return it; then it is reviewed anew."
        ),
        kind="conflict",
        params={"organisation": alert.organisation.name, "version": alert.version},
    )
