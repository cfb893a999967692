"""One page of a list."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`rows` of a list of `total`, `size` to a page; `page` counts from 1."""

    rows: list[Row]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))
