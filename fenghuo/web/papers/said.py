"""What papers say in Chinese, whatever the reader's language: an archive keeps one wording."""

from datetime import date, datetime

from django.utils import timezone

from fenghuo.warning.alerts.models import Step
from fenghuo.wire.cap import events

LEVELS = {1: "一级（红色）", 2: "二级（橙色）", 3: "三级（黄色）", 4: "四级（蓝色）"}
KINDS = {"warning": "预警信息", "notice": "重要通知", "meeting": "会议通知", "tip": "安全提示", "handling": "处置信息"}
CATEGORIES = {"natural": "自然灾害", "accident": "事故灾难", "health": "公共卫生事件", "security": "社会安全事件"}
FACTORS = {"passkey": "通行密钥", "totp": "动态口令", "code": "一次性签发码", "sms": "短信回复", "password": "口令"}
WAYS = {"system": "系统内批准", "sms": "短信回复", "phone": "电话", "paper": "纸质", "fax": "传真", "email": "邮件"}
ARRIVALS = {"phone": "电话", "fax": "传真", "paste": "文本", "cap": "CAP 报文", "national": "国突报文", "email": "邮件"}
STATES = {
    "delivered": "已送达",
    "accepted": "已交运营商，待回执",
    "failed": "未送达",
    "in_doubt": "存疑，待核实",
    "unsent": "尚未发送",
    "intended": "发送中",
    "stopped": "已停发",
    "expired": "过期未发",
    "untold": "无号码",
}


def moment(at: datetime | None) -> str:
    """2026年7月1日08:05, in the installation's time zone; empty for never."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{day(local.date())}{local:%H:%M}"


def second(at: datetime) -> str:
    """2026-07-01 08:05:09."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S")


def day(on: date) -> str:
    """2026年7月1日."""
    return f"{on.year}年{on.month}月{on.day}日"


def span(starts: datetime | None, expires: datetime | None) -> str:
    """How long it is expected to last, as the form asks: 1天6小时."""
    if starts is None or expires is None or expires <= starts:
        return ""
    minutes = int((expires - starts).total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    return f"{days}天{hours}小时" + (f"{rest}分" if rest else "")


def subject(kind: str, category: str, event: str) -> str:
    """预警信息 · 自然灾害 · 暴雨（11B03）."""
    known = events.find(event or "")
    named = f"{known.zh}（{event}）" if known else event
    return " · ".join(one for one in (KINDS.get(kind, kind), CATEGORIES.get(category, category), named) if one)


def level(value: int | None) -> str:
    """一级（红色） …; 不分级 for what is not a warning."""
    return LEVELS.get(value, "不分级") if value else "不分级"


def proved(step: Step) -> str:
    """How the person of a step was recognised, or how an approval reached whoever recorded it."""
    how = str(step.evidence.get("how", ""))
    if step.factor:
        return FACTORS.get(step.factor, step.factor)
    if how and how != "system":
        return f"{WAYS.get(how, how)}，经登记"
    return "本人账号登录"
