"""What the simulated SMS centre does to those who connect: contracts, delays and faults, all from one seed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from string import Formatter
from typing import Any

Span = tuple[float, float]
RECEIPT_TEXT = "id:{id} sub:001 dlvrd:001 submit date:{submitted} done date:{done} stat:{stat} err:000 text:"
CHOICES = {
    "protocol": ("cmpp", "smpp"),
    "receipts": ("text", "tlv", "both"),
    "message_ids": ("decimal", "hex", "hex_to_decimal", "decimal_to_hex"),
    "report_ids": ("range", "first"),
}


@dataclass(frozen=True, slots=True)
class Account:
    """A contract; `sp_id` is SMPP's system_id, `secret` its password.

    `rate` is numbers per second (0: unlimited), `burst` the seconds' worth that may come at once.

    `window` is the most SUBMITs without a response (0: unchecked), `connections` the most at a time (0: unlimited).
    `src_prefix` is what every Src_Id must begin with.
    """

    sp_id: str = "900001"
    secret: str = "exercise"
    rate: int = 0
    burst: float = 1.0
    window: int = 0
    connections: int = 0
    src_prefix: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Ratios are 0–1 and are decided by seed and recipient, not by order of arrival, so a run can be repeated.

    Positions such as `drop_before` count SUBMIT frames from 1 over the centre's whole life; each acts once. Delays are
    seconds, lowest and highest.
    """

    seed: int = 1
    protocol: str = "cmpp"  # or "smpp"; fixed for the centre's life
    accounts: tuple[Account, ...] = (Account(),)
    versions: tuple[int, ...] = (0x30, 0x20)
    gateway: int = 1  # the gateway code in Msg_Ids
    # Login
    login_status: int = 0  # not 0: every login is refused with it
    false_proof: bool = False  # AuthenticatorISMG is wrong, as with some real gateways
    # Timing
    response_delay: Span = (0.0, 0.0)
    report_delay: Span = (0.0, 0.0)
    report_window: int = 0  # most DELIVERs without a response (0: unlimited)
    idle: float = 180.0
    answer: float = 60.0
    tries: int = 3
    # What becomes of a message
    failing: Mapping[str, str] = field(default_factory=dict)  # number → status word
    failing_ratio: Mapping[str, float] = field(default_factory=dict)  # status word → share of numbers
    bad_numbers: frozenset[str] = frozenset()  # one of them refuses its whole SUBMIT with 13
    results: Mapping[int, int] = field(default_factory=dict)  # position → Result
    # What becomes of a status report
    report_body: int = 0  # 60 or 71 bytes; 0: what the version says
    receipts: str = "text"  # SMPP: "text", "tlv" or "both"
    receipt_text: str = RECEIPT_TEXT  # SMPP: what the text says, with {id} {submitted} {done} {stat}
    receipt_coding: int = 0  # SMPP: data_coding of that text; 8 writes it in UCS-2
    message_ids: str = "decimal"  # SMPP: "decimal", "hex", "hex_to_decimal" (hex in responses), "decimal_to_hex"
    report_ids: str = "range"  # "range": each number its own id; "first": all the id of the response
    lose_reports: float = 0.0
    duplicate_reports: float = 0.0
    contradict_reports: float = 0.0  # a second report that says the opposite
    intermediate_reports: float = 0.0  # an ACCEPTD before the final word
    late_reports: float = 0.0
    late_by: float = 1.0
    shuffle_reports: bool = False
    early_reports: bool = False  # before the response to their SUBMIT
    redeliver: bool = True  # reports that a lost connection left unacknowledged come again
    # What becomes of a response
    lose_responses: float = 0.0
    duplicate_responses: float = 0.0
    # What becomes of the line
    drop_before: frozenset[int] = frozenset()
    drop_after: frozenset[int] = frozenset()
    mute_at: frozenset[int] = frozenset()  # reads on and never says anything again (half-open)
    bad_length_at: frozenset[int] = frozenset()  # answers with a frame whose length cannot be
    garbage_at: frozenset[int] = frozenset()  # answers with noise
    terminate_at: frozenset[int] = frozenset()
    chop: int = 0  # writes of 1 to that many bytes (1: every byte by itself)
    coalesce: float = 0.0  # seconds of output gathered into one write
    deaf: bool = False  # accepts connections and says nothing

    @property
    def by_recipient(self) -> bool:
        """Whether some recipient's report goes another way than its neighbour's."""
        ratios = (self.lose_reports, self.duplicate_reports, self.contradict_reports, self.intermediate_reports)
        return any(ratios) or bool(self.late_reports) or self.shuffle_reports

    @property
    def by_frame(self) -> bool:
        """Whether SUBMITs of one run may be answered differently."""
        positions = self.drop_before | self.drop_after | self.mute_at | self.bad_length_at | self.garbage_at
        return bool(positions or self.terminate_at or self.results or self.lose_responses or self.duplicate_responses)

    @classmethod
    def of(cls, settings: Mapping[str, Any], base: "Plan | None" = None) -> "Plan":
        """A plan from JSON-like values over `base`; ValueError names a setting that does not exist or has a wrong type."""
        known = {item.name for item in fields(cls)}
        unknown = set(settings) - known
        if unknown:
            names, there = ", ".join(sorted(unknown)), ", ".join(sorted(known))
            raise ValueError(f"没有这个设置 / no such setting: {names}（可用 there are: {there}）")
        for name, allowed in CHOICES.items():
            if name in settings and settings[name] not in allowed:
                raise ValueError(f"{name}：应为其中之一 / {settings[name]!r} is none of {', '.join(allowed)}")
        if base and settings.get("protocol", base.protocol) != base.protocol:
            raise ValueError("protocol：启动后不能改变 / is fixed for the centre's life")
        _check_receipt(str(settings.get("receipt_text", "")))
        base = base or cls()
        changes = {name: _like(name, value, getattr(base, name)) for name, value in settings.items()}
        return replace(base, **changes)

    @classmethod
    def load(cls, text: str) -> "Plan":
        """A plan from a JSON object."""
        settings = json.loads(text)
        if not isinstance(settings, dict):
            raise ValueError("应为 JSON 对象 / a plan is a JSON object")
        return cls.of(settings)


def _check_receipt(text: str) -> None:
    """What a receipt says names nothing but what is known."""
    known = {"id", "submitted", "done", "stat"}
    unknown = {name for _, name, _, _ in Formatter().parse(text) if name is not None} - known
    if unknown:
        raise ValueError(f"receipt_text：没有这一项 / there is no {{{sorted(unknown)[0]}}}")


def _like(name: str, value: Any, model: Any) -> Any:
    """`value` in the type of the setting's present value."""
    try:
        if name == "accounts":
            return tuple(item if isinstance(item, Account) else Account(**item) for item in value)
        if name in ("response_delay", "report_delay"):
            low, high = (value, value) if isinstance(value, int | float) else value
            return (float(low), float(high))
        if name == "results":
            return {int(position): int(result) for position, result in dict(value).items()}
        if isinstance(model, frozenset):
            return frozenset(value)
        if isinstance(model, tuple):
            return tuple(value)
        if isinstance(model, dict):
            return dict(value)
        if isinstance(model, bool):
            return bool(value)
        return type(model)(value)
    except (TypeError, ValueError) as wrong:
        raise ValueError(f"{name}：值不对 / is not such a value: {wrong}") from wrong
