"""Writing: draft, copy, edit. Nothing typed is ever lost: a draft may be incomplete, and two editors never overwrite each other."""

import secrets
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import queries, rules, states
from fenghuo.warning.alerts.actions.kept import UNFROZEN, entry, move, moved_on, note
from fenghuo.warning.alerts.models import Alert
from fenghuo.warning.alerts.rules import Content

# Easy to read aloud and to type: nothing that looks like another character.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_LENGTH = 8


def draft(*, content: Content, by: Account) -> Alert:
    """A new alert. Only what cannot be understood was refused (by `rules.read`); what is missing is told at submit."""
    rights.require(account=by, act="draft")
    rules.template_of(content, accounts.organisation_of(by))
    with transaction.atomic():
        alert = begin(content, by)
        note(alert, "draft", by, kind=alert.kind)
    return alert


def begin(content: Content, by: Account, **more: Any) -> Alert:
    """The row of a new draft, in the caller's transaction; whoever calls has asked whether `by` may, and notes it."""
    now = clock.now()
    alert = Alert(
        organisation=accounts.organisation_of(by),
        author=by,
        author_person=by.person,
        created_at=now,
        updated_at=now,
        code="".join(secrets.choice(ALPHABET) for _position in range(CODE_LENGTH)),
        **_columns(content),
        **more,
    )
    alert.save(force_insert=True)
    return alert


def copy(*, alert: Alert, by: Account) -> Alert:
    """A new draft with the same content. What was typed carries no exercise mark, so neither does a copy (W14)."""
    rights.require(account=by, act="alerts_read", organisation=alert.organisation)
    return draft(content=queries.content_of(alert), by=by)


def edit(*, alert: Alert, version: int, content: Content, by: Account) -> Alert:
    """Change an unsigned alert: a new version, back to draft, review and approval void.

    `version` is the one the editor began from. Refused (conflict) when somebody else saved meanwhile; `params["difference"]`
    is {field: [theirs, yours]} and `params["version"]` the version to go on from.
    """
    rules.require(alert=alert, verb="edit", account=by)
    rules.template_of(content, alert.organisation)
    if version != alert.version:
        raise _overtaken(Alert.objects.get(pk=alert.pk), content)
    first = alert.state != states.DRAFT or alert.steps.values_list("person_id", flat=True).last() != by.person_id
    try:
        with transaction.atomic():
            values = {**UNFROZEN, **_columns(content)}
            move(alert, "edit", **values, version=version + 1, editor_person=by.person)
            alert.refresh_from_db()
            if first:
                note(alert, "edit", by)
            else:  # the next save of the same hand: in the journal, but no new step in the alert's life
                journal.record(**entry(alert, "edit", by, version=alert.version))
    except Refused as refused:
        found = Alert.objects.get(pk=alert.pk)
        raise (refused if found.state == states.SIGNED else _overtaken(found, content)) from refused
    return alert


def _columns(content: Content) -> dict[str, Any]:
    values = {name: getattr(content, name) for name in Content.model_fields}
    values["template_id"] = values.pop("template") or None
    values["audience"] = content.audience.model_dump()
    values["whole_network"] = content.audience.everyone
    values["origin"] = content.origin.model_dump(mode="json") if content.origin else None
    return values


def _overtaken(found: Alert, content: Content) -> Refused:
    saved = queries.content_of(found)
    theirs, yours = saved.model_dump(mode="json"), content.model_dump(mode="json")
    # Compared as values: the same moment is no difference, whichever zone it is written in.
    differ = [name for name in Content.model_fields if getattr(saved, name) != getattr(content, name)]
    refused = moved_on(found)
    return Refused(
        "edited_meanwhile",
        _("%(name)s saved another version meanwhile. Yours is kept on this page: compare, then save again."),
        kind="conflict",
        params={
            **refused.params,
            "name": refused.params.get("name", ""),
            "difference": {name: [theirs[name], yours[name]] for name in differ},
            "version": found.version,
        },
        kept="yours",
    )
