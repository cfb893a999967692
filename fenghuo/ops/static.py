"""Style sheets, scripts and pictures under names that carry their hash, so that a browser may keep them for ever.

They are copied from the package into the data folder whenever `web` starts and finds them changed: an upgrade needs no step of
its own. Where nothing was collected (tests, a first look) the plain names are served from the package.
"""

import fcntl
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command

STAMP = ".collected"


class Storage(ManifestStaticFilesStorage):
    """Hashed names from the manifest; the plain name for what the manifest does not know."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        known: str | None = self.hashed_files.get(self.hash_key(self.clean_name(name)))
        return self.clean_name(name) if known is None else super().stored_name(name)


def _sources() -> Iterator[tuple[str, Path]]:
    for finder in get_finders():
        for path, storage in finder.list(None):
            yield path, Path(storage.path(path))


def fingerprint() -> str:
    """Changes when any file of the package's static folders does."""
    digest = hashlib.sha256()
    for name, path in sorted(_sources()):
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def collect() -> bool:
    """Bring the data folder's copy up to date; True when it had to be. Several web processes may call it at once."""
    root = Path(settings.STATIC_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, wanted = root / STAMP, fingerprint()
        if stamp.exists() and stamp.read_text() == wanted:
            return False
        call_command("collectstatic", interactive=False, verbosity=0, stdout=io.StringIO())
        stamp.write_text(wanted)
        return True
