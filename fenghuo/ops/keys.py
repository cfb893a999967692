"""The signing key of this installation: made once, renewed by command, each time with a line in the journal."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db.transaction import atomic

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.keyring import actions as keyring
from fenghuo.ground.keyring import queries
from fenghuo.ground.keyring.values import Signer

ONCE = "signing_key"


def ensure() -> Signer | None:
    """Make the key where this installation never had one, as one made by an earlier version has not.

    A key that was there and is gone is not replaced in silence: `doctor` is red and signing stops until somebody decides.
    """
    if queries.exists() or JournalEntry.objects.filter(once=ONCE).exists() or not Organisation.objects.exists():
        return None
    with atomic():
        made = keyring.make(**names())
        journal.record(act="keys.make", by=None, subject=made.fingerprint, detail=_detail(made), once=ONCE)
    return made


def renew() -> Signer:
    """A new key in place of the old one."""
    with atomic():
        made = keyring.renew(**names())
        journal.record(act="keys.renew", by=None, subject=made.fingerprint, detail=_detail(made))
        journal.record(act="keys.make", by=None, subject=made.fingerprint, detail=_detail(made), once=ONCE)
    return made


def names() -> dict[str, str]:
    """Whose key it is: the highest organisation, and the host by which people reach the installation."""
    highest = min(Organisation.objects.all(), key=lambda one: (len(one.area_id), one.area_id, one.id))
    return {"organisation": highest.name, "installation": urlsplit(settings.FENGHUO.public_url).hostname or "fenghuo"}


def _detail(made: Signer) -> dict[str, str]:
    return {"subject": made.certificate.subject.rfc4514_string(), "until": made.until.isoformat()}
