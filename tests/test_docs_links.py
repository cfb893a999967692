"""No document sends a reader nowhere: every relative link, anchor and picture exists."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
ELSEWHERE = ("http://", "https://", "mailto:")


def prose(page: Path) -> str:
    """A page without its examples, in which brackets are no links."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    """Targets of the links and pictures of a page that stay within the repository."""
    return [one for one in LINK.findall(INLINE.sub("", prose(page))) if not one.startswith(ELSEWHERE)]


def anchors(page: Path) -> set[str]:
    """The anchors GitHub gives a page's headings."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} +(.+?) *$", prose(page), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        while slug in found:
            slug += "-1"
        found.add(slug)
    return found


def broken(page: Path) -> list[str]:
    """What a reader of the page would click in vain."""
    wrong = []
    for link in links(page):
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=[str(one.relative_to(ROOT)) for one in PAGES])
def test_no_link_is_broken(page: Path) -> None:
    assert broken(page) == []


def test_a_broken_link_and_a_broken_anchor_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    (tmp_path / "other.md").write_text("# A heading, `here`\n", encoding="utf-8")
    page.write_text(
        "[a](missing.md) ![b](missing.png) [c](other.md#a-heading-here) [d](other.md#gone) [e](#nowhere) `[f](code.md)`\n"
        "```\n[g](example.md)\n```\n",
        encoding="utf-8",
    )
    assert broken(page) == ["missing.md", "missing.png", "other.md#gone", "#nowhere"]


def test_the_index_names_every_document() -> None:
    index = ROOT / "docs" / "README.md"
    named = {(index.parent / unquote(one).partition("#")[0]).resolve() for one in links(index)}
    documents = {one for one in (ROOT / "docs").rglob("*.md") if one != index and one.parent.name != "decisions"}
    assert documents - named == set()


def test_both_readmes_show_the_same_pictures() -> None:
    english, chinese = (
        [one for one in links(ROOT / name) if one.endswith(".png")] for name in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese != []
