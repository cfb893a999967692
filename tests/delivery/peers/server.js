// An SMPP server on the npm package `smpp`, for tests: it records what it was sent and reports what became of it.
//
// node server.js OPTIONS   with OPTIONS as JSON: password, message_ids (as in a [[gateway]] table), receipts ("text" or "tlv"),
// stranger (a number: after the bind a receipt comes for it that nobody asked for), throttle (every n-th submit is refused with 0x58 once), words (what failing numbers get), failing (their last digit).
// Prints {"port": …}, then, for each line on standard input, everything it accepted as one line of JSON. Ends with the input.
"use strict";
const readline = require("readline");
const smpp = require("smpp");

const options = JSON.parse(process.argv[2] || "{}");
const record = { accepted: [], throttled: 0, acknowledged: 0, binds: [], refused: 0, enquiries: 0 };
const receivers = new Set();
let counter = 9000000000n;

const written = (id, which) => {
  const [response, receipt] = { hex: ["hex", "hex"], hex_to_decimal: ["hex", "dec"], decimal_to_hex: ["dec", "hex"] }[
    options.message_ids
  ] || ["dec", "dec"];
  if (options.message_ids === "text") return "msg-" + id.toString(36);
  return (which === "response" ? response : receipt) === "hex" ? id.toString(16).toUpperCase() : id.toString();
};

const stamp = () => {
  const now = new Date(Date.now() + 8 * 3600 * 1000).toISOString();
  return now.slice(2, 4) + now.slice(5, 7) + now.slice(8, 10) + now.slice(11, 13) + now.slice(14, 16);
};

const report = (id, pdu) => {
  const stat = pdu.destination_addr.endsWith(options.failing || "x") ? options.word || "UNDELIV" : "DELIVRD";
  const receipt = { source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4, data_coding: 0 };
  if (options.receipts === "tlv") {
    receipt.receipted_message_id = written(id, "receipt");
    receipt.message_state = stat === "DELIVRD" ? 2 : 5;
    receipt.short_message = "";
  } else {
    const done = stamp();
    receipt.short_message =
      `id:${written(id, "receipt")} sub:001 dlvrd:001 submit date:${done} done date:${done} stat:${stat} err:000 text:`;
  }
  for (const session of receivers) {
    session.deliver_sm(receipt, () => (record.acknowledged += 1));
    return stat;
  }
  return stat;
};

const server = smpp.createServer((session) => {
  const bind = (pdu) => {
    record.binds.push(pdu.command);
    if (pdu.password !== options.password) {
      record.refused += 1;
      session.send(pdu.response({ command_status: smpp.ESME_RINVPASWD }));
      session.close();
      return;
    }
    session.send(pdu.response({ system_id: "peer" }));
    if (pdu.command === "bind_transmitter") return;
    receivers.add(session);
    if (options.stranger) report(4711n, { destination_addr: options.stranger, source_addr: "12379" });
  };
  for (const name of ["bind_transceiver", "bind_transmitter", "bind_receiver"]) session.on(name, bind);
  session.on("submit_sm", (pdu) => {
    counter += 1n;
    if (options.throttle && counter % BigInt(options.throttle) === 0n) {
      record.throttled += 1;
      session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
      return;
    }
    const id = counter;
    session.send(pdu.response({ message_id: written(id, "response") }));
    const said = pdu.short_message;
    record.accepted.push({
      number: pdu.destination_addr,
      source: pdu.source_addr,
      coding: pdu.data_coding,
      udh: said.udh ? said.udh.map((one) => one.toString("hex")) : [],
      text: said.message,
      wants: pdu.registered_delivery,
    });
    setTimeout(() => report(id, pdu), 5);
  });
  session.on("enquire_link", (pdu) => {
    record.enquiries += 1;
    session.send(pdu.response());
  });
  session.on("unbind", (pdu) => {
    session.send(pdu.response());
    session.close();
  });
  session.on("close", () => receivers.delete(session));
  session.on("error", () => receivers.delete(session));
});

server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
const input = readline.createInterface({ input: process.stdin });
input.on("line", () => console.log(JSON.stringify(record)));
input.on("close", () => process.exit(0));
