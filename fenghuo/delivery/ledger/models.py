"""What the ledger keeps. Every table but `Order` lives in the database alias `ledger`; no foreign key crosses aliases.

Times in these tables are integers, milliseconds since 1970 UTC: the sender writes them thousands of times a second.
"""

from django.db import models

from fenghuo.ground.ids import ID_LENGTH

__all__ = [
    "Account",
    "Block",
    "Broadcast",
    "Control",
    "Decision",
    "Entry",
    "Inbound",
    "LinkTest",
    "Milestone",
    "MonthUsage",
    "Order",
    "Outcome",
    "Submission",
    "Tally",
    "Usage",
    "Word",
]

LEDGER = "ledger"


class Order(models.Model):
    """What a person decided, in `default`, in the same transaction as the decision. The sender reads it and never writes it."""

    KINDS = ("release", "recall", "supersede", "correct", "settle", "pause", "resume")

    seq = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=12, choices=[(one, one) for one in KINDS])
    broadcast = models.CharField(max_length=ID_LENGTH, blank=True)  # empty: pause or resume all of `organisation`
    organisation = models.CharField(max_length=ID_LENGTH, blank=True, default="")  # empty: everybody's
    by = models.JSONField(default=dict)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()


class Broadcast(models.Model):
    """One release on one channel: what is said, until when, in which lane, and what orders have said about it."""

    database = LEDGER
    number = models.AutoField(primary_key=True)  # what the UDH reference is made of
    id = models.CharField(max_length=ID_LENGTH, unique=True)
    parent = models.CharField(max_length=ID_LENGTH, blank=True, db_index=True)  # a correction names its alert
    organisation = models.CharField(max_length=ID_LENGTH, blank=True, default="")  # whose it is: what its pause stops
    mode = models.CharField(max_length=8)
    lane = models.PositiveSmallIntegerField()  # 0 correction, 1 red … 4 blue, 5 notice
    text = models.TextField()
    correction = models.TextField(blank=True)
    src_id = models.CharField(max_length=21)
    policy = models.CharField(max_length=12)
    segments = models.PositiveSmallIntegerField()
    expires_at = models.BigIntegerField()
    created_at = models.BigIntegerField()
    count = models.PositiveIntegerField(default=0)
    audience_sha256 = models.CharField(max_length=64, blank=True)  # empty: the freeze has not finished
    released_at = models.BigIntegerField(null=True)
    recalled_at = models.BigIntegerField(null=True)  # nothing new leaves since; also when a newer alert took its place
    superseded = models.BooleanField(default=False)  # stopped by a newer alert, not by a recall
    lifts = models.JSONField(default=list)  # a lift: the broadcasts whose recipients alone are told of it
    paused = models.BooleanField(default=False)
    closed = models.BooleanField(default=False)  # nothing more can happen to it; no sender loads it

    class Meta:
        indexes = [models.Index(fields=["closed", "released_at"])]


class Block(models.Model):
    """Up to 1,000 recipients, frozen: packed columns, sorted by address; the account sends them.

    Who is handed over to another account lives on in a further block of that account, whose `origin` is the block in which they
    were frozen. The audience, and its hash, are the blocks without an origin.
    """

    database = LEDGER
    id = models.AutoField(primary_key=True)
    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, db_index=False)
    ordinal = models.PositiveIntegerField()
    account = models.CharField(max_length=24, blank=True)
    count = models.PositiveSmallIntegerField()
    sha256 = models.BinaryField()
    recipients = models.BinaryField()  # columns.pack_recipients
    origin = models.PositiveIntegerField(null=True)  # None: frozen here

    class Meta:
        constraints = [models.UniqueConstraint(fields=["broadcast", "ordinal", "account"], name="one_block_per_place")]
        indexes = [models.Index(fields=["account"], condition=models.Q(origin__isnull=False), name="handed_blocks")]


class Outcome(models.Model):
    """What became of a block's recipients, as of the last fold. Absent: all unsent."""

    database = LEDGER
    block = models.OneToOneField(Block, primary_key=True, on_delete=models.CASCADE)
    counts = models.BinaryField()  # recipients per state code
    states = models.BinaryField()  # columns.pack_outcome


