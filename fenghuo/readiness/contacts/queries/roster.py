"""The roster in memory: one set of columns per organisation and process, as true as the database at every single use.

Every use asks the database for the roster's revision and stamp. A change that says whom it touched is followed; any other makes
everybody be read again. Nothing is ever served that is older than the revision found at the beginning of that use.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts.columns import ABSENT, Columns, arrange
from fenghuo.readiness.contacts.following import MOST_TOUCHED, followed
from fenghuo.readiness.contacts.gathering import People, gather
from fenghuo.readiness.contacts.joining import Joined, chunks, on_one_line
from fenghuo.readiness.contacts.models import (
    Contact,
    ContactNumber,
    Group,
    GroupMember,
    GroupRule,
    Roster,
    RosterChange,
)

MOST_BYTES = 512 * 1024 * 1024  # of all organisations in one process; about eight million people
MOST_TRIES = 8
LONGEST_IN = 900  # values in one IN list; SQLite's builds differ in how many they take

Head = tuple[int, str]
ABSENT_PLACE = int(ABSENT)
PEOPLE_COLUMNS = {
    "ids": Joined("id"),
    "areas": Joined("area_id"),
    "names": Joined(on_one_line("name")),
    "positions": Joined(on_one_line("position")),
    "tags": Joined(on_one_line("tags")),
    "risks": Joined("risk"),
    "latitudes": Joined(Coalesce("latitude", ABSENT_PLACE)),
    "longitudes": Joined(Coalesce("longitude", ABSENT_PLACE)),
}
NUMBER_COLUMNS = {"owners": Joined("contact_id"), "addresses": Joined("address")}


class _Kept:
    """The columns of this process, the longest unused going first when they are too many bytes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._columns: OrderedDict[str, Columns] = OrderedDict()
        self._readers: dict[str, threading.Lock] = {}

    def find(self, organisation: str) -> Columns | None:
        with self._lock:
            found = self._columns.get(organisation)
            if found is not None:
                self._columns.move_to_end(organisation)
            return found

    def keep(self, organisation: str, columns: Columns) -> None:
        with self._lock:
            self._columns[organisation] = columns
            self._columns.move_to_end(organisation)
            while len(self._columns) > 1 and sum(one.nbytes for one in self._columns.values()) > MOST_BYTES:
                self._columns.popitem(last=False)

    def drop(self, organisation: str) -> None:
        with self._lock:
            self._columns.pop(organisation, None)

    def reader(self, organisation: str) -> threading.Lock:
        """One thread reads an organisation; the others wait for what it finds."""
        with self._lock:
            return self._readers.setdefault(organisation, threading.Lock())


_kept = _Kept()


def revision(organisation: Organisation) -> int:
    """Rises with every change of the organisation's contacts and groups."""
    return head_of(organisation)[0]


def head_of(organisation: Organisation) -> Head:
    """(revision, stamp); (0, "") before anything was ever kept."""
    found = Roster.objects.filter(organisation=organisation).values_list("revision", "stamp").first()
    return found or (0, "")


def living(organisation: Organisation) -> Columns:
    """The contacts as they are now. Raises Refused kind unavailable when they change faster than they can be read."""
    head, known = head_of(organisation), _kept.find(organisation.id)
    if known is not None and known.head == head and head[1]:
        return known
    with _kept.reader(organisation.id):
        known = _kept.find(organisation.id)
        for _try in range(MOST_TRIES):
            head = head_of(organisation)
            if known is None or known.head != head or not head[1]:
                known = _follow(organisation, known, head) or read(organisation, head)
            if (
                head_of(organisation) == head
            ):  # else somebody wrote while this was read; what they touched is read again
                if head[1]:
                    _kept.keep(organisation.id, known)
                return known
    raise Refused(
        "roster_busy",
        _("The contacts are being changed just now, faster than they can be counted. Try again in a moment."),
        kind="unavailable",
    )


def forget(organisation: Organisation) -> None:
    """Read everybody again at the next use."""
    _kept.drop(organisation.id)


