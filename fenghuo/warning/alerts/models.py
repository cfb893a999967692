"""Alerts (预警信息), the steps people took on them, and their releases (发布): frozen snapshots that need no joins."""

from django.db import models
from django.db.models import F, Q

from fenghuo.ground.accounts.models import Account, Organisation, Person
from fenghuo.ground.ids import ID_LENGTH, new_id
from fenghuo.warning.alerts import states
from fenghuo.warning.templates.models import TemplateVersion

__all__ = ["Alert", "ApprovalRequest", "Release", "Reply", "ServiceText", "Step", "Urgent"]


class Alert(models.Model):
    """One message on its way from draft to release. Any edit raises `version` and voids review, approval and signature."""

    KINDS = ("warning", "notice", "meeting", "tip", "handling")
    CATEGORIES = ("natural", "accident", "health", "security")
    FLOWS = ("general", "urgent")
    RELATIONS = ("update", "raise", "lower", "lift")

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    state = models.CharField(max_length=12, default=states.DRAFT, choices=[(one, one) for one in states.GRAPH.states])
    version = models.PositiveIntegerField(default=1)

    kind = models.CharField(max_length=12, choices=[(one, one) for one in KINDS])
    category = models.CharField(max_length=12, blank=True)
    level = models.PositiveSmallIntegerField(null=True)  # 1 red … 4 blue; null for what is not a warning
    event = models.CharField(max_length=5, blank=True)  # GB/T 35561 code
    headline = models.CharField(max_length=120)
    body = models.TextField()  # SMS content between prefix and suffix
    caution = models.TextField(blank=True)  # 警示事项
    measures = models.TextField(blank=True)  # 应当采取的措施
    issuer = models.CharField(max_length=100, blank=True)  # 发布单位
    decision_document = models.CharField(max_length=80, blank=True)  # required for social security (XC 2)
    starts_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    areas = models.JSONField(default=list)  # area codes: where the danger is
    audience = models.JSONField(default=dict)  # {"groups": [id], "areas": [code]}: who is told
    correction = models.TextField(blank=True)  # SMS content of the correction prepared with the alert
    origin = models.JSONField(
        null=True
    )  # {"issuer", "issued_at", "received_at", "how", "text", "reference"} when relayed

    # What it was written from, and what was put into the blanks; its words above stand by themselves.
    template = models.ForeignKey(TemplateVersion, null=True, on_delete=models.PROTECT, related_name="+")
    blanks = models.JSONField(default=dict)  # {name: value}

    # A follow-up (更新、升级、降级、解除) names what it follows; a signed one is named by what it followed, until it is recalled.
    follows = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="followed_by")
    relation = models.CharField(max_length=8, blank=True, choices=[(one, one) for one in RELATIONS])
    root = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="family"
    )  # the first of its chain
    superseded_by = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="+")

    # Given when it is drafted and never changed (a trigger): only an urgent release is signed by whoever wrote it.
    flow = models.CharField(max_length=8, default="general", choices=[(one, one) for one in FLOWS])
    whole_network = models.BooleanField(default=False)  # the audience is everyone: it takes a second approval

    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    author_person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    editor_person = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+"
    )  # last to change the words
    reviewer_person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    signer_person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    network_approver_person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    # Frozen at submit; emptied by an edit or a return.
    code = models.CharField(max_length=8, unique=True)  # public page /v/<code>
    broadcast = models.CharField(max_length=ID_LENGTH, null=True, unique=True)
    frozen = models.JSONField(null=True)  # the document whose canonical JSON is digested
    digest = models.CharField(max_length=64, blank=True)
    audience_sha256 = models.CharField(max_length=64, blank=True)
    audience_count = models.PositiveIntegerField(default=0)
    roster_revision = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["organisation", "state", "-updated_at"])]
        constraints = [
            # Four eyes hold in the database whatever the code does (S3). Whoever else ever edited is the rules' business.
            models.CheckConstraint(
                condition=Q(flow="urgent") | ~Q(signer_person=F("author_person")), name="signer_is_not_author"
            ),
            models.CheckConstraint(condition=~Q(reviewer_person=F("author_person")), name="reviewer_is_not_author"),
            models.CheckConstraint(
                condition=Q(flow="urgent") | ~Q(signer_person=F("editor_person")), name="signer_is_not_editor"
            ),
            models.CheckConstraint(condition=~Q(reviewer_person=F("editor_person")), name="reviewer_is_not_editor"),
            models.CheckConstraint(
                condition=Q(relation="", follows__isnull=True, root__isnull=True)
                | (~Q(relation="") & Q(follows__isnull=False, root__isnull=False)),
                name="relation_names_what_it_follows",
            ),
            models.CheckConstraint(
                condition=~Q(state=states.SIGNED)
                | (
                    Q(signer_person__isnull=False, broadcast__isnull=False)
                    & (Q(flow="urgent") | Q(reviewer_person__isnull=False))
                    & ~Q(digest="")
                ),
                name="signed_is_whole",
            ),
            # One signer alone releases nothing but a life-safety text to people of his own organisation.
            models.CheckConstraint(
                condition=Q(flow="general")
                | Q(flow="urgent", whole_network=False, kind="warning", level__in=(1, 2), template__isnull=False),
                name="urgent_is_life_safety",
            ),
            models.CheckConstraint(
                condition=~Q(state=states.SIGNED, whole_network=True) | Q(network_approver_person__isnull=False),
                name="whole_network_is_approved",
            ),
            models.CheckConstraint(
                condition=~Q(network_approver_person=F("author_person"))
                & ~Q(network_approver_person=F("editor_person"))
                & ~Q(network_approver_person=F("signer_person")),
                name="network_approver_is_third",
            ),
        ]

    def __str__(self) -> str:
        return self.headline


