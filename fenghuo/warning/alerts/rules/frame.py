"""The frame around what is typed: prefix, suffix, limit and exercise marks, all from the profile and the mode, none from a form."""

from dataclasses import dataclass

from django.conf import settings

from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.profile.models import Profile
from fenghuo.warning.alerts.rules.content import Content, wording
from fenghuo.wire import text


@dataclass(frozen=True)
class Frame:
    """How this organisation's texts are composed, here and now."""

    profile: Profile
    exercise: bool

    @property
    def limit(self) -> int:
        """Code units of the whole text; a limit for the words alone is widened by the frame."""
        sms = self.profile.sms
        spare = 0 if sms.frame_counts.value else text.units(sms.prefix.value + sms.suffix.value)
        return sms.limit.value + spare

    def preview(self, body: str) -> text.Preview:
        """The text as it would leave, its count, and what is wrong with it."""
        sms = self.profile.sms
        return text.preview(
            sms.prefix.value,
            body,
            sms.suffix.value,
            exercise=self.exercise,
            limit=self.limit,
            billing_unit=sms.billing.value,
        )

    def sms(self, body: str) -> str:
        """The text as it will leave. Raises wire.text.TextError."""
        sms = self.profile.sms
        return text.compose(sms.prefix.value, body, sms.suffix.value, exercise=self.exercise, limit=self.limit)

    def marked(self, words: str) -> str:
        """Words for a page or a feed: an exercise is marked in every one of them (W14)."""
        if not (self.exercise and words):
            return words
        return f"{text.EXERCISE_BEGIN}{words}{text.EXERCISE_END}"


def frame_of(organisation: Organisation) -> Frame:
    """The frame in force now."""
    return Frame(accounts.profile_of(organisation), settings.FENGHUO.mode == "exercise")


def body_of(content: Content) -> str:
    """The words of the SMS: as typed, else the origin's own."""
    if content.body or content.origin is None:
        return content.body
    return wording(content.origin.text)


def correction_of(content: Content, frame: Frame) -> str:
    """The words of the prepared correction: as typed, else the profile's template."""
    return content.correction or frame.profile.sms.correction_template.value.format(headline=content.headline)
