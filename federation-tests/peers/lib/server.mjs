// Between Node's HTTP server and Fedify: control calls, documents made here, and everything else.
import { ACTORS } from "./actors.mjs";
import { currentDelivery } from "./federation.mjs";
import { signatureKind } from "./outgoing.mjs";

export const ACTIVITY_JSON = "application/activity+json";
const MAX_BODY = 4 * 1024 * 1024;

export function requestHandler({ state, base, federated, control }) {
  return async (incoming, outgoing) => {
    try {
      const body = await readBody(incoming);
      const url = new URL(incoming.url, base);
      if (url.pathname.startsWith("/control/")) {
        return reply(outgoing, 200, await control(incoming.method, url, body), "application/json");
      }
      outgoing.on("finish", () => state.requests.add({
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
        status: outgoing.statusCode,
      }));
      if (state.refusedScheme != null && signatureKind(incoming.headers) === state.refusedScheme) {
        return reply(outgoing, 401, { error: `no ${state.refusedScheme} here` }, "application/json");
      }
      const stored = incoming.method === "GET" ? storedDocument(url) : null;
      if (stored != null) return reply(outgoing, stored.status, stored.json, ACTIVITY_JSON);
      await relay(await federatedResponse(incoming, url, body), outgoing);
    } catch (error) {
      state.failures.add({ where: "server", error: String(error.stack ?? error) });
      if (!outgoing.headersSent) outgoing.writeHead(500);
      outgoing.end();
    }
  };

  // An id with a query of its own never occurs here, so the path decides.
  function storedDocument(url) {
    return state.documents.get(base + url.pathname);
  }

  async function federatedResponse(incoming, url, body) {
    // The address as the client wrote it: an RFC 9421 signature may cover it.
    const seen = new URL(incoming.url, `http://${incoming.headers.host ?? url.host}`);
    const copy = () => new Request(seen, {
      method: incoming.method,
      headers: headersOf(incoming),
      body: body.length > 0 ? body : undefined,
    });
    const request = copy();
    const notFound = () => new Response("Not found", { status: 404 });
    return await currentDelivery.run({ request, copy, body }, () =>
      federated.federation.fetch(request, { contextData: null, onNotFound: notFound, onNotAcceptable: page }));
  }

  /** What a browser gets: enough that a link leads somewhere. */
  function page(request) {
    const name = new URL(request.url).pathname.split("/")[2];
    const title = ACTORS[name]?.name ?? "A test peer";
    return new Response(`<!doctype html><title>${title}</title><h1>${title}</h1>`, {
      headers: { "content-type": "text/html; charset=utf-8", vary: "accept" },
    });
  }
}

async function readBody(incoming) {
  const chunks = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error("request body too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// From the raw list, so that a header that came twice is seen twice.
function headersOf(incoming) {
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i], incoming.rawHeaders[i + 1]);
  }
  return headers;
}

function reply(outgoing, status, json, type) {
  const text = Buffer.from(JSON.stringify(json));
  outgoing.writeHead(status, { "content-type": type, "content-length": text.length, vary: "accept" });
  outgoing.end(text);
}

async function relay(response, outgoing) {
  const body = Buffer.from(await response.arrayBuffer());
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(body);
}
