"""Warnings from above, for the tests of the relay desk: CAP and national, signed where asked."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from fenghuo.ground import clock
from fenghuo.wire import cap, national_xml
from fenghuo.wire.cap import levels
from fenghuo.wire.cap.signing import sign
from tests.wire.cap.keys import certificate_for, elliptic

KEY = elliptic()
CERTIFICATE = certificate_for(KEY, "tianjin.example")


def moment(**delta: int) -> datetime:
    return clock.now().replace(microsecond=0) + timedelta(**delta)


def county(
    areas: tuple[str, ...] = ("120119000000",), *, level: levels.Level | None = levels.Level.II, **changes: Any
) -> cap.Alert:
    """A rainstorm warning of the county's met office; `changes` replace fields of the alert."""
    sent = moment(minutes=-1)
    info = cap.Info(
        categories=(cap.Category.MET,), event="暴雨", urgency=cap.Urgency.EXPECTED, severity=cap.Severity.SEVERE,
        certainty=cap.Certainty.LIKELY, event_codes=(levels.event_code("11B03"),), effective=sent, onset=sent,
        expires=moment(hours=12), sender_name="蓟州区气象台", headline="蓟州区气象台发布暴雨橙色预警",
        description="预计今天夜间我区将出现 50 毫米以上降雨，请注意防范。", instruction="减少外出，远离河道。",
        parameters=(levels.level_parameter(level),),
        areas=tuple(cap.Area("蓟州区", geocodes=(levels.geocode(code),)) for code in areas),
    )  # fmt: skip
    alert = cap.Alert(
        "12011941600000_20260701080000_1", "12011941600000", sent, cap.Status.EXERCISE, cap.MsgType.ALERT,
        cap.Scope.PUBLIC, infos=(info,),
    )  # fmt: skip
    return replace(alert, **changes)


def with_info(alert: cap.Alert, **changes: Any) -> cap.Alert:
    return replace(alert, infos=(replace(alert.infos[0], **changes),))


def xml(alert: cap.Alert | None = None) -> bytes:
    return cap.build(alert or county(), indent=False)


def signed(alert: cap.Alert | None = None) -> bytes:
    return sign(xml(alert), key=KEY, certificate=CERTIFICATE)


def national(alert: cap.Alert | None = None, **changes: Any) -> bytes:
    message = national_xml.from_cap(alert or county(), signer="签发员", whole=False)
    return national_xml.build(replace(message, **changes))
