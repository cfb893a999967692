"""An account at a gateway that takes texts by HTTP: what its requests, answers and callbacks look like."""

import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from fenghuo.delivery.gateways.config import reasons
from fenghuo.delivery.gateways.config.base import Gateway
from fenghuo.ground.setting import WrongSetting

PLACEHOLDER = re.compile(r"\{(\w+)\}", re.ASCII)
PLACES = frozenset({"account", "numbers", "text", "sender", "reference", "timestamp", "nonce"})
NEEDED = frozenset({"numbers", "text"})
DEEPEST = 8
OURS = frozenset({
    "host", "accept", "accept-encoding", "content-type", "content-length", "content-encoding", "transfer-encoding", "connection",
    "upgrade", "expect", "te", "trailer",
})  # fmt: skip
MARKS = "\ue000\ue001"  # stand around a place while a body is laid out

# Where a value stands in a JSON body: keys joined by dots; "" is the body itself.
Where = Annotated[str, StringConstraints(pattern=reasons.WHERE, max_length=200)]
Header = Annotated[str, StringConstraints(pattern=reasons.HEADER)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=64)]


def _fields() -> dict[str, Any]:
    return {"account": "{account}", "to": "{numbers}", "text": "{text}", "from": "{sender}", "reference": "{reference}"}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Request(_Part):
    """`[gateway.request]`: how a text is handed over. Every request is signed over timestamp, nonce and body."""

    path: str = Field(
        title="提交地址的路径",
        default="/messages",
        pattern=reasons.PATH,
        description="Path of the address that takes texts.",
    )
    check_path: str = Field(
        title="登录检查地址的路径，空为不检查",
        default="",
        pattern=reasons.PATH_OR_NONE,
        description="Path that a signed GET asks at login and as a heartbeat; empty: a connection alone counts as a login.",
    )
    body: Literal["json", "form"] = Field(title="正文格式", default="json", description="`json` or `form`.")
    fields: dict[str, Any] = Field(
        title="正文的字段与其值的模板",
        default_factory=_fields,
        description="Fields of the body. In a value `{account}`, `{numbers}`, `{text}`, `{sender}`, `{reference}`, `{timestamp}` "
        "and `{nonce}` are replaced.",
    )
    numbers: Literal["list", "comma"] = Field(
        title="号码的写法：list 为数组，comma 为逗号分隔",
        default="list",
        description="Numbers in a JSON body as a `list`, or one text with a `comma` between; a form always has commas.",
    )
    country_code: str = Field(
        title="号码前加的国家代码",
        default="",
        pattern=reasons.COUNTRY,
        description="Put before each number, for example 86.",
    )
    headers: dict[Header, str] = Field(
        title="另加的请求头", default_factory=dict, description="Further headers that never change."
    )
    account_header: Header = Field(
        title="账号所在的请求头", default="X-Account", description="Header with `source_addr`."
    )
    timestamp_header: Header = Field(
        title="时间戳所在的请求头", default="X-Timestamp", description="Header with the time in seconds since 1970."
    )
    nonce_header: Header = Field(
        title="随机数所在的请求头", default="X-Nonce", description="Header with 32 characters that never come twice."
    )
    signature_header: Header = Field(
        title="签名所在的请求头",
        default="X-Signature",
        description="Header with HMAC-SHA256 of timestamp, line feed, nonce, line feed, body under the shared secret.",
    )
    signature: Literal["hex", "base64"] = Field(
        title="签名的写法", default="hex", description="How the signature is written: `hex` or `base64`."
    )

    @field_validator("headers")
    @classmethod
    def _printable(cls, value: dict[str, str]) -> dict[str, str]:
        for text in value.values():
            if not text.isascii() or not text.isprintable() or text != text.strip() or len(text) > 1000:
                raise WrongSetting(
                    "请求头的值应为可打印的 ASCII 字符，首尾无空格",
                    "a header's value is printable ASCII without space around it",
                )
        return value

    @model_validator(mode="after")
    def _headers_fit(self) -> "Request":
        own = [self.account_header, self.timestamp_header, self.nonce_header, self.signature_header, *self.headers]
        names = [name.lower() for name in own]
        if OURS.intersection(names) or len(set(names)) < len(names):
            raise WrongSetting(
                "headers：每个名称只能出现一次，且不能是 HTTP 自身所用的",
                "headers: each name once, and none of those that HTTP itself needs",
            )
        return self

    @model_validator(mode="after")
    def _template_fits(self) -> "Request":
        texts = list(_texts(self.fields, 0))
        if any(mark in text for text in texts for mark in MARKS):
            raise WrongSetting("fields：不能含 U+E000 和 U+E001", "fields: U+E000 and U+E001 may not stand in them")
        found = {name for text in texts for name in PLACEHOLDER.findall(text)}
        if unknown := sorted(found - PLACES):
            raise WrongSetting(f"fields：没有 {{{unknown[0][:40]}}}", f"fields: {{{unknown[0][:40]}}} is not known")
        if missing := sorted(NEEDED - found):
            raise WrongSetting(
                f"fields：其中必须有 {{{missing[0]}}}", f"fields: {{{missing[0]}}} must stand in one of them"
            )
        if self.body == "form" and any(isinstance(value, dict | list) for value in self.fields.values()):
            raise WrongSetting("fields：form 中不能有表和列表", "fields: a form holds no tables and no lists")
        return self


def _texts(value: Any, depth: int) -> Iterator[str]:
    """Every text in a template. Raises WrongSetting for what JSON and forms cannot both be made of."""
    if depth > DEEPEST:
        raise WrongSetting("fields：表嵌套过深", "fields: tables lie too deep within each other")
    if isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from _texts(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, depth + 1)
    elif isinstance(value, str):
        yield value
    elif not isinstance(value, bool | int):
        raise WrongSetting(
            "fields：值只能是文字、整数、true、false、列表和表",
            "fields: values are texts, whole numbers, true, false, lists and tables",
        )


