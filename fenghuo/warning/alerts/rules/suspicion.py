"""Words that should not go out (W13, X14): forgotten blanks, marks the machine writes, links, other signatures, wild numbers.

Each finding names the word, its field and its place, counted in characters from 1. What is certainly wrong keeps a message from
being submitted; what may be right is shown to the author, the reviewer and the signer.
"""

import re
from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.profile.models import Rule, Word
from fenghuo.ground.refusal import Said
from fenghuo.warning.alerts.rules.content import Content
from fenghuo.warning.alerts.rules.filling import unfilled
from fenghuo.warning.alerts.rules.frame import Frame, body_of, correction_of
from fenghuo.warning.alerts.rules.problem import Problem, Weight, problem
from fenghuo.wire import text

MOST_PER_FIELD = 5  # of one kind of finding: who pasted a hundred links needs not read of each

FORGOTTEN = re.compile(
    r"[xX×＊*_＿○□]{2,}(?![a-zA-Z])|某某|某[月日时地]|待定|待填|待补充|TBD|TODO|（\s{0,3}）|\(\s{0,3}\)|\?{3,}",
    re.ASCII,
)
# The renderer writes the marks of an exercise (W14); typed by hand they would stay in a copy that goes out live.
MARK = re.compile(
    r"[（(\[〔［【<《]\s{0,3}(?:演练|演习|测试|试发|试验|exercise|test|drill)(?:开始|结束|短信|信息)?\s{0,3}[）)\]〕］】>》]"
    r"|^(?:演练|演习|测试|试发)(?:[：:，,。！!\s]|$)|这是(?:一次|一条)?(?:演练|演习|测试)"
    r"|this is (?:only )?(?:a |an )?(?:test|drill|exercise)",
    re.IGNORECASE,
)
MENTION = re.compile(r"演练|演习|测试|试发|exercise", re.IGNORECASE)
LINK = re.compile(
    r"https?[:：]//\S{1,80}|www\.\S{1,80}"
    r"|(?<![\w.@])[a-z0-9-]{1,40}\.(?:com|cn|net|org|top|xyz|cc|vip|info|link|site|club|shop)\b(?:/\S{0,60})?",
    re.IGNORECASE | re.ASCII,
)
MONEY = re.compile(
    r"转账|汇款|打款|验证码|银行卡|身份证号|缴费|中奖|退款|返利|红包|贷款|安全账户|点击链接|扫码(?:付款|支付|领取)"
)
NUMBER = r"([-−－—]?\d{1,7}(?:\.\d{1,3})?)"
# What nature allows where people live, wide enough for every record: outside it is a slip of the hand or of a spreadsheet.
LIMITS: tuple[tuple[str, re.Pattern[str], int, int, Weight], ...] = (
    ("℃", re.compile(NUMBER + r"\s?(?:℃|°C|摄氏度)"), -60, 60, "error"),
    ("度", re.compile(r"(?:气温|温度)[^，。；\d−－—-]{0,6}" + NUMBER + r"\s?度"), -60, 60, "error"),
    ("级", re.compile(r"(?:风力|阵风|大风)[^，。；\d]{0,6}?" + NUMBER + r"\s?级"), 0, 17, "error"),
    ("毫米", re.compile(NUMBER + r"\s?(?:毫米|mm)"), 0, 2000, "error"),
    ("月", re.compile(r"(?<!\d)(\d{1,4})月"), 1, 12, "error"),
    ("时", re.compile(r"(?<!\d)(\d{1,4})(?:时|点)(?!间)"), 0, 24, "warning"),
    ("日", re.compile(r"(?:月|至|到|^|[，。：；])(\d{1,4})日"), 1, 31, "warning"),
)
# A dash behind one of these joins two numbers of a range; elsewhere it is a minus.
BEFORE_A_RANGE = frozenset("℃C级米m度时日月点")
FOREIGN = re.compile(r"【([^【】]{1,30})】")


def suspicions(content: Content, frame: Frame) -> Iterator[Problem]:
    """Everything doubtful or forbidden in what would go out, field by field."""
    for field, names in unfilled(content).items():
        yield problem("blank_unfilled", field, _("Still to fill: %(names)s."), names="、".join(names))
    own = {frame.profile.sms.prefix.value, frame.profile.sms.suffix.value}
    for field, words in going_out(content, frame).items():
        yield from _listed(field, words, frame)
        yield from _written_by_the_machine(field, words)
        yield from _fraud(field, words, "error" if content.kind == "warning" else "warning")
        yield from _impossible(field, words)
        yield from _foreign(field, words, own)


