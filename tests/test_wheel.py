"""An installed Fenghuo carries everything that a clone has: templates, schemas, profiles, catalogues, demo data."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def shipped() -> set[str]:
    """Every file of the packages, by the name it has inside a wheel; a profile under the package, as its link says."""
    files = [file for folder in ("fenghuo", "simulators") for file in (ROOT / folder).rglob("*") if file.is_file()]
    files += [ROOT / "fenghuo" / "profiles" / file.name for file in (ROOT / "profiles").glob("*.toml")]
    return {str(file.relative_to(ROOT)) for file in files if "__pycache__" not in file.parts}


def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    # Built from a copy: setuptools leaves its own folders beside what it builds.
    copy = tmp_path / "source"
    copy.mkdir()
    tracked = ["pyproject.toml", "LICENSE", "README.md", "fenghuo", "simulators", "profiles"]
    there = [name for name in tracked if (ROOT / name).exists()]
    subprocess.run(["cp", "-a", *there, str(copy)], cwd=ROOT, check=True, timeout=60)
    done = subprocess.run(
        [*build, "-w", str(tmp_path), str(copy)], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert shipped() - packed == set()
    assert packed - shipped() == set()
