// Requests signed and written by hand, byte for byte: what a careless or hostile server would send.
import { createHash, sign } from "node:crypto";
import { connect } from "node:net";

const ANSWER_DEADLINE_MS = 15_000;

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("base64");
export const httpDate = (offsetMs = 0) => new Date(Date.now() + offsetMs).toUTCString();

const rsaSha256 = (text, key) => sign("sha256", Buffer.from(text), key).toString("base64");

/**
 * A `Signature` header of the draft. `values` maps lower-case names to what is signed for them, which
 * may differ from what is sent: that is the point of half the cases.
 */
export function draftSignature({ key, keyId, covered, values, algorithm, params = {} }) {
  const text = covered.map((name) => `${name}: ${values[name]}`).join("\n");
  const extra = Object.entries(params).map(([name, value]) => `,${name}=${value}`).join("");
  const label = algorithm == null ? "" : `algorithm="${algorithm}",`;
  const signature = rsaSha256(text, key);
  return `keyId="${keyId}",${label}headers="${covered.join(" ")}"${extra},signature="${signature}"`;
}

/** The two headers of an RFC 9421 signature. */
export function messageSignature({ key, keyId, covered, values, created, alg = "rsa-v1_5-sha256" }) {
  const input = `(${covered.map((name) => `"${name}"`).join(" ")});created=${created};keyid="${keyId}";alg="${alg}"`;
  const lines = covered.map((name) => `"${name}": ${values[name]}`);
  const text = [...lines, `"@signature-params": ${input}`].join("\n");
  return [["Signature-Input", `sig1=${input}`], ["Signature", `sig1=:${rsaSha256(text, key)}:`]];
}

export function requestBytes({ method = "POST", target, headers, body = Buffer.alloc(0) }) {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]);
}

/** Sends the bytes as they are; no HTTP client stands between that would mend them. */
export async function sendBytes(url, bytes) {
  const { hostname, port } = new URL(url);
  return await new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port || 80) });
    const chunks = [];
    socket.setTimeout(ANSWER_DEADLINE_MS, () => socket.destroy(new Error("no answer in time")));
    socket.on("connect", () => socket.write(bytes));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", (error) => {
      // A server may refuse a large body by answering early and closing: the answer counts.
      const answer = parseAnswer(chunks);
      answer == null ? reject(error) : resolve(answer);
    });
    socket.on("close", () => {
      const answer = parseAnswer(chunks);
      answer == null ? reject(new Error("closed without an answer")) : resolve(answer);
    });
  });
}

function parseAnswer(chunks) {
  const text = Buffer.concat(chunks).toString("utf8");
  const match = /^HTTP\/1\.[01] (\d{3})/.exec(text);
  if (match == null) return null;
  const split = text.indexOf("\r\n\r\n");
  return { status: Number(match[1]), body: split < 0 ? "" : text.slice(split + 4).slice(0, 2000) };
}
