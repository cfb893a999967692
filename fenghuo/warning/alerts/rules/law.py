"""The eight elements of a warning (突发事件应对法 2024, art. 64), and the fewer of its lift (art. 70), in the law's own words."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from fenghuo.ground.refusal import Said
from fenghuo.warning.alerts.rules.content import Content
from fenghuo.warning.alerts.rules.problem import Problem, problem


@dataclass(frozen=True)
class Element:
    """One element: its code, the law's word, the field that holds it, and whether it is there."""

    code: str
    zh: str
    field: str
    present: bool


# Art. 70 asks a lift for nothing of its own: what is lifted, where and by whom must still be clear.
OF_A_LIFT = ("category", "level", "area", "issuer")


def elements(content: Content, relation: str = "") -> list[Element]:
    """The eight elements in the law's order; of a lift, those that it still needs.

    The time of issue is that of sign-off, the issuing body this government; a relayed warning brings both with it.
    """
    found = _eight(content)
    return [one for one in found if one.code in OF_A_LIFT] if relation == "lift" else found


def _eight(content: Content) -> list[Element]:
    origin = content.origin
    return [
        Element("category", "类别", "category", bool(content.category)),
        Element("level", "级别", "level", content.level is not None),
        Element("start", "起始时间", "starts_at", content.starts_at is not None),
        Element("area", "可能影响的范围", "areas", bool(content.areas)),
        Element("caution", "警示事项", "caution", bool(content.caution)),
        Element("measures", "应当采取的措施", "measures", bool(content.measures)),
        Element(
            "issuer",
            "发布单位",
            *(("origin.issuer", bool(origin.issuer)) if origin else ("issuer", bool(content.issuer))),
        ),
        Element("issued", "发布时间", "origin.issued_at", origin is None or origin.issued_at is not None),
    ]


def missing(content: Content, relation: str = "") -> Iterator[Problem]:
    """A problem per element that a warning lacks; other kinds need none."""
    if content.kind != "warning":
        return
    for element in elements(content, relation):
        if not element.present:
            yield problem(
                f"element_{element.code}",
                element.field,
                _("The lift of a warning must state its %(element)s (Emergency Response Law, art. 64 and 70).")
                if relation == "lift"
                else _("A warning must state its %(element)s (Emergency Response Law, art. 64)."),
                element=Said(element.zh, _ENGLISH[element.code]),
            )


_ENGLISH = {
    "category": "category",
    "level": "level",
    "start": "starting time",
    "area": "area that may be affected",
    "caution": "matters of caution",
    "measures": "measures to be taken",
    "issuer": "issuing body",
    "issued": "time of issue",
}
