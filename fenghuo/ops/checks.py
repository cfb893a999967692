"""What `fenghuo doctor` looks at. Each check answers with one line in both languages; red is wrong, yellow is worth a look."""

import ipaddress
import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connections
from pylopdf_fonts_zh_cn import sans_path

from fenghuo.delivery.gateways.config import HttpGateway
from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.areas.models import Area
from fenghuo.ground.disk import queries as disk
from fenghuo.ground.journal import queries as journal
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.keyring import queries as keyring
from fenghuo.ground.pulse import queries as pulse
from fenghuo.ground.refusal import Refused
from fenghuo.ops import gateways, installation
from fenghuo.ops import upkeep_checks as upkeep
from fenghuo.ops.config import CONFIG_FILE, SECRET_FILE, ConfigError, unknown_variables
from fenghuo.ops.finding import Colour, Finding
from fenghuo.ops.line_checks import accounts, line, logins
from fenghuo.ops.processes.worker import NAME as WORKER
from fenghuo.ops.verdicts import VERDICTS

FEW_FREE = 2 * 1024 * 1024 * 1024
OLD_TICK = 30.0  # seconds
FEW_DAYS = 60  # days before its end that a certificate is worth a look
DURABLE = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
}
CLOCK_JUMP = 60.0  # seconds that the journal may lie ahead of the clock


def everything() -> Iterator[Finding]:
    """All findings, in the order in which one would repair them; without tables the later ones are left out."""
    yield from _folder()
    yield from _secrets()
    yield from _environment()
    yield from _disk()
    yield from _host_name()
    yield from _fonts()
    try:
        installation.check()
    except ConfigError as error:
        yield Finding("installation", "red", str(error), str(error))
        return
    yield Finding("installation", "green", f"数据库与模式一致（{settings.FENGHUO.mode}）", "tables and mode are right")
    for check in CHECKS_OF_DATA:
        try:
            yield from check()
        except DatabaseError as error:
            yield Finding(check.__name__.strip("_"), "red", f"数据库出错：{error}", f"the database fails: {error}")


def _folder() -> Iterator[Finding]:
    for path, allowed in (
        (settings.DATA, 0o700),
        (settings.DATA / SECRET_FILE, 0o600),
        (settings.DATA / CONFIG_FILE, 0o600),
    ):
        yield _private(path, allowed)


def _private(path: Path, allowed: int) -> Finding:
    name = f"rights:{path.name}"
    try:
        found = path.stat()
    except OSError as error:
        return Finding(name, "red", f"{path}：无法读取", f"{path}: {error.strerror}")
    mode = stat.S_IMODE(found.st_mode)
    if mode & ~allowed:
        return Finding(
            name,
            "red",
            f"{path}：权限 {mode:04o}，应为 {allowed:04o}",
            f"{path}: mode {mode:04o}, must be {allowed:04o}",
        )
    if found.st_uid != os.geteuid():
        return Finding(name, "yellow", f"{path}：属于另一用户", f"{path}: belongs to another user")
    return Finding(name, "green", f"{path}：仅本用户可读", f"{path}: private")


def _secrets() -> Iterator[Finding]:
    if not settings.FENGHUO.gateway:
        yield Finding("gateways", "yellow", "尚未设置短信网关", "no SMS gateway is set up")
    for one in gateways.complaints(settings.FENGHUO, settings.DATA):
        yield Finding(f"account:{one.name}", "red", f"{one.place}：{one.zh}", f"{one.place}: {one.en}")
    for path in dict.fromkeys(path for gateway in settings.FENGHUO.gateway for path in gateways.secrets(gateway)):
        yield _private(path, 0o600)
    for gateway in settings.FENGHUO.gateway:
        if not gateway.tls and gateway.protocol == "http":
            zh, en = (
                f"{gateway.name}：HTTP 未用 TLS，仅适合专线",
                f"{gateway.name}: HTTP without TLS, for a private line only",
            )
            yield Finding(f"tls:{gateway.name}", "yellow", zh, en)
        if isinstance(gateway, HttpGateway) and not gateway.request.check_path:
            zh = f"{gateway.name}：未设 check_path，密钥有误或网关失效要到发送时才知道；“已连接”只表示能连上"
            en = (
                f"{gateway.name}: no check_path, so a wrong secret or a dead gateway shows only when something is sent; "
                "“connected” says no more than that a connection opens"
            )
            yield Finding(f"check_path:{gateway.name}", "yellow", zh, en)


def _environment() -> Iterator[Finding]:
    for name in unknown_variables():
        yield Finding("environment", "yellow", f"{name}：没有这个设置", f"{name}: no such setting")


def _disk() -> Iterator[Finding]:
    found = disk.disk()
    colour: Colour = "red" if found.low else "yellow" if found.free < FEW_FREE else "green"
    zh, en = f"剩余空间 {found.free_mb} MB", f"{found.free_mb} MB free"
    if found.low:
        zh += f"，少于 {found.least_mb} MB：暂停签发和上传"
        en += f", less than {found.least_mb}: nothing is signed or uploaded"
    yield Finding("disk", colour, zh, en)
    if found.trouble:
        zh, en = "磁盘报告过故障：暂停签发和上传", "the disk reported a fault: nothing is signed or uploaded"
        yield Finding("disk_fault", "red", zh, en)


