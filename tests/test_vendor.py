"""The front-end libraries in the tree are the ones listed, byte for byte, and ask a browser for nothing else."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = [ROOT / "fenghuo/web/static/vendor", ROOT / "tests/vendor"]


def listed(folder: Path) -> dict[str, tuple[str, str, str]]:
    """file → (sha256, package@version, licence) as HASHES.txt says."""
    lines = (folder / "HASHES.txt").read_text(encoding="utf-8").splitlines()
    entries = [line.split("  ") for line in lines if not line.startswith("#")]
    return {file: (digest, package, licence) for digest, file, package, licence in entries}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_file_is_listed_and_unchanged(folder: Path) -> None:
    found = {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and file.name != "HASHES.txt"
    }
    assert found == {file: digest for file, (digest, _, _) in listed(folder).items()}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_package_comes_with_its_licence(folder: Path) -> None:
    entries = listed(folder)
    packages = {package for _, package, _ in entries.values()}
    with_licence = {package for file, (_, package, _) in entries.items() if Path(file).name == "LICENSE"}
    assert packages
    assert with_licence == packages


def test_what_is_served_names_no_source_map_and_embeds_no_picture() -> None:
    for file in listed(FOLDERS[0]):
        content = (FOLDERS[0] / file).read_bytes().decode("utf-8", "replace")
        assert "sourceMappingURL" not in content, file
        assert "data:image" not in content, f"{file}: the content security policy allows 'self' alone"


def test_a_style_sheet_names_only_files_that_are_there() -> None:
    for file in FOLDERS[0].rglob("*.css"):
        for address in re.findall(r"url\(\"?([^)\"#]+)\"?\)", file.read_text(encoding="utf-8")):
            assert (file.parent / address).resolve().is_file(), f"{file.name} names {address}"
