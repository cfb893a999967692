"""The Chinese catalogue is complete, holds nothing doubtful, and what is served is what is written."""

import re
import subprocess
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

import fenghuo

PACKAGE = Path(fenghuo.__file__).parent
FOLDER = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES"
BLANK = re.compile(r"%\((\w+)\)[sd]|%%|%s")
ENTRY = re.compile(r'((?:^#.*\n)*)((?:^msg(?:ctxt|id|id_plural|str(?:\[\d\])?) (?:".*"\n)+)+)', re.MULTILINE)


def entries() -> list[dict[str, str]]:
    """Every entry of the catalogue: comments, id, text."""
    found = []
    for comments, body in ENTRY.findall((FOLDER / "django.po").read_text(encoding="utf-8") + "\n"):
        parts = {"comments": comments}
        for key, value in re.findall(r'^(msg\S+) ((?:".*"\n)+)', body, re.MULTILINE):
            parts[key] = "".join(line[1:-1] for line in value.splitlines())
        found.append(parts)
    return [one for one in found if one.get("msgid")]


def texts(entry: dict[str, str]) -> list[str]:
    return [value for key, value in entry.items() if key.startswith("msgstr")]


def test_nothing_is_empty_or_fuzzy() -> None:
    assert len(entries()) > 500
    doubtful = [one["msgid"] for one in entries() if "fuzzy" in one["comments"] or not all(texts(one))]
    assert doubtful == []


def test_every_blank_of_a_sentence_is_in_its_translation() -> None:
    for one in entries():
        wanted = set(BLANK.findall(one.get("msgid_plural") or one["msgid"]))
        for text in texts(one):
            assert set(BLANK.findall(text)) == wanted, one["msgid"]


def test_translations_are_chinese() -> None:
    chinese = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
    plain = [one["msgid"] for one in entries() if not all(chinese.search(text) for text in texts(one))]
    assert plain == []


@pytest.mark.messages
def test_what_is_served_is_what_is_written(tmp_path: Path) -> None:
    subprocess.run(
        ["msgfmt", "--check-format", "-o", tmp_path / "fresh.mo", FOLDER / "django.po"], check=True, timeout=60
    )
    assert (tmp_path / "fresh.mo").read_bytes() == (FOLDER / "django.mo").read_bytes()


@pytest.mark.messages
def test_every_sentence_of_the_package_is_in_the_catalogue(tmp_path: Path) -> None:
    sources = [path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]
    for index, page in enumerate(PACKAGE.rglob("*.html")):
        plain = tmp_path / f"page{index}.py"
        plain.write_text(templatize(page.read_text(encoding="utf-8"), origin=str(page)), encoding="utf-8")
        sources.append(plain)
    found = tmp_path / "found.po"
    marks = ["gettext", "gettext_lazy", "gettext_noop", "_", "ngettext:1,2", "pgettext:1c,2", "npgettext:1c,2,3"]
    command: list[str | Path] = [
        "xgettext",
        "--from-code=UTF-8",
        "-L",
        "Python",
        "-o",
        found,
        *(f"-k{one}" for one in marks),
    ]
    subprocess.run([*command, *sources], check=True, timeout=120, capture_output=True)
    said = re.findall(r'^msgid ((?:".*"\n)+)', found.read_text(encoding="utf-8"), re.MULTILINE)
    sentences = {"".join(line[1:-1] for line in one.splitlines()) for one in said} - {""}
    assert len(sentences) > 500
    assert sentences - {one["msgid"] for one in entries()} == set()