class Step(models.Model):
    """What a person did to an alert: verb, when, how authenticated, on which digest, with which reason or evidence."""

    id = models.BigAutoField(primary_key=True)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="steps")
    version = models.PositiveIntegerField()
    verb = models.CharField(max_length=16)
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    digest = models.CharField(max_length=64, blank=True)
    factor = models.CharField(max_length=16, blank=True)  # password | totp | code | passkey | sms
    reason = models.TextField(blank=True)
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]


class Release(models.Model):
    """What left the house, frozen: texts, CAP, times, persons. One of each kind per alert.

    `broadcast` is the alert's, also for its recall and its correction. `cap` is empty where nothing is public; it carries this
    installation's signature inside, and `cap_signature` is one over its exact bytes (both absent in what was released before
    releases were signed). `national` is the same message as national XML, where it can be said so. `waiting`: the key was not
    fit, so a recall went out, but its documents are published only once they are signed.
    """

    KINDS = ("release", "recall", "correct")

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="releases")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    kind = models.CharField(max_length=12, choices=[(one, one) for one in KINDS])
    public = models.BooleanField()  # on the public page and in the feeds
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    code = models.CharField(max_length=8, db_index=True)  # the alert's, so that its public page is one indexed read
    broadcast = models.CharField(max_length=ID_LENGTH)
    digest = models.CharField(max_length=64)
    cap_identifier = models.CharField(max_length=80, unique=True)
    cap = models.BinaryField()
    cap_signature = models.BinaryField(default=b"")
    national = models.BinaryField(default=b"")
    national_signature = models.BinaryField(default=b"")
    waiting = models.BooleanField(default=False, db_index=True)
    snapshot = models.JSONField()  # everything the public page and the operation log show

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["alert", "kind"], name="one_release_per_kind")]


class Urgent(models.Model):
    """An urgent release after it left: who confirmed and who reviewed it, by when, and which of its limits it passed."""

    alert = models.OneToOneField(Alert, primary_key=True, on_delete=models.PROTECT, related_name="urgent")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    signer_person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    confirm_by = models.DateTimeField()
    review_by = models.DateTimeField()
    limits = models.JSONField(default=list)  # "person", "month": what it was one too many of
    confirmed_at = models.DateTimeField(null=True)
    confirmed_person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    reviewed_person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True)  # when every leader had been sent an SMS about it
    unconfirmed_at = models.DateTimeField(
        null=True
    )  # when the clock found it unconfirmed, and unreviewed, and journalled it
    unreviewed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "reviewed_at", "-at"]),
            models.Index(fields=["signer_person", "-at"]),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(confirmed_person=F("signer_person")), name="confirmer_is_not_signer"),
            models.CheckConstraint(condition=~Q(reviewed_person=F("signer_person")), name="closer_is_not_signer"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_person__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_person__isnull=False),
                name="confirmation_names_who",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_person__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_person__isnull=False),
                name="urgent_review_names_who",
            ),
        ]


class ServiceText(models.Model):
    """One SMS from the house to one of its own people: a question, an answer, a notice. Sent and proved by the ledger."""

    PURPOSES = ("ask", "done", "answer", "urgent")  # done: an answer was recorded; answer: why one was not

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    alert = models.ForeignKey(Alert, null=True, on_delete=models.PROTECT, related_name="service_texts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    address = models.BigIntegerField()
    purpose = models.CharField(max_length=8, choices=[(one, one) for one in PURPOSES])
    broadcast = models.CharField(max_length=ID_LENGTH, unique=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["address", "purpose", "-at"])]


class ApprovalRequest(models.Model):
    """A leader was asked by SMS to approve one version of an alert. The code in it is kept as a hash and works once."""

    ANSWERS = ("", "approved", "refused", "void")

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="approval_requests")
    digest = models.CharField(max_length=64)
    leader = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    address = models.BigIntegerField()  # the leader's number as it was when asked: only this one may answer
    code_hash = models.CharField(max_length=64)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    text = models.OneToOneField(ServiceText, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0)  # codes that were not this one
    answer = models.CharField(max_length=8, blank=True, choices=[(one, one) for one in ANSWERS])
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["address", "answer"])]
        constraints = [
            # Asked again, the earlier question is void: one text of a number answers one thing.
            models.UniqueConstraint(fields=["alert", "leader"], condition=Q(answer=""), name="one_open_question")
        ]


class Reply(models.Model):
    """A message that a phone sent to us (来信), taken from the ledger exactly once: `key` is the gateway's own name for it.

    The parts of a long message come one by one; the part that completes it carries the whole text, the others name it in `whole`.
    """

    OUTCOMES = ("part", "kept", "approved", "refused", "rejected")

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=64, unique=True)
    inbound = models.BigIntegerField(db_index=True)
    gateway = models.CharField(max_length=24)
    message_id = models.CharField(max_length=20)
    address = models.CharField(max_length=32)  # as the gateway writes it
    number = models.BigIntegerField(null=True)  # as a mobile number, where it is one
    destination = models.CharField(max_length=21, blank=True)
    part = models.CharField(max_length=16, blank=True)
    text = models.TextField()
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=[(one, one) for one in OUTCOMES])
    why = models.CharField(max_length=20, blank=True)  # why a would-be answer is none
    owes = models.BooleanField(default=False)  # the leader is still to be told what became of it
    whole = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")
    request = models.ForeignKey(ApprovalRequest, null=True, on_delete=models.PROTECT, related_name="+")
    readers = models.ManyToManyField(Organisation, related_name="+")
    known = models.BooleanField(default=False)  # the number was a person's or a contact's when it came

    class Meta:
        indexes = [
            models.Index(fields=["outcome", "-at"]),
            models.Index(fields=["owes"], condition=Q(owes=True), name="replies_that_owe"),
        ]
