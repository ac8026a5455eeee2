// Watches what Fedify sends. Both lines call the global `fetch`, so one wrapper sees everything,
// the two knocks of a delivery included.
import { AsyncLocalStorage } from "node:async_hooks";

const currentCall = new AsyncLocalStorage();

/** Runs `work` and returns its result together with the requests made on its behalf. */
export async function withExchanges(work) {
  const exchanges = [];
  const result = await currentCall.run(exchanges, async () => {
    try {
      return { value: await work() };
    } catch (error) {
      return { error };
    }
  });
  return { ...result, exchanges };
}

export function signatureKind(headers) {
  const get = (name) => (headers instanceof Headers ? headers.get(name) : headers[name]);
  if (get("signature-input")) return "rfc9421";
  return get("signature") ? "draft-cavage" : "none";
}

/** Fedify asks for handles over https always; a test host has no certificate. */
function reachable(url) {
  const parsed = new URL(url);
  const loopback = ["127.0.0.1", "localhost", "[::1]"].includes(parsed.hostname);
  if (loopback && parsed.protocol === "https:" && parsed.pathname === "/.well-known/webfinger") {
    parsed.protocol = "http:";
  }
  return parsed.href;
}

export function watchFetch(state) {
  const realFetch = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const isRequest = input instanceof Request;
    const asked = isRequest ? input.url : String(input);
    const url = reachable(asked);
    const method = init?.method ?? (isRequest ? input.method : "GET");
    const headers = new Headers(init?.headers ?? (isRequest ? input.headers : undefined));
    const exchange = { method, url, signature: signatureKind(headers), status: null, error: null };
    currentCall.getStore()?.push(exchange);
    try {
      const response = await realFetch(isRequest ? input : url, init);
      exchange.status = response.status;
      return response;
    } catch (error) {
      exchange.error = String(error.cause ?? error);
      throw error;
    } finally {
      state.sent.add(exchange);
    }
  };
}
