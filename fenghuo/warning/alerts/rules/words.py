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
    "settle": Said("处置存疑收件人", "decide on recipients in doubt"),
}


def local(at: datetime) -> str:
    """A time as people here read it: 2026-07-01 08:00:00."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S")
