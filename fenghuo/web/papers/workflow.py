"""发布流程图 (annex 3), drawn from the rules that are in force: who may do which step, who approves what, by when."""

from dataclasses import asdict, dataclass
from typing import Any

from django.utils import translation

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.profile.models import Profile, Rule
from fenghuo.ground.refusal import CHINESE
from fenghuo.web.papers import said, setter

SUBJECTS = {
    "own_warning": "本级预警",
    "relayed_warning": "转发上级预警",
    "notice": "重要通知",
    "meeting": "会议通知",
    "tip": "安全提示",
    "handling": "处置信息",
}
WAYS = {"system": "系统内批准", "sms": "短信回复“同意”", "phone": "电话批准并登记", "paper": "纸质批准并登记"}


@dataclass(frozen=True)
class Box:
    """One step: what is done, by whom, and what holds for it."""

    title: str
    who: str
    notes: list[str]


@dataclass(frozen=True)
class Condition:
    """One rule of the profile in words, and where it comes from."""

    title: str
    value: str
    clause: str


@dataclass(frozen=True)
class Chart:
    """The whole diagram of one government."""

    title: str
    version: str
    general: list[Box]
    urgent: list[Box]
    conditions: list[Condition]


def chart(profile: Profile) -> Chart:
    """The diagram of a profile's rules."""
    return Chart(
        title=profile.title,
        version=f"辖区规则 {profile.name} 第 {profile.version} 版，{said.day(profile.effective_from)}起施行",
        general=_general(profile),
        urgent=_urgent(profile) if profile.urgent.levels.value else [],
        conditions=_conditions(profile),
    )


def paper(organisation: Organisation) -> bytes:
    """The diagram in force now, on one sheet."""
    drawn = chart(profiles.profile(organisation.profile))
    data: dict[str, Any] = asdict(drawn)
    return setter.paper("workflow.typ", data | {"organisation": organisation.name})


def _posts(act: str) -> str:
    with translation.override(CHINESE):
        return str(rights.posts_of(act=act))


def _subjects(profile: Profile, wanted: bool) -> list[str]:
    """Subjects that this government knows and that need (or do not need) a leader's approval."""
    known = [*profile.warnings.kinds.value]
    asked = profile.flow.approval_for.value
    found = []
    for subject, words in SUBJECTS.items():
        kind = "warning" if subject.endswith("_warning") else subject
        possible = kind in known and (subject != "own_warning" or bool(profile.warnings.may_issue.value))
        if possible and (subject in asked) == wanted:
            found.append(words)
    return found


def _general(profile: Profile) -> list[Box]:
    flow, deadlines = profile.flow, profile.deadlines
    needed, spared = _subjects(profile, True), _subjects(profile, False)
    entry = ["事项、级别、起始时间、范围、警示、措施、发布单位齐全方可提交", "提交即冻结接收人和全部文字"]
    if profile.warnings.may_relay.value:
        entry.insert(0, f"上级预警到达后 {deadlines.relay_seconds.value} 秒内办理转发，保留原发布单位和原文")
    boxes = [
        Box("录入（制作）", _posts("draft"), entry),
        Box("审核", _posts("review"), ["审核人不得是录入人", "不同意的，说明理由退回录入"]),
    ]
    if needed:
        ways = "、".join(WAYS[one] for one in flow.approval_ways.value)
        notes = [f"适用：{'、'.join(needed)}", f"方式：{ways}"]
        if "sms" in flow.approval_ways.value:
            notes.append(f"短信请示 {flow.sms_reply_minutes.value} 分钟内回复有效")
        boxes.append(Box("领导批准", _posts("approve"), notes + ([f"免批准：{'、'.join(spared)}"] if spared else [])))
    third = "、".join(said.LEVELS[one] for one in flow.third_person_levels.value)
    signing = ["签发人不得是录入人；第二因素与内容摘要绑定"] + (
        [f"须三人（录入、签发、批准各一人）：{third}"] if third else []
    )
    public = "、".join(said.KINDS[one] for one in profile.warnings.public_kinds.value)
    released = [
        "短信立即发送，逐人记录回执；存疑人员逐一列出",
        *([f"同时公开（网页、订阅）：{public}"] if public else []),
    ]
    return [
        *boxes,
        Box("签发", _posts("sign"), signing),
        Box("发布", "系统", released),
        Box("更新、升级、降级、解除", "同一般流程", ["与首次发布关联，危险消除即解除"]),
        Box(
            "撤回、更正",
            _posts("recall"),
            [f"未发出的立即停止；更正与预警一并签发备用，预警到期后 {deadlines.correction_hours.value} 小时内有效"],
        ),
    ]


def _urgent(profile: Profile) -> list[Box]:
    urgent = profile.urgent
    levels = "、".join(said.LEVELS[one] for one in urgent.levels.value)
    return [
        Box("紧急发布", _posts("sign"), ["仅限已批准的生命安全模板", f"级别：{levels}"]),
        Box("核实", "另一名有权人员", [f"{urgent.confirm_minutes.value} 分钟内核实，逾期报警"]),
        Box("复核", "未参与人员", [f"{urgent.review_hours.value} 小时内书面复核"]),
    ]


def _conditions(profile: Profile) -> list[Condition]:
    warnings, flow, urgent = profile.warnings, profile.flow, profile.urgent

    def line(title: str, value: str, rule: Rule[Any]) -> Condition:
        return Condition(title, value, profile.cited(rule).zh)

    levels = "、".join(said.LEVELS[one] for one in warnings.may_issue.value) or "无（只转发上级预警）"
    network = (
        "、".join(said.KINDS[one] for one in warnings.whole_network_kinds.value) if warnings.whole_network.value else ""
    )
    lines = [
        line("可自行发布的级别", levels, warnings.may_issue),
        line("须领导批准", "、".join(_subjects(profile, True)) or "无", flow.approval_for),
        line("批准方式", "、".join(WAYS[one] for one in flow.approval_ways.value), flow.approval_ways),
        line("须三人经手的级别", "、".join(said.LEVELS[one] for one in flow.third_person_levels.value) or "无",
             flow.third_person_levels),
        line("须有决定文件", "、".join(said.CATEGORIES[one] for one in warnings.decision_document.value) or "无",
             warnings.decision_document),
        line("全网发布", f"须另行批准；限{network}" if network else "不适用", warnings.whole_network),
    ]  # fmt: skip
    if urgent.levels.value:
        limits = (
            f"同一人 {urgent.once_in_minutes.value} 分钟内超过 1 次、每月超过 {urgent.most_in_a_month.value} 次即报警"
        )
        lines.append(line("紧急发布的限度", limits, urgent.once_in_minutes))
    else:
        lines.append(line("紧急发布", "不适用", urgent.levels))
    return lines
