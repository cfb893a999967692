"""What every host of one installation must have alike: packed on one, unpacked on the next. No Django here.

A parcel is a tar archive of plain files below the data folder, the last of them a list of their hashes.
"""

import hashlib
import io
import json
import re
import tarfile
from pathlib import Path
from typing import IO

from fenghuo.ops.config import CONFIG_FILE, SECRET_FILE, ConfigError, load
from fenghuo.ops.folder import PRIVATE_FOLDER, write_private_bytes

LIST = "fenghuo-host.json"
FIXED = (SECRET_FILE, CONFIG_FILE, "signing.key", "signing.pem")
FOLDERS = {"trust": "*.pem", "profiles": "*.toml"}
# A name of ours or one that an operator gave to a secret: no hidden file, nothing above the data folder.
NAME = re.compile(r"(?:(?:[\w-][\w.-]{0,80})/){0,2}[\w-][\w.-]{0,80}", re.ASCII)
MOST_FILES, MOST_BYTES = 1000, 4 * 1024 * 1024


def shared(data: Path) -> tuple[list[str], list[Path]]:
    """(names below the data folder, files elsewhere that the settings name too and that must be carried by hand)."""
    config = load(data)
    names = [name for name in FIXED if (data / name).exists()]
    for folder, pattern in FOLDERS.items():
        names += sorted(f"{folder}/{path.name}" for path in (data / folder).glob(pattern))
    elsewhere = []
    for path in config.files():
        placed = data / path
        if placed.is_relative_to(data) and NAME.fullmatch(str(placed.relative_to(data))):
            names.append(str(placed.relative_to(data)))
        else:
            elsewhere.append(placed)
    return list(dict.fromkeys(names)), elsewhere


def pack(data: Path, out: IO[bytes]) -> tuple[list[str], list[Path]]:
    """Write the parcel. Raises ConfigError for a folder whose database no other host can reach."""
    config = load(data)
    if not config.database_url:
        raise ConfigError(
            f"{data / CONFIG_FILE}：database_url：多台主机须共用一个 PostgreSQL，此目录用的是 SQLite / "
            "several hosts share one PostgreSQL; this folder uses SQLite"
        )
    names, elsewhere = shared(data)
    hashes = {}
    try:
        with tarfile.open(fileobj=out, mode="w|") as parcel:
            for name in names:
                content = (data / name).read_bytes()
                hashes[name] = hashlib.sha256(content).hexdigest()
                _put(parcel, name, content)
            _put(parcel, LIST, json.dumps({"mode": config.mode, "files": hashes}, indent=1).encode())
    except OSError as error:
        raise ConfigError(f"{error.filename}：无法读取 / cannot be read: {error.strerror}") from None
    return names, elsewhere


def _put(parcel: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    parcel.addfile(entry, io.BytesIO(content))


def unpack(parcel: IO[bytes], data: Path) -> list[str]:
    """Make the data folder of a further host. Raises ConfigError for a damaged parcel or a folder that holds something."""
    contents = _read(parcel)
    if data.exists() and any(data.iterdir()):
        raise ConfigError(
            f"{data}：目录不空，新主机的数据目录须是新的 / is not empty; a further host makes a new folder"
        )
    try:
        data.mkdir(parents=True, mode=PRIVATE_FOLDER, exist_ok=True)
        data.chmod(PRIVATE_FOLDER)
        # The secret key last: a folder without it is no data folder, so an interrupted unpacking can be begun again.
        for name in sorted(contents, key=lambda one: one == SECRET_FILE):
            (data / name).parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True, parents=True)
            write_private_bytes(data / name, contents[name])
    except OSError as error:
        raise ConfigError(f"{error.filename}：无法写入 / cannot be written: {error.strerror}") from None
    return sorted(contents)


def _read(parcel: IO[bytes]) -> dict[str, bytes]:
    """Every file by name, each as its hash says."""
    contents: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=parcel, mode="r|") as found:
            for entry in found:
                if not entry.isfile() or not NAME.fullmatch(entry.name) or entry.name in contents:
                    raise _damaged(f"{entry.name!r}")
                if entry.size > MOST_BYTES or len(contents) >= MOST_FILES:
                    raise _damaged(f"{entry.name!r}: too large")
                source = found.extractfile(entry)
                contents[entry.name] = source.read() if source else b""
        told = json.loads(contents.pop(LIST))["files"]
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    except (tarfile.TarError, KeyError, ValueError, TypeError, EOFError, OSError, RecursionError) as error:
        raise _damaged(str(error)) from None
    if told != hashes or not {SECRET_FILE, CONFIG_FILE} <= set(hashes):
        raise _damaged("its list of hashes does not fit")
    return contents


def _damaged(why: str) -> ConfigError:
    return ConfigError(f"不是完整的主机包，未写入任何文件 / not a whole host parcel, nothing was written: {why}")
