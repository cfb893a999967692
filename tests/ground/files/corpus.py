"""Files for tests: real scans made here, and a corpus of what must never come in."""

import io
import struct
import zlib

import pypdfium2
from PIL import Image, PngImagePlugin

SCRIPT = b"<script>document.title='run'</script>"


def picture(kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    """A small image of a sheet."""
    out = io.BytesIO()
    Image.new(mode, size, None).save(out, kind, **options)
    return out.getvalue()


def pdf(pages: int = 1) -> bytes:
    """A PDF of empty sheets."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue().rstrip() + b"\n"


def written(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of hand-written objects, the first being the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)


PAGES = [b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"]


def scripted_pdf() -> bytes:
    """Runs JavaScript when it is opened."""
    script = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
    return written([b"<</Type/Catalog/Pages 2 0 R/Names<</JavaScript<</Names[(a) 4 0 R]>>>>>>", *PAGES, script])


SHOUT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"


def acting(act: bytes = SHOUT, where: str = "opening") -> bytes:
    """Does something when it is opened, when its page is shown, or when its page is touched."""
    catalogue, page = b"<</Type/Catalog/Pages 2 0 R>>", PAGES[1]
    if where == "opening":
        catalogue = catalogue[:-2] + b"/OpenAction 4 0 R>>"
    elif where == "page":
        page = page[:-2] + b"/AA<</O 4 0 R>>>>"
    else:
        page = page[:-2] + b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 595 842]/A 4 0 R>>]>>"
    return written([catalogue, PAGES[0], page, act])


def packed_script() -> bytes:
    """As `acting`, its script packed into a compressed stream of objects, where no search for words finds it."""
    inside = zlib.compress(b"4 0 " + SHOUT)
    objects = [b"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>", *PAGES, b""]
    objects.append(
        b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(inside), inside)
    )
    out, rows = b"%PDF-1.7\n", struct.pack(">BIB", 0, 0, 255)
    for number, body in enumerate(objects, 1):
        rows += struct.pack(">BIB", 1, len(out), 0) if body else struct.pack(">BIB", 2, len(objects), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body) if body else b""
    rows = zlib.compress(rows + struct.pack(">BIB", 1, len(out), 0))
    head = b"<</Type/XRef/Size 7/W[1 4 1]/Root 1 0 R/Filter/FlateDecode/Length %d>>" % len(rows)
    return out + b"6 0 obj\n%sstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (head, rows, len(out))


def carrying_pdf() -> bytes:
    """Carries another file inside."""
    names = b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(x.exe) 4 0 R]>>>>>>"
    spec = b"<</Type/Filespec/F(x.exe)/UF(x.exe)/EF<</F 5 0 R>>>>"
    return written([names, *PAGES, spec, b"<</Type/EmbeddedFile/Length 2>>\nstream\nMZ\nendstream"])


def bomb_png(width: int, height: int) -> bytes:
    """A few bytes that would be gigabytes of pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def text_bomb_png() -> bytes:
    """An honest picture with a hundred megabytes of compressed text beside it."""
    info = PngImagePlugin.PngInfo()
    info.add_text("c", "x" * 100_000_000, zip=True)
    return picture("PNG", pnginfo=info)


def hostile() -> dict[str, tuple[str, bytes]]:
    """What must not come in: name of the case → (file name, bytes)."""
    png, jpeg, paper = picture("PNG"), picture("JPEG"), pdf()
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
    html = b"<!doctype html><html>" + SCRIPT + b"</html>"
    zipped = b"PK\x03\x04" + bytes(200)
    cases = {
        "empty": b"",
        "one byte": b"%",
        "svg": svg,
        "svg with xml head": b'<?xml version="1.0"?>' + svg,
        "svg in utf-16": svg.decode().encode("utf-16"),
        "html": html,
        "html after spaces": b" \n\t" + html,
        "html behind a comment": b"<!--%PDF-1.7-->" + html,
        "xml with a doctype": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
        "script": b"alert(1)",
        "exe": b"MZ" + bytes(500),
        "elf": b"\x7fELF" + bytes(500),
        "shell": b"#!/bin/sh\nid\n",
        "zip": zipped,
        "docx": zipped + b"word/document.xml",
        "gzip": zlib.compress(bytes(10_000_000)),
        "gif": picture("GIF", mode="P"),
        "gif with script": b"GIF89a/*" + SCRIPT + b"*/",
        "bmp": picture("BMP"),
        "tiff": picture("TIFF"),
        "webp": picture("WEBP"),
        "mht": b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + html,
        "swf": b"FWS\x08" + bytes(100),
        "class": b"\xca\xfe\xba\xbe" + bytes(100),
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n",
        "png magic then html": png[:8] + html,
        "jpeg magic then html": b"\xff\xd8\xff\xe0" + html,
        "pdf magic then html": b"%PDF-1.4\n" + html,
        "pdf magic and end then nothing": b"%PDF-1.4\n" + html + b"\n%%EOF\n",
        "html before pdf": html + paper,
        "zip after pdf": paper + zipped,
        "html after pdf": paper + html,
        "html after pdf, another end": paper + b"PK\x03\x04" + bytes(50),
        "png truncated": png[: len(png) // 2],
        "png without end": png[:-20],
        "png with a broken sum": png[:45] + bytes([png[45] ^ 0xFF]) + png[46:],
        "jpeg truncated": jpeg[: len(jpeg) // 2],
        "jpeg of its head": jpeg[:20],
        "pdf truncated": paper[: len(paper) // 2],
        "pdf without pages": written([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]),
        "pdf of too many pages": pdf(201),
        "pdf with a script": scripted_pdf(),
        "pdf that runs a script when opened": acting(),
        "pdf that runs a script when its page is shown": acting(where="page"),
        "pdf that runs a script under a finger": acting(where="touch"),
        "pdf whose script has a disguised name": acting(SHOUT.replace(b"J", b"#4a")),
        "pdf whose script is packed": packed_script(),
        "pdf that starts a program": acting(b"<</S/Launch/F(cmd.exe)>>"),
        "pdf that sends a form": acting(b"<</S/SubmitForm/F(http://127.0.0.1/)>>", where="touch"),
        "pdf with a file inside": carrying_pdf(),
        "pdf with a password": written([b"<</Type/Catalog/Pages 2 0 R>>", *PAGES], ENCRYPTED),
        "pixel bomb": bomb_png(30_000, 30_000),
        "pixel bomb of one line": bomb_png(50_000_001, 1),
        "pixels that are not there": bomb_png(6000, 6000),
        "text bomb": text_bomb_png(),
        "too large": jpeg + bytes(11 * 1024 * 1024),
        "too large pdf": paper[:-6] + bytes(11 * 1024 * 1024) + b"%%EOF\n",
        "nul": bytes(1000),
        "utf-8 bom html": b"\xef\xbb\xbf" + html,
    }
    names = ("scan.pdf", "scan.png", "scan.jpg", "审批表.pdf")
    return {case: (names[index % len(names)], data) for index, (case, data) in enumerate(cases.items())}


ENCRYPTED = (
    b"/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]/Encrypt<</Filter/Standard/V 1/R 2/P -4"
    b"/O<" + b"11" * 32 + b">/U<" + b"22" * 32 + b">>>"
)
