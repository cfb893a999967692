"""Start Django, carry out one command, and put every refusal into words."""

import importlib
from typing import Any

import django
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from fenghuo.ground.refusal import CHINESE, ENGLISH, Refused, RefusedMany
from fenghuo.ops.cli import CONFIGURATION, REFUSED, complain


def run(path: str, *arguments: Any) -> int:
    """Call `run(*arguments)` of the module at `path`; returns the exit status."""
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
        complain(_sentence(refused))
    except RefusedMany as several:
        for one in several.refusals:
            complain(_sentence(one))
    return REFUSED


def _sentence(refused: Refused) -> str:
    """The reason in both languages, once where the catalogue has no translation."""
    both = dict.fromkeys((refused.in_language(CHINESE), refused.in_language(ENGLISH)))
    return (f"{refused.field}：" if refused.field else "") + " / ".join(both)
