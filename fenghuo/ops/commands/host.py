"""`fenghuo host`: a further host of the same installation gets what all of them must have alike."""

import os
import sys
from argparse import Namespace
from pathlib import Path

from fenghuo.ops import parcel
from fenghuo.ops.config import CONFIG_FILE, ConfigError, data_folder
from fenghuo.ops.folder import PRIVATE_FILE
from fenghuo.ops.outcome import DONE, complain

PIPE = "-"


def run(args: Namespace) -> int:
    """Pack this host's share, or unpack it on a further one."""
    return _pack(args.file) if args.verb == "pack" else _join(args.file)


def _pack(file: str) -> int:
    data = data_folder()
    if not (data / CONFIG_FILE).exists():
        raise ConfigError(f"{data}：不是数据目录 / is not a data folder")
    if file == PIPE:
        names, elsewhere = parcel.pack(data, sys.stdout.buffer)
        sys.stdout.flush()
    else:
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb") as out:
                names, elsewhere = parcel.pack(data, out)
        except FileExistsError:
            raise ConfigError(f"{file}：已有此文件，不覆盖 / is there already and is not overwritten") from None
        except OSError as error:
            raise ConfigError(f"{file}：无法写入 / cannot be written: {error.strerror}") from None
        except ConfigError:
            Path(file).unlink()
            raise
    complain(f"已打包 packed: {'  '.join(names)}")
    for path in elsewhere:
        complain(f"不在数据目录内，请自行复制 / lies elsewhere, carry it yourself: {path}")
    complain(
        "此文件含全部密钥：只交给新主机，用后删除 / it holds every secret: give it to the new host alone, then delete it"
    )
    return DONE


def _join(file: str) -> int:
    data = data_folder()
    if file == PIPE:
        names = parcel.unpack(sys.stdin.buffer, data)
    else:
        try:
            with Path(file).open("rb") as packed:
                names = parcel.unpack(packed, data)
        except OSError as error:
            raise ConfigError(f"{file}：无法读取 / cannot be read: {error.strerror}") from None
    print(f"数据目录 data folder: {data}\n已写入 written: {'  '.join(names)}")
    print(f"下一步 next: fenghuo doctor --data {data}")
    return DONE
