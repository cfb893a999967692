"""States, verbs and times as a sentence says them."""

from datetime import datetime

from django.utils import timezone

from fenghuo.ground.refusal import Said

STATES = {
    "draft": Said("草稿", "draft"),
    "submitted": Said("待审核", "submitted"),
    "reviewed": Said("已审核", "reviewed"),
    "approved": Said("已批准", "approved"),
    "signed": Said("已签发", "signed"),
}
VERBS = {
    "draft": Said("起草", "draft"),
    "edit": Said("修改", "edit"),
    "submit": Said("提交审核", "submit"),
    "review": Said("审核", "review"),
    "return": Said("退回", "return"),
    "approve": Said("批准", "approve"),
    "record_approval": Said("登记批准", "record an approval"),
    "sign": Said("签发", "sign"),
    "refreeze": Said("重新提取收件人", "take the audience again"),
    "recall": Said("撤回", "recall"),
    "correct": Said("更正", "correct"),
    "update": Said("更新", "update"),
    "raise": Said("升级", "raise"),
    "lower": Said("降级", "lower"),
    "lift": Said("解除", "lift"),
    "ask_approval": Said("短信请示", "ask for approval by SMS"),
    "approve_network": Said("全网发布批准", "approve for the whole network"),
    "withdraw": Said("取回", "take back"),
    "release_urgent": Said("紧急发布", "urgent release"),
    "confirm": Said("紧急发布核实", "confirm an urgent release"),
    "review_urgent": Said("紧急发布复核", "review an urgent release"),
    "settle": Said("处置存疑收件人", "decide on recipients in doubt"),
}

FATES = {
    "recalled": Said("撤回", "recalled"),
    "updated": Said("更新", "updated"),
    "lifted": Said("解除", "lifted"),
}


def local(at: datetime) -> str:
    """A time as people here read it: 2026-07-01 08:00:00."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S")
