"""P1: what the public reads against what the journal says was signed, as anybody's browser fetches it.

The journal is the oracle: it holds who signed, recalled, corrected, updated and lifted what, and the feed is made without it.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from lxml import etree

from fenghuo.ground import clock
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.warning.alerts.models import Alert, Release

ATOM = "{http://www.w3.org/2005/Atom}"
KINDS = {"alert.sign": "release", "alert.recall": "recall", "alert.correct": "correct"}
SUCCEEDED = ("alert.update", "alert.raise", "alert.lower", "alert.lift")
OK = 200


def differences() -> list[str]:
    """What is in the feed or on the page of current alerts and should not be, or is missing there; what cannot be fetched."""
    client = Client(HTTP_HOST=urlsplit(settings.FENGHUO.public_url).netloc)
    acts = list(JournalEntry.objects.values_list("act", "subject"))
    succeeded = {subject for act, subject in acts if act in SUCCEEDED}
    published = {(subject, KINDS[act]) for act, subject in acts if act in KINDS}
    expected = {(alert, kind) for alert, kind in published if kind != "release" or alert not in succeeded}
    recalled = {alert for alert, kind in published if kind == "recall"}
    found, wrong = _feed(client)
    if found != expected:
        wrong.append(f"the feed shows {sorted(found)} instead of {sorted(expected)}")
    standing = {alert for alert, kind in expected if kind == "release"} - recalled
    alerts = {one.pk: one for one in Alert.objects.all()}
    now, page = clock.now(), client.get("/current/").content.decode()
    for pk, alert in alerts.items():
        until = alert.expires_at
        should = pk in standing and until is not None and until > now
        if (f'href="/v/{alert.code}"' in page) is not should:
            wrong.append(f"the page of current alerts {'lacks' if should else 'shows'} {alert.code}")
    return wrong


def _feed(client: Client) -> tuple[set[tuple[str, str]], list[str]]:
    """((alert, kind) of each entry, what cannot be fetched of those or appears twice)."""
    releases = {one.cap_identifier: (str(one.alert_id), one.kind) for one in Release.objects.all()}
    root = etree.fromstring(client.get("/feeds/alerts.atom").content)
    found, wrong = list[tuple[str, str]](), list[str]()
    for entry in root.findall(f"{ATOM}entry"):
        links = (urlsplit(link.get("href") or "").path for link in entry.findall(f"{ATOM}link"))
        path = next(link for link in links if link.startswith("/feeds/cap/") and link.endswith(".xml"))
        found.append(releases.get(path.rpartition("/")[2].removesuffix(".xml"), ("nobody", path)))
        wrong += [f"{one} is not served" for one in (path, f"{path}.sig") if client.get(one).status_code != OK]
    wrong += [] if len(found) == len(set(found)) else ["an entry is in the feed twice"]
    return set(found), wrong
