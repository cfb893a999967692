"""`fenghuo demo`: a town of 67 real villages with a simulated gateway, ready to try in a browser."""

import json
import logging
from argparse import Namespace
from typing import Any

from django.conf import settings
from django.db import connections

from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.areas import actions as areas
from fenghuo.ground.areas.models import Area
from fenghuo.ground.areas.queries import DEMO_CSV
from fenghuo.ops import exercise, handles, installation, keys
from fenghuo.ops.commands.init import EXAMPLE
from fenghuo.ops.commands.up import children
from fenghuo.ops.preparation import SOURCE_ADDR, Prepared, claim
from fenghuo.ops.processes import leash
from fenghuo.ops.processes.health import answers
from fenghuo.ops.processes.listen import listen
from fenghuo.ops.processes.supervisor import Child, Supervisor
from fenghuo.readiness.contacts.models import Contact

LOG = "demo.log"
# The gateway answers like a busy one, and not every phone is switched on: all states of a recipient can be seen.
BEHAVIOUR = {"report_delay": [0.5, 6.0], "failing_ratio": {"UNDELIV": 0.02}, "response_delay": [0.02, 0.1]}


def run(args: Namespace, prepared: Prepared) -> int:
    """Make what is missing, start everything, print the address and one-time links; ends with Ctrl-C."""
    leash.hold(args.leash)
    handles.secure("web", handles.for_web(settings.FENGHUO))
    logging.getLogger("fenghuo").setLevel("WARNING")  # this window is for the newcomer; the children write to the file
    log = settings.DATA / LOG
    with claim(settings.DATA), listen(settings.FENGHUO.bind) as server, log.open("ab") as output:
        organisation = lay_out()
        exercise.lay_map(organisation)
        people = exercise.people(organisation)
        links = {post: accounts.sign_in_link(account=account) for post, account in people.items()}
        codes = accounts.print_codes(account=people["signer"])
        told = _told(organisation, links, codes)
        connections.close_all()

        def ready() -> bool:
            if not answers(prepared.web_port, server.getsockname()[0]):
                return False
            _tell(told, people)
            if args.json:
                print(json.dumps(told, ensure_ascii=False), flush=True)
            return True

        processes = [simulator(prepared), *children(server.fileno())]
        return Supervisor(processes, ready=ready, output=output).run()


def lay_out(*, with_roster: bool = True) -> Organisation:
    """Tables, areas, organisation, contacts and groups; whatever is there stays."""
    installation.migrate()
    installation.install()
    if not Area.objects.exists():
        areas.import_csv(path=DEMO_CSV, by=None)
    organisation = Organisation.objects.filter(name=EXAMPLE["organisation"]).first() or accounts.create_organisation(
        area_code=EXAMPLE["area"], name=EXAMPLE["organisation"], profile=EXAMPLE["profile"], by=None
    )
    keys.ensure()
    if with_roster:
        exercise.load_roster(organisation)
    return organisation


def simulator(prepared: Prepared, behaviour: dict[str, Any] | None = None, control: int = 0) -> Child:
    """The simulated gateway as a child; its secret goes by file, never by command line."""
    plan = json.dumps(BEHAVIOUR if behaviour is None else behaviour)
    account = ["--source-addr", SOURCE_ADDR, "--secret-file", str(prepared.secret_file)]
    ports = ["--port", str(prepared.gateway_port), "--control", str(control)]
    return Child("simulator", ["simulate", "cmpp", *ports, *account, "--plan", plan])


def _told(organisation: Organisation, links: dict[str, str], codes: list[str]) -> dict[str, Any]:
    address = settings.FENGHUO.public_url
    return {
        "address": address,
        "data": str(settings.DATA),
        "organisation": organisation.name,
        "contacts": Contact.objects.filter(organisation=organisation).count(),
        "links": {post: f"{address}/enter/{token}/" for post, token in links.items()},
        "signing_codes": codes,
    }


def _tell(told: dict[str, Any], people: dict[str, Account]) -> None:
    print("\n烽火演示（演练模式，短信只到模拟网关）\nFenghuo demo (exercise; texts reach a simulated gateway only)\n")
    print(f"  {told['address']}\n")
    print(f"  {told['organisation']}：{told['contacts']} 人，数据在 {told['data']}\n")
    print("一次性登录链接 · one-time sign-in links（各开一个浏览器窗口 · one private window each）：")
    for post, link in told["links"].items():
        print(f"  {people[post].person.name}\t{post}\n    {link}")
    print(f"\n签发员的一次性签发码 · the signer's one-time signing codes:\n  {'  '.join(told['signing_codes'][:5])}")
    print(f"\n日志 log: {settings.DATA / LOG}")
    print("按 Ctrl-C 结束 · Ctrl-C ends everything", flush=True)
