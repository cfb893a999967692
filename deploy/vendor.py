"""Fetches the front-end libraries from npm into the tree and lists their hashes: `make vendor`.

What is served is exactly what is committed: no build step, no Node on a server, nothing fetched by a browser. Three things are
changed on the way, and only these: comments that name a source map (the browser would ask for it and get a 404), pictures
embedded as `data:` addresses, which become files of their own because the content security policy allows `'self'` alone, and
the empty picture with which Leaflet stops a tile from loading: no address at all does the same.
"""

import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
SERVED = ROOT / "fenghuo/web/static/vendor"
TESTING = ROOT / "tests/vendor"
PEERS = {  # an SMPP server that others wrote, for Node; it runs in the tests only
    "smpp": ("0.5.1", ("lib/defs.js", "lib/pdu.js", "lib/smpp.js")),
    "iconv-lite": (
        "0.7.3",
        (
            *(f"lib/{name}.js" for name in ("bom-handling", "helpers/merge-exports", "index", "streams")),
            *(f"encodings/{name}.js" for name in ("dbcs-codec", "dbcs-data", "index", "internal", "sbcs-codec")),
            *(f"encodings/{name}.js" for name in ("sbcs-data", "sbcs-data-generated", "utf16", "utf32", "utf7")),
        ),
    ),
    "safer-buffer": ("2.1.2", ("safer.js",)),
}
LIST = "HASHES.txt"

SOURCE_MAP = re.compile(rb"\n?(//[#@] sourceMappingURL=\S+|/\*[#@] sourceMappingURL=[^*]*\*/)\s*$")
EMBEDDED = re.compile(rb'url\("data:image/svg\+xml,([^"]*)"\)')
EMPTY_PICTURE = re.compile(rb"data:image/gif;base64,[A-Za-z0-9+/=]+")


@dataclass(frozen=True)
class Package:
    """One npm package: which of its files are taken (`name in the package` → `name under folder`), and its licence."""

    name: str
    version: str
    licence: str
    folder: Path
    files: dict[str, str]

    @property
    def label(self) -> str:
        return f"{self.name}@{self.version}"


PACKAGES = (
    Package(
        "htmx.org",
        "4.0.1",
        "0BSD",
        SERVED,
        {"dist/htmx.min.js": "htmx/htmx.min.js", "LICENSE": "htmx/LICENSE"},
    ),
    Package(
        "bootstrap",
        "5.3.9",
        "MIT",
        SERVED,
        {"dist/css/bootstrap.min.css": "bootstrap/css/bootstrap.min.css", "LICENSE": "bootstrap/LICENSE"},
    ),
    Package(
        "leaflet",
        "1.9.4",
        "BSD-2-Clause",
        SERVED,
        {
            "dist/leaflet.js": "leaflet/leaflet.js",
            "dist/leaflet.css": "leaflet/leaflet.css",
            **{
                f"dist/images/{name}.png": f"leaflet/images/{name}.png"
                for name in ("layers", "layers-2x", "marker-icon")
            },
            "LICENSE": "leaflet/LICENSE",
        },
    ),
    Package(
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        TESTING,
        {name: name for name in ("axe.min.js", "LICENSE", "LICENSE-3RD-PARTY.txt")},
    ),
    *(
        Package(
            name, version, "MIT", TESTING, {file: f"node/{name}/{file}" for file in (*files, "package.json", "LICENSE")}
        )
        for name, (version, files) in PEERS.items()
    ),
)


def fetch(package: Package) -> dict[str, bytes]:
    """The package's files by name, as npm packed them; npm itself checks the registry's integrity value."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "pack", "--silent", "--pack-destination", folder, package.label],
            check=True,
            capture_output=True,
            cwd=folder,
            timeout=300,
        )
        (archive,) = Path(folder).glob("*.tgz")
        packed = io.BytesIO(archive.read_bytes())
    contents = {}
    with tarfile.open(fileobj=packed) as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.isfile() else None
            if stream is not None:
                contents[member.name.partition("/")[2]] = stream.read()
    return contents


def prepared(target: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The files to write for one file of a package: itself without source map, and the pictures that were embedded in it."""
    content = EMPTY_PICTURE.sub(b"", SOURCE_MAP.sub(b"\n", content))
    pictures: dict[str, bytes] = {}

    def as_file(match: re.Match[bytes]) -> bytes:
        picture = unquote(match[1].decode()).encode()
        name = f"{hashlib.sha256(picture).hexdigest()[:8]}.svg"
        pictures[f"{Path(target).parent.parent}/img/{name}"] = picture
        return f'url("../img/{name}")'.encode()

    if target.endswith(".css"):
        content = EMBEDDED.sub(as_file, content)
    yield target, content
    yield from pictures.items()


def main() -> int:
    lines: dict[Path, list[str]] = {}
    for package in PACKAGES:
        contents = fetch(package)
        for name, target in package.files.items():
            for path, content in prepared(target, contents[name]):
                file = package.folder / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
                digest = hashlib.sha256(content).hexdigest()
                lines.setdefault(package.folder, []).append(f"{digest}  {path}  {package.label}  {package.licence}")
    for folder, listed in lines.items():
        head = "# sha256  file  npm package  licence; written by `make vendor`, checked by tests/test_vendor.py"
        (folder / LIST).write_text("\n".join([head, *sorted(listed, key=lambda line: line.split()[1])]) + "\n")
        print(f"{folder.relative_to(ROOT)}: {len(listed)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