class Answer(_Part):
    """`[gateway.answer]`: what the gateway's answer to a request says."""

    code: Where = Field(
        title="结果码所在的字段，空为只看 HTTP 状态",
        default="code",
        description="Where the result code stands; empty: the HTTP status alone decides.",
    )
    taken: list[Word] = Field(
        title="表示已接收的结果码", default_factory=lambda: ["0"], description="Result codes that mean taken."
    )
    retry: list[Word] = Field(
        title="表示稍后再试的结果码",
        default_factory=list,
        description="Result codes that mean nothing was taken and to try later; HTTP 429 and 503 always do.",
    )
    login: list[Word] = Field(
        title="表示账号或签名不被接受的结果码",
        default_factory=list,
        description="Result codes that mean the account or the signature is not accepted; HTTP 401 and 403 always do.",
    )
    reference: bool = Field(
        title="回执以我方的 {reference} 代替网关的编号",
        default=False,
        description="Receipts name our `{reference}` instead of an id of the gateway's.",
    )
    ids: Where = Field(
        title="消息编号所在的字段",
        default="ids",
        description="Where the message ids stand: one, a list in the order of the numbers, or a table by number; empty: none.",
    )
    id: Where = Field(
        title="列表中每项的编号字段",
        default="id",
        description="Where the id stands in each entry, if the ids are a list of tables.",
    )
    number: Where = Field(
        title="列表中每项的号码字段",
        default="number",
        description="Where the number stands in each entry, if the ids are a list of tables.",
    )
    message_ids: Literal["text", "hex", "decimal"] = Field(
        title="消息编号的写法", default="text", description="What ids are made of: `text`, `hex` or `decimal`."
    )
    within: int = Field(
        title="等待回应的秒数",
        default=30,
        ge=1,
        le=300,
        description="Seconds to wait for an answer; after that the request's recipients are in doubt.",
    )


class Callback(_Part):
    """`[gateway.callback]`: what the gateway posts to `/api/v1/gateways/<name>/receipts`."""

    secret_file: Path | None = Field(
        strict=False,
        title="回调的密钥文件，空为与提交相同",
        default=None,
        description="File with the secret that signs callbacks; empty: that of the account.",
    )
    allow: list[str] = Field(
        title="允许回调的地址或网段，空为不限",
        default_factory=list,
        description="Addresses or networks that may call; empty: any, the signature alone decides.",
    )
    receipts: Where = Field(
        title="回执列表所在的字段",
        default="receipts",
        description="Where the list of receipts stands; empty: the body itself.",
    )
    id: Where = Field(title="消息编号", default="id", description="Where a receipt's or reply's message id stands.")
    number: Where = Field(title="手机号码", default="number", description="Where the phone's number stands.")
    status: Where = Field(title="状态", default="status", description="Where the status word of a receipt stands.")
    time: Where = Field(
        title="时间", default="time", description="Where the time stands: ISO 8601 with zone, or seconds since 1970."
    )
    taken: Where = Field(
        title="网关接收短信的时间，空为没有",
        default="",
        description="Where the time stands at which the gateway took the message, as `time`; empty: it does not say.",
    )
    delivered: list[Word] = Field(
        title="表示送达的状态", default_factory=lambda: ["DELIVRD"], description="Status words that mean delivered."
    )
    under_way: list[Word] = Field(
        title="表示仍在途中的状态",
        default_factory=lambda: ["ACCEPTD", "ENROUTE"],
        description="Status words that are not final; every other word means failed.",
    )
    replies: Where = Field(
        title="回复列表所在的字段", default="replies", description="Where the list of replies stands."
    )
    text: Where = Field(title="回复的正文", default="text", description="Where the text of a reply stands.")
    to: Where = Field(title="回复发往的号码", default="to", description="Where the number that was replied to stands.")

    @field_validator("allow")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        try:
            for one in value:
                ipaddress.ip_network(one)
        except ValueError:
            raise WrongSetting(
                "每项为地址或网段，如 10.1.0.0/16", "each is an address or a network such as 10.1.0.0/16"
            ) from None
        return value


class HttpGateway(Gateway):
    """HTTP: one request hands over one text to up to `batch` numbers; the gateway joins long texts itself."""

    takes_whole_texts: ClassVar[bool] = True

    protocol: Literal["http"]
    window: int = Field(title="同时保持的连接数", default=4, ge=1, le=64, description="Connections kept alive.")
    batch: int = Field(
        title="每次请求的号码数", default=50, ge=1, le=1000, description="Numbers in one request, as the carrier says."
    )
    request: Request = Field(title="请求", default_factory=Request, description="What requests look like.")
    answer: Answer = Field(title="回应", default_factory=Answer, description="What answers look like.")
    callback: Callback = Field(title="回调", default_factory=Callback, description="What callbacks look like.")

    def numbers_in_submit(self) -> int:
        """One: each number has an answer and an id of its own, however many share a request."""
        return 1

    @property
    def places(self) -> int:
        """As many numbers as the requests on all connections hold."""
        return self.window * self.batch

    def files(self) -> list[Path]:
        """With the secret of its callbacks, where that is another."""
        return [*super().files(), *([self.callback.secret_file] if self.callback.secret_file is not None else [])]

    def placed(self, data: Path) -> "Gateway":
        """The same account with its files in the data folder."""
        found = super().placed(data)
        if self.callback.secret_file is None:
            return found
        return found.model_copy(
            update={"callback": self.callback.model_copy(update={"secret_file": data / self.callback.secret_file})}
        )
