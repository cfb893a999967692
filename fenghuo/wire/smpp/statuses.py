"""command_status in words, and what a sender should do about it (SMPP 3.4, table 5-2)."""

from typing import Final

from fenghuo.wire.smpp.layout import QUEUE_FULL, THROTTLED

STATUSES: Final[dict[int, tuple[str, str]]] = {
    0x00: ("no error", "正确"),
    0x01: ("message length is invalid", "消息长度错"),
    0x02: ("command length is invalid", "命令长度错"),
    0x03: ("command id is invalid", "命令字错"),
    0x04: ("not allowed in this bind state", "当前登录状态不允许"),
    0x05: ("already bound", "已登录"),
    0x06: ("invalid priority", "优先级错"),
    0x07: ("invalid registered delivery flag", "回执标志错"),
    0x08: ("system error", "网关系统错误"),
    0x0A: ("invalid source address", "主叫号码错"),
    0x0B: ("invalid destination address", "目的号码错"),
    0x0C: ("message id is invalid", "消息编号错"),
    0x0D: ("bind failed", "登录失败"),
    0x0E: ("invalid password", "密码错"),
    0x0F: ("invalid system id", "账号错"),
    0x11: ("cancel failed", "取消失败"),
    0x13: ("replace failed", "替换失败"),
    0x14: ("message queue is full", "消息队列已满"),
    0x15: ("invalid service type", "业务类型错"),
    0x33: ("invalid number of destinations", "目的号码个数错"),
    0x42: ("invalid esm_class", "esm_class 错"),
    0x43: ("cannot submit to this list", "不能提交到该群组"),
    0x44: ("submit failed", "提交失败"),
    0x45: ("submit failed", "提交失败"),
    0x48: ("invalid source address type", "主叫号码类型错"),
    0x49: ("invalid source numbering plan", "主叫号码计划错"),
    0x50: ("invalid destination address type", "目的号码类型错"),
    0x51: ("invalid destination numbering plan", "目的号码计划错"),
    0x53: ("invalid system type", "系统类型错"),
    0x58: ("throttled: above the allowed rate", "超出速率，被限速"),
    0x61: ("invalid scheduled time", "定时时间错"),
    0x62: ("invalid validity period", "有效期错"),
    0x64: ("temporary application error", "应用暂时错误"),
    0x65: ("permanent application error", "应用永久错误"),
    0x66: ("application rejects the message", "应用拒绝消息"),
    0x67: ("query failed", "查询失败"),
    0xC0: ("error in optional parameters", "可选参数错"),
    0xC1: ("optional parameter not allowed", "不允许该可选参数"),
    0xC2: ("invalid parameter length", "参数长度错"),
    0xC3: ("expected optional parameter is missing", "缺少必要的可选参数"),
    0xC4: ("invalid optional parameter value", "可选参数值错"),
    0xFE: ("delivery failed", "投递失败"),
    0xFF: ("unknown error", "未知错误"),
}
RETRY_LATER: Final = frozenset((THROTTLED, QUEUE_FULL))  # nothing was taken; the same submit may be taken later


def status_words(status: int) -> tuple[str, str]:
    """In English and in Chinese; codes from 0x400 to 0x4FF are the carrier's own."""
    return STATUSES.get(status, ("an error of the carrier's own", "运营商自定义错误"))
