"""`fenghuo restore`: an installation from an archive, with its sending paused. A bare machine will do: no data folder is needed."""

import importlib
import json
import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from fenghuo.ground import clock
from fenghuo.ops.backup import archive, laying, place, signed
from fenghuo.ops.backup.archive import Archive
from fenghuo.ops.backup.laying import Laid, Proof
from fenghuo.ops.backup.telling import Percent, proved, size
from fenghuo.ops.config import SECRET_FILE, ConfigError, UsageError, data_folder
from fenghuo.ops.outcome import DONE


def run(args: Namespace) -> int:
    """Check, drill or restore. Whatever is wrong is said, and then nothing was written."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fenghuo.ops.settings")
    if args.drill:
        _running()
        return int(importlib.import_module("fenghuo.ops.dispatch").run("fenghuo.ops.backup.drilling", args))
    begun, path = clock.monotonic(), Path(args.file)
    with archive.opened(path) as held:
        certificate = signed.signer(held)
        secrets = laying.opened_secrets(held, args)
        proof = Proof(held.manifest.secrets == "sealed" and not args.without_secrets, certificate)
        percent = Percent(held.manifest.size * (1 if args.check else 2), shown=sys.stderr.isatty())
        target = Path(args.into).absolute() if args.into else data_folder()
        if not args.check:
            place.fit(target, held.manifest)
        held.prove(percent.add)
        if args.check:
            percent.end()
            return _checked(args, held, proof)
        laid = laying.unpack(held, path, target, secrets, proof, percent.add)
    percent.end()
    return _revived(args, laid, begun)


def _running() -> None:
    """Raise UsageError where there is no installation whose journal could take the drill."""
    if not (data_folder() / SECRET_FILE).exists():
        raise UsageError(
            f"{data_folder()}：不是数据目录。演练记入本机审计日志，请用 --data 指定；否则请用 --check 或 --into / is not a data "
            "folder. A drill is written into the journal of the installation: name it with --data; without one use --check or "
            "--into. Nothing was written"
        )


def _checked(args: Namespace, held: Archive, proof: Proof) -> int:
    told = held.manifest
    rows = sum(sum(one.values()) for one in told.tables.values())
    print(
        f"备份完好 the archive is whole：{args.file}，{told.made_at.isoformat(timespec='seconds')}，{told.mode}，"
        f"{size(told.size)}，{rows} 行 rows，链头 head {told.journal_head}"
    )
    if told.secrets == "left_out":
        print(f"不含密钥 without secrets: {', '.join(told.left_out)}")
    print(proved(str(proof), proof.certificate or ""))
    if args.json:
        kept = {"made_at": told.made_at.isoformat(), "mode": told.mode, "version": told.version, "rows": rows}
        said = {"proof": str(proof), "certificate": proof.certificate}
        print(json.dumps({"ok": True, "sha256": held.sha256, "secrets": told.secrets} | kept | said))
    return DONE


def _revived(args: Namespace, laid: Laid, begun: float) -> int:
    told: dict[str, Any] = {}
    os.environ["FENGHUO_DATA"] = str(laid.folder)
    if args.database_url:
        os.environ["FENGHUO_DATABASE_URL"] = args.database_url
    try:
        laying.bring_secrets(laid, Path(args.secrets) if args.secrets else None)
        laying.settings_fit(laid)
        code = int(importlib.import_module("fenghuo.ops.dispatch").run("fenghuo.ops.backup.reviving", args, laid, told))
        if code == DONE:
            place.settle(laid.folder, laid.target)
    except ConfigError as error:
        # What it names is gone in a moment: where it lay in the archive is what can be looked up.
        raise type(error)(str(error).replace(f"{laid.folder}/", "备份内 in the archive: ")) from None
    finally:
        laying.remove(laid)
    if code == DONE:
        told |= {"seconds": round(clock.monotonic() - begun, 2), "data": str(laid.target), "without": laid.without}
        _tell(laid, told)
        if args.json:
            print(json.dumps({"ok": True, "sha256": laid.sha256} | told, ensure_ascii=False))
    return code


def _tell(laid: Laid, told: dict[str, Any]) -> None:
    print(f"已恢复 restored：{laid.target}（{told['seconds']} 秒 s）")
    print(
        f"备份时刻 as of: {told['made_at']}；审计日志 journal {told['entries']} 条 entries，{told['rows']} 行 rows，"
        f"附件 attachments {told['attachments']}"
    )
    print(proved(told["proof"], told["certificate"]))
    if told["proof"] == "none" and told["signed_to"]:
        print(
            f"只有审计日志到第 {told['signed_to']} 条有签名，请核对证书 only the journal is signed, up to entry "
            f"{told['signed_to']}, if this is your own certificate: {told['certificate']}"
        )
    print(
        f"发送已暂停 SENDING IS PAUSED：未发 unsent {told['unsent']}，存疑 in doubt {told['in_doubt']}，"
        f"已过期不再发送 expired, never to leave {told['expired']}"
    )
    print("签发人在工作台按“恢复发送”后才会发出 / nothing leaves before a signer presses “resume” on the desk")
    print(
        "备份之后停用的账号、撤销的令牌又有效了，请逐一核对 / accounts disabled and tokens revoked after the backup are "
        "good again: go through them"
    )
    if laid.without:
        print(f"缺少密钥文件 secrets that are not there: {', '.join(laid.without)}")
    print(f"下一步 next: 确认原机已停 make sure that the first machine is off; fenghuo up --data {laid.target}")