def going_out(content: Content, frame: Frame) -> dict[str, str]:
    """The words that would leave, by the field where they can be mended."""
    body = "body" if content.body or content.origin is None else "origin.text"
    correction = {"correction": correction_of(content, frame)} if content.correction else {}
    page = {name: getattr(content, name) for name in ("headline", "caution", "measures")}
    return {**page, body: body_of(content), **correction}


def _at(found: re.Match[str]) -> int:
    return found.start() + 1


def _some(pattern: re.Pattern[str], words: str) -> Iterator[re.Match[str]]:
    for number, found in enumerate(pattern.finditer(words)):
        if number == MOST_PER_FIELD:
            return
        yield found


def _listed(field: str, words: str, frame: Frame) -> Iterator[Problem]:
    lists: tuple[tuple[str, Weight, Rule[list[Word]]], ...] = (
        ("word_forbidden", "error", frame.profile.words.forbidden),
        ("word_doubtful", "warning", frame.profile.words.doubtful),
    )
    for code, weight, rule in lists:
        for one in rule.value:
            at = words.find(one.word)
            if at >= 0:
                yield problem(
                    code,
                    field,
                    _("“%(word)s” (character %(at)s): %(reason)s (%(clause)s)."),
                    weight,
                    word=one.word,
                    at=at + 1,
                    reason=Said(one.reason.zh, one.reason.en),
                    clause=frame.profile.cited(rule),
                )


def _written_by_the_machine(field: str, words: str) -> Iterator[Problem]:
    for found in _some(FORGOTTEN, words):
        reason = _("“%(word)s” (character %(at)s) looks like a place left to be filled.")
        yield problem("placeholder", field, reason, word=found[0], at=_at(found))
    marks = list(_some(MARK, words))
    for found in marks:
        if found[0] in (text.EXERCISE_BEGIN, text.EXERCISE_END) and field not in ("headline", "caution", "measures"):
            continue  # the rules of an SMS say so already
        reason = _("“%(word)s” (character %(at)s): the mark of an exercise is added by the system, never typed.")
        yield problem("exercise_typed", field, reason, word=found[0], at=_at(found))
    taken = {place for found in marks for place in range(found.start(), found.end())}
    for found in _some(MENTION, words):
        if found.start() not in taken:
            reason = _("“%(word)s” (character %(at)s): readers may take the message for an exercise or a test.")
            yield problem("exercise_mentioned", field, reason, "warning", word=found[0], at=_at(found))


def _fraud(field: str, words: str, links: Weight) -> Iterator[Problem]:
    for found in _some(LINK, words):
        reason = _("“%(word)s” (character %(at)s): people are told never to follow a link in a message like this.")
        yield problem("link", field, reason, links, word=found[0], at=_at(found))
    for found in _some(MONEY, words):
        reason = _("“%(word)s” (character %(at)s) is what fraudulent messages say; readers may not believe this one.")
        yield problem("fraud_pattern", field, reason, "warning", word=found[0], at=_at(found))


def _impossible(field: str, words: str) -> Iterator[Problem]:
    for unit, pattern, lowest, highest, weight in LIMITS:
        for found in _some(pattern, words):
            number = float(re.sub("[−－—]", "-", found[1]))
            last = words[max(found.start(1) - 1, 0) : found.start(1)]
            if number < 0 and (last.isdigit() or last in BEFORE_A_RANGE):
                number = -number
            if not lowest <= number <= highest:
                reason = _(
                    "“%(word)s” (character %(at)s) is not possible: between %(lowest)s and %(highest)s %(unit)s."
                )
                limits = {"lowest": lowest, "highest": highest, "unit": unit}
                yield problem("number_impossible", field, reason, weight, word=found[0], at=_at(found), **limits)


def _foreign(field: str, words: str, own: set[str]) -> Iterator[Problem]:
    signs = [found for found in _some(FOREIGN, words) if found[0] not in own]
    if not signs:
        return
    known = {profile.sms.suffix.value: profile.title for profile in map(profiles.profile, profiles.names())}
    for found in signs:
        if found[0] in known:
            reason = _("“%(word)s” (character %(at)s) is the signature of %(whose)s; nobody else signs with it.")
            yield problem("foreign_signature", field, reason, word=found[0], at=_at(found), whose=known[found[0]])
