"""What is wrong with a journal that is not whole, in Chinese and English, by the reason of its verdict."""

VERDICTS = {
    "gap": ("有缺失", "an entry is missing"),
    "edited": ("内容被改动", "an entry was changed"),
    "relinked": ("链条断开", "the chain is broken"),
    "unreadable": ("无法读取", "an entry cannot be read"),
    "head_missing": ("链尾被截去", "the tail was cut off"),
    "head_differs": ("与记下的链头不符", "differs from the head that was noted"),
    "signed_head_missing": ("链尾被截去，少于已签名的链头", "the tail was cut off: a signed head lies beyond it"),
    "signed_head_differs": ("与已签名的链头不符", "differs from a signed head"),
    "signed_head_forged": ("链头签名有误", "a signed head is not ours"),
    "triggers": ("数据库保护（触发器）缺失或被改", "triggers that guard the journal are missing or altered"),
}
