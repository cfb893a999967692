"""Posts and rights as data: rights.toml, checked when it is imported, and drawn into the documentation."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

Right = Literal[
    "no", "may", "second", "not_author", "own", "own_shift", "own_area", "own_village", "organisation", "sample"
]

FILE = Path(__file__).with_name("rights.toml")

# How a cell reads in the table of the documentation.
_SIGNS: dict[Right, str] = {
    "no": "–",
    "may": "●",
    "second": "○",
    "not_author": "● ≠ author",
    "own": "own",
    "own_shift": "own shift",
    "own_area": "● own area",
    "own_village": "own village",
    "organisation": "organisation",
    "sample": "sample",
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Post(_Strict):
    """A post that a named person holds. `alone`: beside no other."""

    zh: str
    en: str
    alone: bool = False


class Row(_Strict):
    """A line of the table: one act, or several that are decided together."""

    acts: tuple[str, ...]
    en: str
    zh: str
    rights: dict[str, Right | tuple[Right, ...]]
    seconds: tuple[str, ...] = ()
    notes: dict[str, str] = {}
    down: bool = False

    @model_validator(mode="after")
    def _one_right_per_act(self) -> "Row":
        for post, right in self.rights.items():
            if isinstance(right, tuple) and len(right) != len(self.acts):
                raise ValueError(f"{self.acts}: {post} has {len(right)} rights for {len(self.acts)} acts")
        if any("second" in self.of(post) for post in self.rights) != bool(self.seconds):
            raise ValueError(f"{self.acts}: who is the second person?")
        return self

    def of(self, post: str) -> tuple[Right, ...]:
        """The rights of a post, one per act."""
        right = self.rights.get(post, "no")
        return right if isinstance(right, tuple) else (right,) * len(self.acts)


class Matrix(_Strict):
    """The whole file."""

    posts: dict[str, Post]
    rows: tuple[Row, ...]

    @model_validator(mode="after")
    def _known_posts_and_distinct_acts(self) -> "Matrix":
        acts = [act for row in self.rows for act in row.acts]
        if len(set(acts)) != len(acts):
            raise ValueError("an act stands in two rows")
        for row in self.rows:
            unknown = {*row.rights, *row.seconds, *row.notes} - set(self.posts)
            if unknown:
                raise ValueError(f"{row.acts}: unknown posts {sorted(unknown)}")
        return self


def load(path: Path) -> Matrix:
    """Raises pydantic.ValidationError naming what contradicts itself."""
    return Matrix.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


MATRIX = load(FILE)
POSTS: dict[str, Post] = MATRIX.posts
ALONE: tuple[str, ...] = tuple(code for code, post in POSTS.items() if post.alone)
ROWS: dict[str, Row] = {act: row for row in MATRIX.rows for act in row.acts}
RIGHTS: dict[str, dict[str, Right]] = {
    act: {post: row.of(post)[number] for post in POSTS} for row in MATRIX.rows for number, act in enumerate(row.acts)
}


def table() -> str:
    """docs/reference/rights.md: the same table for people."""
    lines = [
        "# Posts and rights",
        "",
        "Generated from `fenghuo/ground/accounts/rights.toml`; change that file, not this one.",
        "",
        "● may; ○ may with a second person; – no. Where a line names several acts, their rights are separated by a"
        " stroke unless all are the same. Author, signer and administrators are compared by person, not by account.",
        "",
        "| act | 行为 | " + " | ".join(f"{post.zh} {post.en}" for post in POSTS.values()) + " |",
        "|---|---|" + "---|" * len(POSTS),
    ]
    lines += [
        f"| {row.en} | {row.zh} | " + " | ".join(_cell(row, post) for post in POSTS) + " |" for row in MATRIX.rows
    ]
    alone = ", ".join(f"{POSTS[code].zh} ({POSTS[code].en})" for code in ALONE)
    lines += ["", f"These hold no other post; the database refuses it, not only the page: {alone}.", ""]
    return "\n".join(lines)


def _cell(row: Row, post: str) -> str:
    signs = [_SIGNS[right] for right in row.of(post)]
    cell = signs[0] if len(set(signs)) == 1 else "/".join(signs)
    return f"{cell}; {row.notes[post]}" if post in row.notes else cell


if __name__ == "__main__":
    Path(__file__).parents[3].joinpath("docs/reference/rights.md").write_text(table(), encoding="utf-8")
