"""What of the data folder goes into an archive beside the databases: what others may know as it is, secrets only sealed."""

import os
import re
from pathlib import Path

from fenghuo.ops.backup.manifest import NAME, SETTINGS
from fenghuo.ops.config import SECRET_FILE, Config

SIGNING_KEY = "signing.key"
PUBLIC = ("signing.pem", "signing-*.pem", "trust/*.pem", "profiles/*.toml")
MOST = 1024 * 1024  # bytes of a secret file
_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^:/@\s]*):[^@/\s]+@")
HIDDEN = r"\1:***@"


def public(data: Path) -> dict[str, Path]:
    """Certificates and profiles, by their name in the archive."""
    found = {str(path.relative_to(data)): path for pattern in PUBLIC for path in sorted(data.glob(pattern))}
    return {name: path for name, path in found.items() if NAME.fullmatch(name) and path.is_file()}


def settings_text(data: Path) -> tuple[str, bool]:
    """`fenghuo.toml` without the password of a database address, and whether there was one."""
    path = data / SETTINGS
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    shown = "".join(
        line if line.lstrip().startswith("#") else _PASSWORD.sub(HIDDEN, line)
        for line in text.splitlines(keepends=True)
    )
    return shown, shown != text


def secrets(data: Path, config: Config) -> tuple[dict[str, bytes], list[str]]:
    """The secret files by their name in the data folder, and those that are not to be had from there.

    A file outside the data folder stays outside: a restore writes nowhere else than into its own folder.
    """
    wanted = [data / SECRET_FILE, data / SIGNING_KEY, *(data / path for path in config.files())]
    found: dict[str, bytes] = {}
    left: list[str] = []
    for path in dict.fromkeys(wanted):
        inside = path.resolve().is_relative_to(data.resolve())
        if inside and path.is_file() and path.stat().st_size <= MOST:
            found[str(path.resolve().relative_to(data.resolve()))] = path.read_bytes()
        elif path.name != SIGNING_KEY or path.exists():
            left.append(str(path))
    if settings_text(data)[1]:
        found[SETTINGS] = (data / SETTINGS).read_bytes()
    return found, left


def names(data: Path, config: Config) -> list[str]:
    """The secret files that an installation with these settings has, by their names in its data folder or as they are named."""
    own = [SECRET_FILE, *([SIGNING_KEY] if (data / f"{Path(SIGNING_KEY).stem}.pem").exists() else [])]
    return list(dict.fromkeys([*own, *(os.path.relpath(data / one, data) for one in config.files())]))
