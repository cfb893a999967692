"""Start Django, carry out one command, and put every refusal into words."""

import importlib
import json
from argparse import Namespace
from typing import Any

import django
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from fenghuo.ground.refusal import CHINESE, ENGLISH, Refused, RefusedMany
from fenghuo.ops.outcome import CONFIGURATION, REFUSED, complain


def run(path: str, *arguments: Any) -> int:
    """Call `run(*arguments)` of the module at `path`, the first being what was read from the command line; the exit status."""
    try:
        django.setup()
        return int(importlib.import_module(path).run(*arguments))
    except ImproperlyConfigured as error:
        complain(f"设置有误 / the settings do not hold together: {error}")
        return CONFIGURATION
    except DatabaseError as error:
        complain(f"数据库出错 / the database cannot be used: {error}")
        return CONFIGURATION
    except Refused as refused:
        return _refused([refused], arguments[0])
    except RefusedMany as several:
        return _refused(several.refusals, arguments[0])


def _refused(refusals: list[Refused], args: Namespace) -> int:
    """Each reason on standard error; with --json also as the last line, so that a program need not read sentences."""
    for one in refusals:
        complain(_sentence(one))
    if getattr(args, "json", False):
        errors = [
            {
                "code": one.code,
                "field": one.field,
                "reason_zh": one.in_language(CHINESE),
                "reason_en": one.in_language(ENGLISH),
            }
            for one in refusals
        ]
        print(json.dumps({"ok": False, "errors": errors}, ensure_ascii=False), flush=True)
    return REFUSED


def _sentence(refused: Refused) -> str:
    """The reason in both languages, once where the catalogue has no translation."""
    both = dict.fromkeys((refused.in_language(CHINESE), refused.in_language(ENGLISH)))
    return (f"{refused.field}：" if refused.field else "") + " / ".join(both)