class Submission(models.Model):
    """A page of answered submits, packed: which message ids the gateway gave to which recipients."""

    database = LEDGER
    id = models.BigAutoField(primary_key=True)
    account = models.CharField(max_length=24)
    last_at = models.BigIntegerField()
    pdus = models.BinaryField()  # columns.PDU

    class Meta:
        indexes = [models.Index(fields=["account", "last_at"])]


class Entry(models.Model):
    """The tape: one blob per group commit, append-only, deleted only by the fold that has taken it in."""

    database = LEDGER
    seq = models.BigAutoField(primary_key=True)
    account = models.CharField(max_length=24)
    fence = models.BigIntegerField()
    at = models.BigIntegerField()
    events = models.BinaryField()  # columns.pack_events

    class Meta:
        indexes = [models.Index(fields=["account", "seq"])]


class Tally(models.Model):
    """How many recipients of a broadcast an account has in each state; moves in the commit that moves them."""

    database = LEDGER
    id = models.BigAutoField(primary_key=True)
    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, db_index=False)
    account = models.CharField(max_length=24, blank=True)
    state = models.PositiveSmallIntegerField()
    n = models.IntegerField(default=0)
    at = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["broadcast", "account", "state"], name="one_tally")]


class Account(models.Model):
    """A gateway account: who may write for it (lease and fence), and how it is (health)."""

    database = LEDGER
    name = models.CharField(primary_key=True, max_length=24)
    protocol = models.CharField(max_length=8, default="")
    fence = models.BigIntegerField(default=0)
    holder = models.CharField(max_length=80, blank=True)
    lease_until = models.BigIntegerField(default=0)  # by the database's clock
    wanted_at = models.BigIntegerField(default=0)  # by the database's clock; another sender waits for the lease
    well_at = models.BigIntegerField(default=0)  # by the database's clock; the gateway last did its work
    state = models.CharField(max_length=12, default="down")
    since = models.BigIntegerField(default=0)
    last_error = models.CharField(max_length=80, blank=True)
    in_flight = models.PositiveIntegerField(default=0)
    seen_at = models.BigIntegerField(default=0)  # by the database's clock; the session lives
    heard_at = models.BigIntegerField(default=0)  # the gateway last said something
    host = models.CharField(max_length=60, blank=True, default="")  # the machine that holds the lease, for people
    sent_now = models.PositiveIntegerField(default=0)  # messages since the report before the last one
    busy_now = models.PositiveIntegerField(
        default=0
    )  # milliseconds of that time in which something was waiting to leave


class Word(models.Model):
    """Status words of gateways, verbatim; blocks keep their number."""

    database = LEDGER
    id = models.AutoField(primary_key=True)
    text = models.CharField(max_length=40, unique=True)


class Inbound(models.Model):
    """What came in and is not the answer to something known: orphan receipts, receipts that contradict, messages from phones."""

    database = LEDGER
    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10)  # orphan | conflict | unreadable | message | repeat | matched
    account = models.CharField(max_length=24)
    at = models.BigIntegerField()
    message_id = models.CharField(max_length=20)
    address = models.CharField(max_length=32)
    text = models.TextField()  # the status word, or what the phone wrote
    destination = models.CharField(max_length=21, blank=True, default="")  # the number that the phone wrote to
    part = models.CharField(
        max_length=16, blank=True, default=""
    )  # "reference/total/number" of a long message, else empty
    carrier_id = models.CharField(max_length=130, blank=True, default="")  # the id as the carrier writes it, to ask by
    broadcast = models.PositiveIntegerField(null=True)  # number of the broadcast that it is about, where that is known
    outcome = models.PositiveSmallIntegerField(default=0)  # what a receipt says: states.DELIVERED or FAILED
    submitted_at = models.BigIntegerField(default=0)  # when the gateway says it took the message; 0: it does not say
    done_at = models.BigIntegerField(default=0)  # when the gateway says that this became of it

    class Meta:
        # A gateway that was not answered in time delivers again: once is kept.
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "message_id", "address", "text", "part"], name="one_inbound"
            )
        ]
        indexes = [models.Index(fields=["kind", "id"]), models.Index(fields=["account", "kind", "id"])]


