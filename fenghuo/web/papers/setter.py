"""The one place that turns values into an A4 PDF: typst, the bundled fonts, PDF/A-2u.

PDF/A-2u is what an archive takes, and it refuses what plain PDF lets pass: a character without a glyph. A paper with boxes
instead of names is no record, so what no font can show is written out by its code, and anything else typst says is an error.
"""

import json
import threading
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import structlog
import typst
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from pylopdf_fonts_zh_cn import sans_path

from fenghuo.ground import clock
from fenghuo.ground.refusal import Refused
from fenghuo.web.papers import glyphs

log = structlog.get_logger("fenghuo.papers")

FORMS = Path(__file__).parent
STANDARD: Final = "a-2u"
# typst keeps what its last ten compilations remembered; as many empty ones put a long list out of memory again.
FORGETTING = 12
HEAVY = 20_000  # characters of data from which on it is worth it

_known: dict[str, bool] = {}  # characters, and whether some font here has a glyph for them
_one_at_a_time = threading.Lock()  # a town prints one paper at a time; a crowd of printers must not multiply the memory


class PaperError(Refused):
    """The paper could not be set as it must be; nothing was printed."""

    def __init__(self, why: str) -> None:
        reason = _("The paper could not be printed, and nothing is changed. Tell whoever keeps the system: %(why)s")
        super().__init__("paper_not_set", reason, kind="unavailable", params={"why": why})


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """The bundled fonts first; for rare characters those in the data folder's `fonts/`, then the system's own."""
    own = settings.DATA / "fonts"
    paths = [str(sans_path().parent), *([str(own)] if own.is_dir() else [])]
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=paths)


def paper(form: str | Path, data: Mapping[str, Any], *, tagged: bool = True) -> bytes:
    """`form` (a file beside this one) filled with `data`, as PDF bytes. Every text is set as it was typed, never as markup.

    The form also gets `organisation` through `data`, and from here the mode and the moment of printing. `tagged` keeps the
    structure that screen readers use; long lists leave it out, which makes them twenty times smaller.
    """
    whole = {
        **data,
        "exercise": settings.FENGHUO.mode == "exercise",
        "printed": timezone.localtime(clock.now()).strftime("%Y-%m-%d %H:%M:%S"),
    }
    with _one_at_a_time:
        shown = glyphs.Shown(_can_print, _known)
        text = json.dumps(_laid(whole, shown), ensure_ascii=False)
        try:
            return _compile(FORMS / form, text, tagged=tagged)
        except typst.TypstError as error:
            # A cluster may need one font for all its characters although each has a glyph somewhere: then only plain ones.
            if "could not be displayed" not in str(error):
                log.error("paper not set", form=str(form), why=str(error))
                raise PaperError(str(error)) from error
            plain = json.dumps(_laid(whole, glyphs.Shown(_can_print, _known, plain=True)), ensure_ascii=False)
            return _compile_plain(form, plain, tagged)
        finally:
            if len(text) > HEAVY:
                _forget()


def _compile_plain(form: str | Path, text: str, tagged: bool) -> bytes:
    try:
        return _compile(FORMS / form, text, tagged=tagged)
    except typst.TypstError as error:
        log.error("paper not set", form=str(form), why=str(error))
        raise PaperError(str(error)) from error


def _compile(form: Path, data: str, *, tagged: bool) -> bytes:
    pdf, warnings = typst.compile_with_warnings(
        str(form),
        root=str(form.parent),
        font_paths=fonts(),
        sys_inputs={"data": data},
        pdf_standards=STANDARD,
        pdf_tags=tagged,
    )
    if warnings:
        raise PaperError("; ".join(str(one) for one in warnings))
    return bytes(pdf)


def _laid(value: Any, shown: glyphs.Shown) -> Any:
    """Every text of a tree as lines of parts, the form that `say` in common.typ sets."""
    if isinstance(value, str):
        return shown.lines(value)
    if isinstance(value, Mapping):
        return {name: _laid(one, shown) for name, one in value.items()}
    if isinstance(value, Iterable):
        return [_laid(one, shown) for one in value]
    return value


PROBE = b'#set text(font: "Noto Sans SC", lang: "zh", region: "cn")\n#json(bytes(sys.inputs.data))'


def _can_print(characters: str) -> bool:
    """Whether some font has a glyph for every one of these."""
    try:
        typst.compile(
            PROBE,
            font_paths=fonts(),
            sys_inputs={"data": json.dumps(characters)},
            pdf_standards=STANDARD,
            pdf_tags=False,
        )
    except typst.TypstError:
        return False
    return True


def _forget() -> None:
    for number in range(FORGETTING):
        typst.compile(b"#%d" % number, font_paths=fonts())
