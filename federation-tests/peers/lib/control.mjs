// The control API: what a test tells the peer to do and what it asks about. The table is in README.md.
import { ACTORS } from "./actors.mjs";
import { describe, typeName } from "./federation.mjs";
import { buildHostile, CASES } from "./hostile.mjs";
import { withExchanges } from "./outgoing.mjs";

export function buildControl(parts) {
  const { line, state, base, federated, publisher } = parts;
  const { vocab } = line;
  const { hostile, sendRaw } = buildHostile(parts);
  const { ctx } = publisher;

  const journal = (entries) => ({ query }) => ({ items: entries.since(Number(query.get("since") ?? 0)), last: entries.last });

  const reads = {
    actors: () => ({
      base,
      actors: Object.fromEntries(Object.entries(ACTORS).map(([name, { type }]) => [name, {
        id: ctx.getActorUri(name).href,
        handle: `@${name}@${new URL(base).host}`,
        type,
        inbox: ctx.getInboxUri(name).href,
        sharedInbox: ctx.getInboxUri().href,
        followers: ctx.getFollowersUri(name).href,
      }])),
    }),
    received: journal(state.received),
    requests: journal(state.requests),
    sent: journal(state.sent),
    log: journal(state.log),
    failures: journal(state.failures),
    state: ({ query }) => peerState(query.get("as")),
    note: ({ query }) => noteState(query.get("id")),
    hostile: () => ({ cases: Object.entries(CASES).map(([name, { expect }]) => ({ case: name, expect })) }),
  };

  const writes = {
    reset: () => (state.clearRecords(), {}),
    lookup: async (body) => describe(line, await lookUp(body)),
    fetch: fetchObject,
    collection: readCollection,
    follow: async ({ as = "alice", shared, ...target }) =>
      await publisher.follow({ as, shared, target: await lookUpActor({ as, ...target }) }),
    unfollow: async ({ activity }) => await publisher.undo(activity),
    undo: async ({ activity }) => await publisher.undo(activity),
    answer: async ({ follow, with: answer = "accept" }) => ({
      activity: await federated.answerFollow(follow, answer === "accept" ? vocab.Accept : vocab.Reject),
    }),
    reply: async (body) => await publisher.note({ as: "alice", ...body }),
    note: async (body) => await publisher.note({ as: "alice", ...body }),
    edit: publisher.edit,
    delete: publisher.remove,
    "delete-actor": publisher.removeActor,
    like: async (body) => await publisher.react("Like", { as: "alice", ...body }),
    dislike: async (body) => await publisher.react("Dislike", { as: "alice", ...body }),
    boost: async (body) => await publisher.react("Announce", { as: "alice", ...body }),
    vote: async (body) => await publisher.vote({ as: "alice", ...body }),
    article: publisher.article,
    announce: publisher.announce,
    hostile,
    raw: sendRaw,
    refuse: ({ scheme = null }) => {
      state.refusedScheme = scheme;
      return {};
    },
    verify: verifyDocument,
    seal: sealActivity,
  };

  /** What Fedify says of the proof in a document: whose word it is, or null. */
  async function verifyDocument({ document, as = "alice" }) {
    const documentLoader = await publisher.loaderFor(as);
    const options = { documentLoader, contextLoader: ctx.contextLoader };
    const object = await line.fedify.verifyObject(vocab.Object, document, options);
    return { verified: object?.id?.href ?? null, type: object == null ? null : typeName(line, object) };
  }

  /** An activity made here, as JSON with the proof of its actor. */
  async function sealActivity({ activity }) {
    const entry = state.activities.get(activity);
    if (entry == null) throw new Error(`no activity ${activity} was made here`);
    const pairs = await ctx.getActorKeyPairs(entry.as);
    const pair = pairs.find(({ privateKey }) => privateKey.algorithm.name === "Ed25519");
    const options = { contextLoader: ctx.contextLoader };
    const signed = await line.fedify.signObject(entry.activity, pair.privateKey, pair.multikey.id, options);
    const document = await signed.toJsonLd({ format: "compact", contextLoader: ctx.contextLoader });
    return { document: line.spellsPublicOut ? spelledOut(document) : document };
  }

  /** Fedify signs and sends "everybody" by its full name and writes the short one. */
  const spelledOut = (document) =>
    JSON.parse(JSON.stringify(document).replaceAll('"as:Public"', JSON.stringify(vocab.PUBLIC_COLLECTION.href)));

  async function lookUp({ as = "alice", handle, uri }) {
    const identifier = handle ?? uri;
    if (identifier == null) throw new Error("handle or uri is missing");
    const documentLoader = await publisher.loaderFor(as);
    const found = await ctx.lookupObject(identifier, { documentLoader });
    if (found == null) throw new Error(`Fedify found nothing at ${identifier}`);
    return found;
  }

  async function lookUpActor(body) {
    const found = await lookUp(body);
    if (!vocab.isActor(found)) throw new Error(`${found.id?.href} is not an actor but a ${typeName(line, found)}`);
    return found;
  }

  async function fetchObject({ as = "alice", uri }) {
    const { object, document, documentUrl } = await publisher.load(as, uri);
    return { ...describe(line, object), documentUrl, raw: document };
  }

  /** Walks a collection page by page, as Fedify does it for an application. */
  async function readCollection({ as = "alice", uri, limit = 200 }) {
    const { object } = await publisher.load(as, uri);
    const loaders = { documentLoader: await publisher.loaderFor(as), contextLoader: ctx.contextLoader };
    const items = [];
    for await (const item of ctx.traverseCollection(object, loaders)) {
      items.push(item instanceof URL ? { id: item.href } : { id: item.id?.href ?? null, type: typeName(line, item) });
      if (items.length >= limit) break;
    }
    return { totalItems: object.totalItems, items };
  }

  function peerState(as) {
    const names = as == null ? Object.keys(ACTORS) : [as];
    return {
      followers: Object.fromEntries(names.map((name) => [name, [...state.followersOf(name).keys()]])),
      following: [...state.following]
        .filter(([, follow]) => names.includes(follow.as))
        .map(([activity, follow]) => ({ activity, ...follow })),
      pendingFollows: [...state.pendingFollows.keys()],
    };
  }

  function noteState(id) {
    const entry = state.notes.get(id);
    if (entry == null) throw new Error(`no note ${id} was made here`);
    const { deleted, updates, as } = entry;
    return { id, as, deleted, updates, content: entry.object.content?.toString() ?? null };
  }

  async function run(method, url, bytes) {
    const name = url.pathname.slice("/control/".length);
    const handler = (method === "GET" ? reads : writes)[name];
    if (handler == null) throw new Error(`no control call ${method} ${name}`);
    if (method === "GET") return await handler({ query: url.searchParams });
    const text = bytes.toString("utf8");
    return await handler(text === "" ? {} : JSON.parse(text));
  }

  return async function control(method, url, bytes) {
    const logMark = state.log.last;
    const { value, error, exchanges } = await withExchanges(() => run(method, url, bytes));
    if (method === "GET" && error == null) return { ok: true, ...value };
    if (error == null) return { ok: true, ...value, exchanges };
    return {
      ok: false,
      error: error.message ?? String(error),
      exchanges,
      // Fedify tells the reason of most failures to its log only.
      log: state.log.since(logMark).filter((entry) => entry.level !== "debug" || entry.error != null).slice(-20),
    };
  };
}
