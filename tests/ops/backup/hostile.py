"""Archives that somebody made with ill will, or a disk made without: each with a right checksum at its end where that can be."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

from fenghuo.ops.backup.archive import DIGEST, MARK
from fenghuo.ops.backup.manifest import MANIFEST


def parts_of(path: Path) -> dict[str, bytes]:
    """Every entry of an archive, the manifest included."""
    with zipfile.ZipFile(path) as held:
        return {name: held.read(name) for name in held.namelist()}


def forged(
    path: Path,
    entries: dict[str, bytes],
    *,
    manifest: dict[str, Any] | None = None,
    told: bool = True,
    sizes: dict[str, int] | None = None,
    signature: bool = False,
) -> Path:
    """An archive of these entries whose checksums all agree. `told`: the manifest names exactly what is in it.

    Whoever has not the key leaves the `signature` away, or as it was.
    """
    said = {**json.loads(entries[MANIFEST]), **({} if signature else {"signature": None}), **(manifest or {})}
    if told:
        said["parts"] = [
            {"name": name, "size": (sizes or {}).get(name, len(data)), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in entries.items()
            if name != MANIFEST
        ]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as held:
        for name, data in entries.items():
            held.writestr(name, json.dumps(said) if name == MANIFEST else data)
        held.comment = MARK + b"0" * DIGEST
    return sealed(path)


def sealed(path: Path) -> Path:
    """The file with the right SHA-256 of itself at its end."""
    whole = path.read_bytes()[:-DIGEST]
    path.write_bytes(whole + hashlib.sha256(whole).hexdigest().encode())
    return path