def _host_name() -> Iterator[Finding]:
    host = urlsplit(settings.FENGHUO.public_url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        secure = settings.FENGHUO.public_url.startswith("https://") or host == "localhost"
        if secure:
            yield Finding("host_name", "green", f"{host}：可用通行密钥", f"{host}: passkeys work")
        else:
            zh, en = f"{host}：没有 TLS，签发请用动态口令", f"{host}: no TLS, so no passkeys; sign with TOTP"
            yield Finding("host_name", "yellow", zh, en)
        return
    zh, en = (
        f"{host} 是 IP 地址，不能用通行密钥，签发请用动态口令",
        f"{host} is an IP address: no passkeys; sign with TOTP",
    )
    yield Finding("host_name", "yellow", zh, en)


def _fonts() -> Iterator[Finding]:
    if Path(sans_path()).exists():
        yield Finding("fonts", "green", "打印用中文字体齐备", "Chinese fonts for printing are there")
    else:
        yield Finding("fonts", "red", "缺少打印用中文字体", "Chinese fonts for printing are missing")


def _durable() -> Iterator[Finding]:
    for alias in installation.ALIASES:
        connection = connections[alias]
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA synchronous")
                value = str(cursor.fetchone()[0])
                good = value in (
                    "2",
                    "3",
                )  # FULL and EXTRA: anything weaker loses acknowledged commits when the power fails
            else:
                wrong = [f"{name} = {found}" for name, found in _server(cursor) if found not in DURABLE[name]]
                good, value = not wrong, ", ".join(wrong)
        words = f"{alias} ({connection.vendor})"
        if good:
            yield Finding(f"durable:{alias}", "green", f"{words}：断电不丢", f"{words}: survives power loss")
        else:
            yield Finding(
                f"durable:{alias}", "red", f"{words}：断电会丢（{value}）", f"{words}: loses commits ({value})"
            )


def _server(cursor: Any) -> Iterator[tuple[str, str]]:
    """What a PostgreSQL does when the power fails, setting by setting."""
    for name in DURABLE:
        cursor.execute(f"SHOW {name}")
        yield name, str(cursor.fetchone()[0])


def _whole() -> Iterator[Finding]:
    for alias in installation.ALIASES:
        if connections[alias].vendor != "sqlite":
            continue
        with connections[alias].cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            answer = str(cursor.fetchone()[0])
        colour: Colour = "green" if answer == "ok" else "red"
        yield Finding(f"whole:{alias}", colour, f"{alias}：{answer}", f"{alias}: {answer}")


def _journal() -> Iterator[Finding]:
    verdict = journal.verify()
    if verdict.ok:
        yield Finding(
            "journal", "green", f"审计日志完好，{verdict.count} 条", f"the journal is whole, {verdict.count} entries"
        )
    else:
        zh, en = VERDICTS.get(verdict.reason, (verdict.reason, verdict.reason))
        zh, en = f"审计日志不完好：{zh}", f"the journal is not whole: {en}"
        yield Finding("journal", "red", zh, en)


def _clock() -> Iterator[Finding]:
    latest = JournalEntry.objects.order_by("-seq").values_list("at", flat=True).first()
    ahead = (latest - clock.now()).total_seconds() if latest else 0.0
    if ahead > CLOCK_JUMP:
        zh, en = f"时钟比审计日志晚 {ahead:.0f} 秒", f"the clock lies {ahead:.0f} s behind the journal: it was set back"
        yield Finding("clock", "red", zh, en)
    else:
        now = clock.now().astimezone().isoformat(timespec="seconds")
        yield Finding("clock", "green", f"时钟 {now}", f"clock {now}")


def _people() -> Iterator[Finding]:
    areas, organisations = Area.objects.count(), Organisation.objects.count()
    colour: Colour = "green" if areas and organisations else "red"
    yield Finding(
        "areas", colour, f"{areas} 个辖区，{organisations} 个机构", f"areas: {areas}, organisations: {organisations}"
    )
    if not Account.objects.filter(is_active=True).exists():
        zh, en = "还没有账号：请用初始代码建立", "no account yet: use the bootstrap code"
        yield Finding("accounts", "yellow", zh, en)


def _keys() -> Iterator[Finding]:
    try:
        own = keyring.signer()
        days = (own.until - clock.now()).days
        colour: Colour = "yellow" if days < FEW_DAYS else "green"
        yield Finding(
            "signing_key", colour, f"签名证书还有 {days} 天有效", f"the signing certificate is valid for {days} days"
        )
    except Refused as refused:
        yield Finding("signing_key", "red", refused.in_language("zh-hans"), refused.in_language("en"))
    for one in keyring.trusted():
        left = (one.certificate.not_valid_after_utc - clock.now()).days
        colour = "red" if left < 0 else "yellow" if left < FEW_DAYS else "green"
        name = f"trust:{one.fingerprint[:16]}"
        zh, en = f"信任 {one.name}：还有 {left} 天有效", f"{one.name} is trusted, valid for {left} days"
        yield Finding(name, colour, zh, en)
    for fault in keyring.faults():
        yield Finding("trust", "red", fault.in_language("zh-hans"), fault.in_language("en"))


def _processes() -> Iterator[Finding]:
    age = pulse.age(WORKER)
    if age is not None and age.total_seconds() <= OLD_TICK:
        yield Finding("worker", "green", "后台任务在运行", "the worker runs")
    else:
        yield Finding("worker", "red", "后台任务未运行", f"the worker does not run (host {socket.gethostname()})")


CHECKS_OF_DATA: tuple[Callable[[], Iterator[Finding]], ...] = (
    _durable, _whole, _journal, _clock, _people, _keys, _processes, logins, accounts, line,
    upkeep.guards, upkeep.backup, upkeep.integrity,
    upkeep.drill,
)  # fmt: skip
