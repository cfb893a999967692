"""One line of what `fenghuo doctor` found."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from django.utils.translation import override

from fenghuo.ground.refusal import CHINESE, ENGLISH

Colour = Literal["green", "yellow", "red"]


@dataclass(frozen=True)
class Finding:
    """One line. `name` is stable, for monitors."""

    name: str
    colour: Colour
    zh: str
    en: str

    def as_dict(self) -> dict[str, str]:
        """For --json."""
        return asdict(self)


def in_both(said: Callable[[], str]) -> tuple[str, str]:
    """What the pages say in the reader's language, in Chinese and in English."""
    with override(CHINESE):
        chinese = said()
    with override(ENGLISH):
        return chinese, said()
