"""Which column of a list is which: found by its heading, in any order, in Chinese or English. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

# The field of a person by what town offices write above its column; the first is how our own files call it.
FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "name", "名字", "人员姓名", "联系人", "责任人", "责任人姓名", "full name"),
    "area": (
        *("辖区", "area", "区域", "村", "村名", "村居", "村（社区）", "村社区", "所在村", "所属村", "行政村", "社区"),
        *("单位", "village", "村代码", "区划代码", "行政区划", "area code"),
    ),
    "position": ("职务", "position", "岗位", "职位", "身份", "人员类型", "title"),
    "phone": (
        *("手机", "phone", "手机号", "电话", "手机号码", "联系电话", "联系方式", "电话号码", "移动电话", "联系手机"),
        *("mobile", "mobile number", "telephone"),
    ),
    "landline": ("座机", "landline", "固定电话", "固话", "办公电话", "座机号码", "值班电话", "office phone"),
    "tags": ("标签", "tags", "tag", "特征", "类别"),
    "risk": ("风险", "risk", "风险等级", "优先级"),
    "groups": ("群组", "groups", "分组", "组", "group", "所属群组"),
    "latitude": ("纬度", "latitude", "lat"),
    "longitude": ("经度", "longitude", "lon", "lng"),
}
REQUIRED = ("name", "area", "phone")
SEARCHED = 20  # rows at the top among which the headings are looked for
_REMARK = re.compile(r"([^()]+)\(([^()]*)\)[*:]*")  # 联系方式（手机）
_PLAIN = {
    re.sub(r"[\s()（）*:：_-]", "", unicodedata.normalize("NFKC", one)).casefold(): field
    for field, names in FIELDS.items()
    for one in names
}


def plain(heading: str) -> str:
    """A heading as it is compared: width, case, spaces, brackets, stars and colons do not matter."""
    return re.sub(r"[\s()（）*:：_-]", "", unicodedata.normalize("NFKC", heading)).casefold()


def field_of(heading: str) -> str:
    """The field that a heading means, or "". A remark in brackets decides only where what stands before it leaves it open."""
    whole = _PLAIN.get(plain(heading), "")
    remark = _REMARK.fullmatch(unicodedata.normalize("NFKC", heading).strip())
    if whole or not remark:
        return whole
    before, inside = (_PLAIN.get(plain(one), "") for one in remark.groups())
    return inside if inside and (not before or (before, inside) == ("phone", "landline")) else before


def find(rows: Sequence[Sequence[str]]) -> tuple[int, list[str]]:
    """Where the headings stand among the first rows, and what they are: (index, headings).

    The row with most known headings counts. Under a merged heading the row below has the details: what is empty there is
    taken from above. Without any known heading the first row with two filled cells stands for them.
    """
    best, found = (0, -1, [""]), False
    above: Sequence[str] = ()
    for index, row in enumerate(rows[:SEARCHED]):
        both = [one.strip() or (above[at].strip() if at < len(above) else "") for at, one in enumerate(row)]
        for headings in ([one.strip() for one in row], both):
            known = len({field_of(one) for one in headings} - {""})
            if known > best[0]:
                best, found = (known, index, headings), True
        above = row
    if found:
        return best[1], best[2]
    first = next((at for at, row in enumerate(rows[:SEARCHED]) if sum(bool(one.strip()) for one in row) > 1), 0)
    return first, [one.strip() for one in rows[first]] if rows else []


def columns(headings: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """The column of each field. `chosen` is what a person said: the field, or "" for none, by heading; it goes before ours."""
    found: dict[str, int] = {}
    said = {plain(heading): field for heading, field in chosen.items()}
    for at, heading in enumerate(headings):
        field = said.get(plain(heading), field_of(heading)) if heading else ""
        if field in FIELDS and (field not in found or plain(heading) in said):
            found.setdefault(field, at) if plain(heading) not in said else found.update({field: at})
    return found
