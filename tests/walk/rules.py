"""What each door is about. A door that this table does not name fails the build: whoever adds one says here whose things it shows.

Extend: a line in `DOORS` for a new address, a maker in `things.py` for a new kind of thing.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Of:
    """A door to things: the kind of thing behind each parameter. `down`: administrators of the tier above may come in."""

    kinds: dict[str, str]
    down: frozenset[str] = frozenset()  # posts
    constant: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Own:
    """A door that names no organisation's thing: what it shows is the visitor's own organisation's, or everybody's."""

    constant: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Public:
    """A door for everybody: what was released, and nothing that was not. `kinds` as in `Of`."""

    kinds: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bearer:
    """Whoever holds the secret in the address is let in by it; nobody is told of it. No thing of an organisation behind it."""


Door = Of | Own | Public | Bearer
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "auditor"})
ALERT, IMPORT = Of({"id": "alert"}), Of({"id": "import"})

DOORS: dict[str, Door] = {
    # --- coming in ---------------------------------------------------------------------------------------------------
    **dict.fromkeys(
        (
            "language/", "sign-in/", "sign-in/factor/", "sign-in/factor/challenge/", "sign-in/passkey/",
            "sign-in/passkey/challenge/", "sign-out/", "bootstrap/", "account/", "account/confirm/",
            "account/confirm/challenge/", "account/password/", "account/app/", "account/passkeys/",
            "account/passkeys/options/", "account/codes/", "account/sessions/", "account/devices/", "account/tokens/",
        ),
        Own(),
    ),
    "enter/<str:token>/": Bearer(),
    "invitations/<str:token>/": Bearer(),
    "invitations/<str:token>/passkey/": Bearer(),
    # --- administration ----------------------------------------------------------------------------------------------
    "accounts/": Own(),
    "accounts/invite/": Own(),
    "accounts/proposals/<str:key>/": Of({"key": "post_proposal"}, ADMINISTRATORS),
    "accounts/<str:key>/": Of({"key": "account"}, ADMINISTRATORS),
    "accounts/<str:key>/act/": Of({"key": "account"}, ADMINISTRATORS),
    "organisations/": Own(),
    "organisations/new/": Own(),
    "organisations/proposals/<str:key>/": Of({"key": "organisation_proposal"}, ADMINISTRATORS),
    "organisations/<str:key>/": Of({"key": "organisation"}, ADMINISTRATORS),
    "organisations/<str:key>/act/": Of({"key": "organisation"}, ADMINISTRATORS),
    # --- alerts ------------------------------------------------------------------------------------------------------
    "": Own(),
    "alerts/": Own(),
    "alerts/new/": Own(),
    "alerts/check/": Own(),
    "alerts/audience/": Own(),
    "alerts/<str:id>/": ALERT,
    "alerts/<str:id>/edit/": ALERT,
    "alerts/<str:id>/autosave/": ALERT,
    "alerts/<str:id>/copy/": ALERT,
    "alerts/<str:id>/review/": ALERT,
    "alerts/<str:id>/sign/": ALERT,
    "alerts/<str:id>/sign/challenge/": ALERT,
    "alerts/<str:id>/progress/": ALERT,
    "alerts/<str:id>/recipients/": ALERT,
    "alerts/<str:id>/recall/": ALERT,
    "alerts/<str:id>/correct/": ALERT,
    "alerts/<str:id>/lift/": ALERT,
    "alerts/<str:id>/follow-up/<str:relation>/": Of({"id": "alert"}, constant={"relation": "update"}),
    "alerts/urgent/": Own(),
    "alerts/<str:id>/urgent/": ALERT,
    "alerts/<str:id>/urgent/challenge/": ALERT,
    "alerts/<str:id>/attachments/": ALERT,
    "alerts/<str:id>/attachments/<str:attachment>/": Of({"id": "alert", "attachment": "attachment"}),
    "replies/": Own(),
    "arrivals/": Own(),
    "arrivals/new/": Own(),
    "arrivals/<str:id>/": Of({"id": "arrival"}),
    "arrivals/<str:id>/raw/": Of({"id": "arrival"}),
    "in-doubt/": Own(),
    "gateways/": Own(),
    "gateways/<str:name>/": Own({"name": "simulator"}),
    "unmatched/": Own(),
    "unmatched/seen/": Own(),
    "alarms/note/": Own(),
    "sending/pause/": Own(),
    "sending/resume/": Own(),
    "sending/resume/challenge/": Own(),
    # --- templates ---------------------------------------------------------------------------------------------------
    "templates/": Own(),
    "templates/new/": Own(),
    "templates/<str:id>/": Of({"id": "template"}),
    "templates/<str:id>/edit/": Of({"id": "template"}),
    "api/v1/templates": Own(),
    **{f"api/v1/templates/<id>{door}": Of({"id": "template"}) for door in ("", "/propose", "/approve", "/retire")},
    # --- papers ------------------------------------------------------------------------------------------------------
    "alerts/<str:id>/papers/": ALERT,
    "alerts/<str:id>/approval-form.pdf": ALERT,
    "alerts/<str:id>/filing-form.pdf": ALERT,
    "alerts/<str:id>/operation-log.pdf": ALERT,
    "alerts/<str:id>/recipient-list.pdf": ALERT,
    "alerts/<str:id>/wake-up-list.pdf": ALERT,
    "workflow/": Own(),
    "workflow.pdf": Own(),
    "operation-log/": Own(),
    "operation-log.pdf": Own(),
    "journal/": Own(),
    "journal/verify/": Own(),
    "areas/": Own(),
    "api/v1/areas": Own(),
    "boundaries/": Own(),
    "boundaries/outlines.json": Own(),
    # --- contacts ----------------------------------------------------------------------------------------------------
    "contacts/": Own(),
    "contacts/new/": Own(),
    "contacts/<int:id>/": Of({"id": "contact"}),
    "contacts/imports/": Own(),
    "contacts/imports/<str:id>/": IMPORT,
    "contacts/imports/<str:id>/refused.<str:shape>": Of({"id": "import"}, constant={"shape": "csv"}),
    "contacts/<int:id>/number/": Of({"id": "contact"}),
    "contacts/exports/": Own(),
    "contacts/exports/<str:id>/": Of({"id": "export"}),
    "contacts/exports/<str:id>/challenge/": Of({"id": "export"}),
    "groups/": Own(),
    "groups/<str:id>/": Of({"id": "group"}),
    # --- for everybody -----------------------------------------------------------------------------------------------
    "current/": Public(),
    "past/": Public(),
    "v/<str:code>": Public({"code": "code"}),
    "feeds/alerts.atom": Public(),
    "feeds/cap/<str:identifier>.xml": Public({"identifier": "cap"}),
    "feeds/cap/<str:identifier>.xml.sig": Public({"identifier": "cap"}),
    "feeds/national/<str:identifier>.xml": Public({"identifier": "cap"}),
    "feeds/national/<str:identifier>.xml.sig": Public({"identifier": "cap"}),
    "healthz": Public(),
    "metrics": Public(),
    # --- the API -----------------------------------------------------------------------------------------------------
    "api/v1/": Own(),
    "^api/": Own(),
    "api/v1/openapi.json": Own(),
    "api/v1/alerts": Own(),
    "api/v1/alerts/urgent": Own(),
    "api/v1/replies": Own(),
    "api/v1/audience": Own(),
    "api/v1/arrivals": Own(),
    **{
        f"api/v1/arrivals/<id>{door}": Of({"id": "arrival"})
        for door in ("", "/see", "/report", "/dismiss", "/forward", "/raw")
    },
    "api/v1/alerts/<id>/attachments/<attachment>": Of({"id": "alert", "attachment": "attachment"}),
    "api/v1/gateways": Own(),
    "api/v1/gateways/<name>/receipts": Bearer(),  # signed with the secret of the gateway account
    "api/v1/counter": Own(),
    **{
        f"api/v1/alerts/<id>{door}": ALERT
        for door in (
            "", "/submit", "/return", "/refreeze", "/review", "/approve", "/record-approval", "/sign", "/recall",
            "/correct", "/follow-up", "/withdraw", "/ask-approval", "/approve-network", "/release-urgent", "/confirm",
            "/review-urgent", "/attachments", "/progress", "/recipients", "/in-doubt", "/settle",
        )
    },
    "api/v1/contacts/imports": Own(),
    **{
        f"api/v1/contacts/imports/<id>{door}": IMPORT for door in ("", "/map", "/apply", "/undo", "/drop", "/rows")
    },
}  # fmt: skip
