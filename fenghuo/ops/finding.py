"""One line of what `fenghuo doctor` found."""

from dataclasses import asdict, dataclass
from typing import Literal

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
