"""What may come in: a PDF, a JPEG or a PNG, by its own bytes and never by its name (fault X12).

An image is decoded and drawn anew, so that nothing but its pixels is kept. A PDF is proof as it is and stays byte for byte; it is
opened, and refused when it can run or carry anything. Nobody's file is ever shown inside our pages: it is only downloaded.
"""

import io
import re
import threading
import unicodedata
import warnings
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium
from django.utils.translation import gettext_noop as _
from PIL import Image, ImageOps

from fenghuo.ground.refusal import Refused

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000  # an A4 sheet at 600 dots per inch has 35 million
MOST_PAGES = 200
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
_MAGIC = {b"%PDF-1.": PDF, b"%PDF-2.": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG}
LONGEST_NAME = 100
_ACTS = re.compile(
    rb"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|GoToE|RichMedia|Rendition|Movie|Sound|FileAttachment)(?![\w.#-])"
)
_STREAM = re.compile(rb"\bstream\r?\n.*?endstream", re.DOTALL)

# PDFium is not safe in two threads at once, and two decoded scans at a time are enough memory.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Admitted:
    """What is kept of a file that was handed in."""

    data: bytes
    media_type: str
    name: str


def admit(data: bytes, name: str) -> Admitted:
    """The file as it will be kept. Raises Refused with the reason; nothing is kept then."""
    if not data:
        raise _refused("file_empty", _("The file is empty."))
    if len(data) > MOST_BYTES:
        raise _refused("file_too_large", _("The file is larger than %(most)s MB."), most=MOST_BYTES // 1024 // 1024)
    kind = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), None)
    if kind is None:
        raise _refused("file_kind", _("This is neither a PDF nor a JPEG or PNG image, whatever its name says."))
    with _one_at_a_time:
        kept = _pdf(data) if kind == PDF else _image(data, kind)
    if len(kept) > MOST_BYTES:
        raise _refused("file_too_large", _("The file is larger than %(most)s MB."), most=MOST_BYTES // 1024 // 1024)
    return Admitted(kept, kind, named(name, kind))


def named(name: str, media_type: str) -> str:
    """A name to show and to save under: its last part, without what is invisible, with the ending of what it really is."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(one for one in last if unicodedata.category(one)[0] != "C" and one not in '"<>|:*?\u2028\u2029')
    stem = seen.rsplit(".", 1)[0].strip(" .") if "." in seen else seen.strip(" .")
    ending = ENDINGS[media_type]
    return f"{stem[: LONGEST_NAME - len(ending) - 1].strip(' .') or 'file'}.{ending}"


def _image(data: bytes, kind: str) -> bytes:
    """Drawn anew, upright, at most so many pixels, without anything beside the pixels."""
    if kind == PNG and b"IEND\xaeB`\x82" not in data:
        raise _damaged()  # its end was cut off, though perhaps no pixel with it
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow warns of what it suspects; here that is a refusal
            with Image.open(io.BytesIO(data), formats=["JPEG" if kind == JPEG else "PNG"]) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise _refused(
                        "image_too_large",
                        _("The image has more than %(most)s million pixels; scan it at a lower resolution."),
                        most=MOST_PIXELS // 1_000_000,
                    )
                return _redrawn(ImageOps.exif_transpose(image), kind)
    # Whatever a decoder trips over, the file is damaged or not what it says.
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError, MemoryError,
            Warning, Image.DecompressionBombError) as error:  # fmt: skip
        raise _damaged() from error


def _redrawn(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == JPEG:
        plain = image if image.mode in ("L", "RGB") else image.convert("RGB")
        _bare(plain).save(out, "JPEG", quality=90)
    else:
        plain = (
            image
            if image.mode in ("1", "L", "RGB", "RGBA")
            else image.convert("RGBA" if _sees_through(image) else "RGB")
        )
        _bare(plain).save(out, "PNG")
    return out.getvalue()


def _sees_through(image: Image.Image) -> bool:
    return image.mode in ("LA", "PA", "La") or "transparency" in image.info


def _bare(image: Image.Image) -> Image.Image:
    """The pixels alone: no text, no profile, no thumbnail."""
    image.load()
    bare = image.copy()
    bare.info = {}
    return bare


def _pdf(data: bytes) -> bytes:
    if data.rstrip(b"\x00\t\n\x0c\r ")[-5:] != b"%%EOF":
        # After its end a file of another kind may hide, which somebody else's program would find.
        raise _damaged()
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise _refused("pdf_locked", _("The PDF asks for a password; save it without one.")) from error
        raise _damaged() from error
    try:
        _harmless(document)
    except pypdfium2.PdfiumError as error:
        raise _damaged() from error
    finally:
        document.close()
    return data


def _harmless(document: pypdfium2.PdfDocument) -> None:
    pages = len(document)
    if not 1 <= pages <= MOST_PAGES:
        raise _refused(
            "pdf_pages", _("The PDF has %(pages)s pages; 1 to %(most)s are possible."), pages=pages, most=MOST_PAGES
        )
    active = (
        pdfium.FPDFDoc_GetJavaScriptActionCount(document),
        pdfium.FPDFDoc_GetAttachmentCount(document),
        # A dynamic form (XFA) is a program of its own.
        int(pdfium.FPDF_GetFormType(document) in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND)),
        _actions(document),
    )
    if any(one > 0 for one in active):
        raise _refused(
            "pdf_active", _("The PDF contains scripts or other files. Print it to a new PDF, or scan the paper.")
        )
    for number in range(pages):
        document.get_page_size(number)


def _actions(document: pypdfium2.PdfDocument) -> int:
    """How often it names an act that runs, sends or opens something, at opening, on a page or under a finger.

    PDFium does not list these, but it can write the document anew: then nothing is packed into streams and no name disguised.
    """
    anew = io.BytesIO()
    document.save(anew, flags=pdfium.FPDF_NO_INCREMENTAL)
    return len(_ACTS.findall(_STREAM.sub(b"", anew.getvalue())))


def _refused(code: str, reason: str, **params: int) -> Refused:
    return Refused(code, reason, field="file", params=dict(params), kept="nothing")


def _damaged() -> Refused:
    return _refused("file_damaged", _("The file is damaged, or something else is hidden in it. Scan or save it again."))
