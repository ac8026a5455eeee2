// A server of its own kind for the federation tests: Fedify underneath, a control API on top.
//   node peer.mjs --line fedify2 --port 0 [--host 127.0.0.1]
// Prints one line of JSON when it is ready; ends on SIGTERM and when its standard input is closed.
import "./lib/node20.mjs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { generateKeys } from "./lib/actors.mjs";
import { buildControl } from "./lib/control.mjs";
import { buildFederation } from "./lib/federation.mjs";
import { loadLine } from "./lib/line.mjs";
import { watchFetch } from "./lib/outgoing.mjs";
import { buildPublisher } from "./lib/publisher.mjs";
import { requestHandler } from "./lib/server.mjs";
import { PeerState } from "./lib/state.mjs";

const { values: options } = parseArgs({
  options: {
    line: { type: "string", default: "fedify2" },
    port: { type: "string", default: "0" },
    host: { type: "string", default: "127.0.0.1" },
  },
});

const line = await loadLine(options.line);
const keys = await generateKeys(line);
const state = new PeerState();
await keepLog(line, state);
watchFetch(state);

const server = createServer();
await new Promise((resolve, reject) => {
  server.once("error", reject);
  server.listen(Number(options.port), options.host, resolve);
});
const { port } = server.address();
const base = `http://${options.host}:${port}`;

const parts = { line, state, keys, base };
parts.federated = buildFederation(parts);
parts.publisher = buildPublisher(parts);
const control = buildControl(parts);
server.on("request", requestHandler({ ...parts, control }));

process.on("SIGTERM", () => process.exit(0));
// The test that started the peer holds the other end: when it dies, so does the peer.
process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0)).resume();

console.log(JSON.stringify({ ready: true, port, line: line.name, version: line.version }));

async function keepLog({ logtape }, { log }) {
  const sink = ({ level, category, message, properties }) => {
    const words = message.map((part) => (typeof part === "string" ? part : JSON.stringify(part) ?? String(part)));
    const entry = { level, category: category.join("."), message: words.join("") };
    if (properties.error != null) entry.error = String(properties.error);
    log.add(entry);
  };
  await logtape.configure({
    sinks: { journal: sink },
    loggers: [
      { category: "fedify", lowestLevel: "debug", sinks: ["journal"] },
      { category: ["logtape", "meta"], lowestLevel: "fatal", sinks: [] },
    ],
  });
}
