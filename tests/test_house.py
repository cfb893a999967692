"""What the import contracts cannot say: which files of a room are its doors, and that no file becomes a giant.

`.importlinter` holds the arrows between floors and rooms; here are the rules about files. docs/explanation/where-to-put-a-file.md
gives the reasons.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {"ground", "delivery", "readiness", "warning", "response", "recovery", "exchange"}
DOORS = {"actions", "queries", "rules", "models", "states", "values"}
# Rooms without acts of their own: plain values that everybody uses, and the gateways, which the sender drives.
OPEN_ROOMS = {("ground", "lifecycle"), ("delivery", "gateways")}
DRAWERS = {"utils", "util", "common", "helpers", "misc"}
LONGEST_FILE = 400  # lines

FILES = sorted(path for folder in ("fenghuo", "simulators") for path in (ROOT / folder).rglob("*.py"))
WRITTEN = [path for path in FILES if "migrations" not in path.parts]  # generated, and they reach into their floor
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in FILES}


def imported(path: Path) -> Iterator[str]:
    """Every module of the house that a file imports, by its full name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            while name and name not in MODULES:
                name = name.rpartition(".")[0]
            if name:
                yield name


def side_doors(importer: tuple[str, ...], modules: Iterator[str]) -> list[str]:
    """Those of the modules that lie inside another room and are not one of its doors."""
    found = []
    for module in modules:
        _, floor, room, file, *_ = [*module.split("."), "", "", ""]
        foreign = floor in FLOORS and importer[1:3] != (floor, room)
        doors = DOORS | {"tasks"} if importer[1] == "ops" else DOORS  # the worker is the one who wakes tasks
        if foreign and file and file not in doors and (floor, room) not in OPEN_ROOMS:
            found.append(module)
    return found


def test_a_room_is_entered_by_its_doors() -> None:
    entered = {
        str(path.relative_to(ROOT)): side_doors(path.relative_to(ROOT).parts, imported(path)) for path in WRITTEN
    }
    assert {path: modules for path, modules in entered.items() if modules} == {}


def test_the_rule_knows_a_side_door_when_it_sees_one() -> None:
    page = ("fenghuo", "web", "alerts", "views.py")
    assert side_doors(page, iter(["fenghuo.delivery.ledger.store", "fenghuo.delivery.ledger.queries"])) == [
        "fenghuo.delivery.ledger.store"
    ]


def test_a_room_may_use_its_own_files() -> None:
    assert side_doors(("fenghuo", "delivery", "ledger", "queries.py"), iter(["fenghuo.delivery.ledger.store"])) == []


def test_no_file_is_a_giant() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in WRITTEN}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_there_is_no_drawer_for_what_fits_nowhere() -> None:
    assert [module for module in sorted(MODULES) if DRAWERS & set(module.split("."))] == []


@pytest.mark.parametrize("word", ["TYPE_CHECKING", "import_string", "importlib.import_module"])
def test_no_arrow_is_hidden_from_the_contracts(word: str) -> None:
    # The commands are found by name, inside ops: the one place where a name becomes a module.
    files = [path for path in FILES if word != "importlib.import_module" or "ops" not in path.parts]
    hidden = [str(path.relative_to(ROOT)) for path in files if word in path.read_text(encoding="utf-8")]
    assert hidden == []


def relations(path: Path) -> Iterator[str]:
    """The targets that a file's foreign keys name by a string, other than `self` and their own file's classes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)} | {"self"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {
            "ForeignKey",
            "OneToOneField",
            "ManyToManyField",
        }:
            for target in [*node.args[:1], *(word.value for word in node.keywords if word.arg == "to")]:
                if isinstance(target, ast.Constant) and target.value not in own:
                    yield str(target.value)


def test_a_foreign_key_names_its_class_not_a_string() -> None:
    """A string would be an arrow that no contract sees. Migrations name strings by their nature."""
    named = {str(path.relative_to(ROOT)): list(relations(path)) for path in WRITTEN}
    assert {path: targets for path, targets in named.items() if targets} == {}
