"""What an archive says of itself: read strictly, because a restore believes it."""

import hashlib
import json
import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from fenghuo.ops.config import ConfigError, Mode

FORMAT = 1
MANIFEST, SEALED, SETTINGS = "manifest.json", "secrets.sealed", "fenghuo.toml"
MOST_BYTES = 64 * 1024 * 1024  # of a manifest: some hundred thousand attachments
FILES = {"sqlite": ("main.db", "ledger.db"), "postgresql": ("main.dump", "ledger.dump")}
# Every name that may stand in an archive. None of them leaves the folder, begins with a dot or names a device.
NAME = re.compile(
    r"(main|ledger)\.(db|dump)|fenghuo\.toml|secrets\.sealed|signing(-[0-9a-f]{16})?\.pem"
    r"|(trust|profiles)/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,90}\.(pem|toml)|files/[0-9a-f]{2}/[0-9a-f]{32}"
)
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=2**53)]


class ArchiveError(ConfigError):
    """An archive that is not to be trusted, or cannot be read. What is wrong, and what was done, in Chinese and English."""

    status = 4


class Part(BaseModel):
    """A file of the archive."""

    model_config = ConfigDict(extra="forbid", strict=True)
    name: str
    size: Count
    sha256: Hash


class Signature(BaseModel):
    """By the installation's key. `key`: SHA-256 of its certificate; `value`: base64."""

    model_config = ConfigDict(extra="forbid", strict=True)
    key: Hash
    value: str = Field(max_length=2000)


class Manifest(BaseModel):
    """See the module. `tables`: rows per table and alias; `missing`: attachments that were gone or spoilt already."""

    model_config = ConfigDict(extra="forbid", strict=True)
    format: Literal[1]
    version: str = Field(max_length=40)
    mode: Mode
    made_at: datetime
    engine: Literal["sqlite", "postgresql"]
    databases: Literal[1, 2]  # one dump of both, where one PostgreSQL database holds them
    journal_head: str = Field(pattern=r"^[0-9]{1,18}:[0-9a-f]{64}$")
    orders: Count  # the newest order
    secrets: Literal["sealed", "left_out"]
    left_out: list[str] = Field(max_length=1000)  # secret files that are not here
    missing: list[str]
    tables: dict[Literal["default", "ledger"], dict[str, Count]]
    parts: list[Part]
    signature: Signature | None = None  # none where the key was not fit, and in archives of earlier versions

    @property
    def size(self) -> int:
        """Bytes of all parts, unpacked."""
        return sum(part.size for part in self.parts)

    def encoded(self) -> bytes:
        """As it lies in the archive."""
        return (json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    def bound(self) -> bytes:
        """What sealed secrets are bound to: whoever opens them knows that nothing else in the archive was exchanged."""
        return self._digest(without=SEALED)

    def statement(self) -> bytes:
        """What the installation signs: everything told here, and by the hashes of the parts every byte of the archive."""
        return json.dumps({"fenghuo": "backup", "manifest": self._digest().hex()}, sort_keys=True).encode()

    def _digest(self, *, without: str = "") -> bytes:
        told = self.model_dump(mode="json", exclude={"signature"})
        told["parts"] = sorted(
            (part for part in told["parts"] if part["name"] != without), key=lambda part: str(part["name"])
        )
        return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=True).encode()).digest()


def parse(data: bytes) -> Manifest:
    """Raises ArchiveError for anything but a manifest of a format that is known here."""
    try:
        found = Manifest.model_validate_json(data)
    except ValidationError:
        told = _format(data)
        if isinstance(told, int) and told > FORMAT:
            raise ArchiveError(
                f"备份由更新的版本制作（格式 {told}），请先升级本机 / the archive is of a newer Fenghuo "
                f"(format {told}); install that version here first; nothing was written"
            ) from None
        raise ArchiveError(
            "备份清单有误，这不是烽火的备份 / the manifest is wrong: this is no backup of Fenghuo; nothing was written"
        ) from None
    names = [part.name for part in found.parts]
    wanted = set(FILES[found.engine][: found.databases]) | {SETTINGS}
    strange = [name for name in names if not NAME.fullmatch(name)]
    if (
        strange
        or len(set(names)) != len(names)
        or not wanted <= set(names)
        or (SEALED in names) != (found.secrets == "sealed")
    ):
        raise ArchiveError(
            "备份清单列有不应有的文件，或缺文件 / the manifest names files that do not belong there, or lacks some; "
            "nothing was written"
        )
    return found


def _format(data: bytes) -> object:
    """The number of the format, where the manifest is JSON at all."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return told.get("format") if isinstance(told, dict) else None