def read(organisation: Organisation, head: Head) -> Columns:
    """Everybody, from the database."""
    people = chunks(Contact.objects.filter(organisation=organisation), PEOPLE_COLUMNS)
    numbers = chunks(ContactNumber.objects.filter(organisation=organisation), NUMBER_COLUMNS)
    return arrange(head, gather(people, numbers), _groups(organisation, None))


def _follow(organisation: Organisation, known: Columns | None, head: Head) -> Columns | None:
    """The columns brought up to `head`; None when the changes in between do not say what they touched."""
    if known is None or not (known.head[1] and head[1]) or known.head[0] >= head[0]:
        return None
    changes = list(
        RosterChange.objects.filter(organisation=organisation, revision__gt=known.head[0], revision__lte=head[0])
        .order_by("revision")
        .values_list("before", "people", "groups")[: MOST_TOUCHED + 1]
    )
    if len(changes) != head[0] - known.head[0] or changes[0][0] != known.head[1]:
        return None
    people = [np.frombuffer(bytes(one), dtype="<i8") for _before, one, _listed in changes if one is not None]
    if len(people) != len(changes):
        return None
    touched = np.unique(np.concatenate(people))
    if len(touched) > MOST_TOUCHED:
        return None
    groups = sorted({one for _before, _people, listed in changes for one in listed})
    return followed(known, head, touched, _some(organisation, touched.tolist()), _some_groups(organisation, groups))


def _some(organisation: Organisation, ids: list[int]) -> People:
    """Those of some contacts that still exist."""
    parts = [ids[start : start + LONGEST_IN] for start in range(0, len(ids), LONGEST_IN)]
    people = [Contact.objects.filter(organisation=organisation, id__in=part) for part in parts]
    numbers = [ContactNumber.objects.filter(contact_id__in=part) for part in parts]
    return gather(
        (one for rows in people for one in chunks(rows, PEOPLE_COLUMNS)),
        (one for rows in numbers for one in chunks(rows, NUMBER_COLUMNS)),
    )


def _groups(organisation: Organisation, only: list[str] | None) -> dict[str, tuple[str, Any, Any]]:
    """(name, rules, static members) of every group, or of some, by id."""
    wanted = Group.objects.filter(organisation=organisation)
    rules = GroupRule.objects.filter(group__organisation=organisation)
    members = GroupMember.objects.filter(group__organisation=organisation)
    if only is not None:
        wanted, rules, members = (
            wanted.filter(id__in=only),
            rules.filter(group__in=only),
            members.filter(group__in=only),
        )
    found: dict[str, tuple[str, list[Any], Any]] = {id: (name, [], ()) for id, name in wanted.values_list("id", "name")}
    for group, area, position, tag in rules.order_by("id").values_list("group_id", "area_id", "position", "tag"):
        if group in found:
            found[group][1].append((area or "", position, tag))
    for group, ids in _members(members):
        if group in found:
            found[group] = (*found[group][:2], ids)
    return found


def _members(members: QuerySet[GroupMember]) -> Iterable[tuple[str, Any]]:
    """(group, contact ids) of static members."""
    ids: dict[str, list[Any]] = {}
    for chunk in chunks(members, {"groups": Joined("group_id"), "contacts": Joined("contact_id")}):
        groups, contacts = np.array(chunk["groups"].split("\n")), np.fromstring(chunk["contacts"], np.int64, sep="\n")
        for group in set(groups.tolist()):
            ids.setdefault(group, []).append(contacts[groups == group])
    return [(group, np.concatenate(parts)) for group, parts in ids.items()]


def _some_groups(organisation: Organisation, ids: list[str]) -> dict[str, tuple[str, Any, Any] | None]:
    """What some groups are now; None for those that are gone."""
    found: dict[str, tuple[str, Any, Any] | None] = dict.fromkeys(ids)
    for part in (ids[start : start + LONGEST_IN] for start in range(0, len(ids), LONGEST_IN)):
        found |= _groups(organisation, part)
    return found