class Milestone(models.Model):
    """A moment in a broadcast's life that people are told of, once; the worker turns it into a line of the journal."""

    database = LEDGER
    seq = models.BigAutoField(primary_key=True)
    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, db_index=False)
    name = models.CharField(max_length=16)
    at = models.BigIntegerField()
    counts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["broadcast", "name"], name="one_milestone")]


class Callback(models.Model):
    """What an HTTP gateway posted, kept until the account's sender has it on the tape; then the nonce alone, against replay."""

    database = LEDGER
    id = models.BigAutoField(primary_key=True)
    account = models.CharField(max_length=24)
    nonce = models.CharField(max_length=64)
    at = models.BigIntegerField()
    body = models.BinaryField(null=True)  # gone once it is on the tape

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "nonce"], name="one_callback")]
        indexes = [
            models.Index(fields=["account", "id"], condition=models.Q(body__isnull=False), name="callback_waits")
        ]


class Decision(models.Model):
    """What an account has yet to enter of recipients whom it keeps: a person's decision on those in doubt, or what another account
    heard of who was taken over from it (`heard`). Gone once it is on the tape.
    """

    database = LEDGER
    id = models.BigAutoField(primary_key=True)
    account = models.CharField(max_length=24, db_index=True)
    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, db_index=False)
    detail = models.JSONField()


class Control(models.Model):
    """One row: up to which order the ledger has obeyed, and whose sending is paused: everybody's, or some organisations'."""

    database = LEDGER
    id = models.PositiveSmallIntegerField(primary_key=True)
    applied = models.BigIntegerField(default=0)
    paused = models.BooleanField(default=False)
    organisations = models.TextField(
        blank=True, default=""
    )  # ids, separated by spaces; read in one piece, as it is written


class Usage(models.Model):
    """What one account did in one minute. Its sender adds to it every few seconds; nothing here is per recipient.

    A meter, not a record: a sender that is killed takes the last seconds of it along. What was sent is proved by the tape.
    """

    database = LEDGER
    id = models.BigAutoField(primary_key=True)
    account = models.CharField(max_length=24)
    minute = models.BigIntegerField()  # minutes since 1970 UTC
    messages = models.BigIntegerField(default=0)  # recipients × segments that left
    recipients = models.BigIntegerField(default=0)
    submits = models.BigIntegerField(default=0)
    throttled = models.BigIntegerField(default=0)  # submits that the gateway sent back to be tried later
    refused = models.BigIntegerField(default=0)  # submits that it refused for good
    busy_ms = models.BigIntegerField(default=0)  # how long something was waiting to leave
    answers = models.BigIntegerField(default=0)  # answers whose time was taken
    answered_ms = models.BigIntegerField(default=0)  # and how long those took together

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "minute"], name="one_usage_per_minute")]


class MonthUsage(models.Model):
    """What one account sent in one month of the installation's time zone: what a monthly quota is held against."""

    database = LEDGER
    id = models.BigAutoField(primary_key=True)
    account = models.CharField(max_length=24)
    month = models.PositiveIntegerField()  # 202607
    messages = models.BigIntegerField(default=0)
    recipients = models.BigIntegerField(default=0)
    throttled = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "month"], name="one_usage_per_month")]


class LinkTest(models.Model):
    """What one account's nightly test without an SMS found: a heartbeat where it was bound, a login where it was not."""

    database = LEDGER
    id = models.BigAutoField(primary_key=True)
    account = models.CharField(max_length=24)
    day = models.PositiveIntegerField()  # 20260701: the night it was due in
    at = models.BigIntegerField()
    kind = models.CharField(max_length=10)  # heartbeat | login
    ok = models.BooleanField()
    ms = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="one_link_test_per_night")]
