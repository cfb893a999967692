"""smpp34 (a Rust library with Python bindings) as a gateway and as an ESME, in a process of its own.

python -m tests.delivery.peers.rust server PORT     accepts everything and reports everything as delivered
python -m tests.delivery.peers.rust client PORT N   submits N messages and waits for N receipts; prints what it saw as JSON
"""

import asyncio
import json
import os
import sys
from collections import Counter

import smpp34

ANSWER = 20.0


async def serve(port: int) -> None:
    server = smpp34.Server(host="127.0.0.1", port=port, system_id="peer")
    await server.start()
    print("ready", flush=True)
    sessions: dict[str, smpp34.Esme] = {}
    number = 0
    while True:
        event = await server.next()
        if isinstance(event, smpp34.Esme):
            sessions[event.session_id] = event
        elif isinstance(event, smpp34.SubmitSmEvent):
            number += 1
            name = f"{number:08x}-{number:04x}"
            event.accept(name)
            receiver = next(one for one in sessions.values() if one.can_receive)
            await receiver.deliver_sm(
                event.source_addr,
                f"id:{name} sub:001 dlvrd:001 submit date:2611220800 done date:2611220801 stat:DELIVRD err:000 text:".encode(),
                source_addr=event.destination_addr,
                esm_class=4,
            )


async def submit(port: int, count: int) -> None:
    client = smpp34.Client("127.0.0.1", port, "peer", "exercise", bind_type="TRX", window_size=50)
    session = await client.connect()
    said = "今晚有暴雨，请注意。".encode("utf-16-be")

    async def one(number: int) -> str:
        answer = await session.submit_sm(
            str(number), said, source_addr="12379", data_coding=8, registered_delivery=1, dest_addr_ton=1
        )
        return str(answer.message_id) if answer.is_success else f"refused {answer.command_status}"

    ids = await asyncio.gather(*[one(10012300000 + k) for k in range(count)])
    receipts: dict[str, str] = {}
    while len(receipts) < count:
        event = await asyncio.wait_for(session.next(), ANSWER)
        if isinstance(event, smpp34.Disconnected):
            break
        told = dict(part.split(":", 1) for part in event.short_message.decode().split() if ":" in part)
        receipts[told["id"]] = told["stat"]
    await session.unbind()
    matched = sum(one in receipts for one in ids)
    print(json.dumps({"ids": len(set(ids)), "matched": matched, "stats": Counter(receipts.values())}), flush=True)


if __name__ == "__main__":
    role, port, *rest = sys.argv[1:]
    asyncio.run(serve(int(port)) if role == "server" else submit(int(port), int(rest[0])))
    os._exit(0)  # its threads outlive the interpreter now and then, and crash in what is no more
