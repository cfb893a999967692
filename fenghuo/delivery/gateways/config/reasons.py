"""Why a setting is wrong, in plain words of both languages. What it says is not repeated: it may be a secret in the wrong place."""

from collections.abc import Mapping
from typing import Any

from fenghuo.ground.setting import WrongSetting

# The forms that texts must have, each with the words for it. A form without words fails a test.
NAME = r"^[a-z0-9_-]{1,24}$"
DIGITS = r"^[0-9]{1,21}$"
PATH = r"^/[!-~]{0,999}$"
PATH_OR_NONE = r"^(/[!-~]{0,999})?$"
COUNTRY = r"^\+?[0-9]{0,3}$"
WHERE = r"^[^\s.]+(\.[^\s.]+){0,7}$|^$"
HEADER = r"^[A-Za-z0-9-]{1,64}$"
SCHEMA = r"^[a-z_][a-z0-9_]{0,40}$"
TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
TIME_OR_NONE = r"^$|^([01][0-9]|2[0-3]):[0-5][0-9]$"
FEED = r"^[a-z0-9][a-z0-9_-]{0,39}$"
FORMS: Mapping[str, tuple[str, str]] = {
    NAME: ("应为 1 至 24 个小写字母 a–z、数字、_ 或 -", "must be 1 to 24 of the letters a–z, digits, _ and -"),
    DIGITS: ("应为 1 至 21 位数字", "must be 1 to 21 digits"),
    PATH: ("应以 / 开头，不含空格和非 ASCII 字符", "must begin with / and hold no space and only ASCII characters"),
    PATH_OR_NONE: (
        "应为空，或以 / 开头，不含空格和非 ASCII 字符",
        "must be empty, or begin with / and hold no space and only ASCII characters",
    ),
    COUNTRY: ("应为最多 3 位数字，前面可有 +", "must be at most 3 digits, with a + before them or not"),
    WHERE: (
        "应为以点相连的字段名，最多 8 层，不含空格，例如 result.code",
        "must be names of fields joined by dots, at most 8, without spaces, for example result.code",
    ),
    HEADER: ("应为请求头的名称：字母、数字和 -", "must be the name of a header: letters, digits and -"),
    SCHEMA: ("应为小写字母、数字和 _，不以数字开头", "must be small letters, digits and _, no digit first"),
    TIME: ("应为时刻，如 02:30", "must be a time of day such as 02:30"),
    TIME_OR_NONE: ("应为空或时刻，如 03:30", "must be empty or a time of day such as 03:30"),
    FEED: (
        "应为 1 至 40 个小写字母 a–z、数字、_ 或 -，以字母或数字开头",
        "must be 1 to 40 of the letters a–z, digits, _ and -, a letter or digit first",
    ),
}
WHOLE = ("应为整数，不加引号", "must be a whole number, without quotation marks")
_TRUTH = ("应为 true 或 false，不加引号", "must be true or false, without quotation marks")
_TEXT = ("应为文字，加引号", "must be text in quotation marks")
_TABLE = ("应为一段设置", "must be a table")
_KINDS: Mapping[str, tuple[str, str]] = {
    "extra_forbidden": ("没有这个设置", "no such setting"),
    "missing": ("必须填写", "is required"),
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_parsing_size": WHOLE,
    "int_from_float": WHOLE,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "path_type": ("应为文件名，加引号", "must be the name of a file in quotation marks"),
    "list_type": ('应为列表，如 ["a", "b"]', 'must be a list such as ["a", "b"]'),
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "greater_than_equal": ("最小为 {ge}", "must be at least {ge}"),
    "less_than_equal": ("最大为 {le}", "must be at most {le}"),
    "string_too_short": ("至少 {min_length} 个字符", "must have {min_length} characters or more"),
    "string_too_long": ("最多 {max_length} 个字符", "must have {max_length} characters at most"),
    "literal_error": ("只能是 {expected} 之一", "must be one of {expected}"),
}
_OTHER = ("设置有误，请对照 docs/reference/settings.md", "is not what docs/reference/settings.md says")


def reason(error: Any) -> tuple[str, str]:
    """Chinese and English for one of pydantic's error details (with their context)."""
    context = error.get("ctx", {})
    raised = context.get("error")
    if isinstance(raised, WrongSetting):
        return raised.zh, raised.en
    if error["type"] == "string_pattern_mismatch":
        return FORMS.get(context["pattern"], _OTHER)
    zh, en = _KINDS.get(error["type"], _OTHER)
    filled = {name: str(value).replace(" or ", ", ").replace("'", "") for name, value in context.items()}
    return zh.format(**filled), en.format(**filled)
