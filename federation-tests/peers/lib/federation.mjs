// The federated side of a peer: actors, collections and the inbox, all by Fedify.
import { AsyncLocalStorage } from "node:async_hooks";
import { ACTORS } from "./actors.mjs";
import { signatureKind } from "./outgoing.mjs";

const PATHS = {
  actor: "/users/{identifier}",
  inbox: "/users/{identifier}/inbox",
  sharedInbox: "/inbox",
  outbox: "/users/{identifier}/outbox",
  followers: "/users/{identifier}/followers",
  following: "/users/{identifier}/following",
};

/** The request being answered: the inbox listener reads the body from here, byte for byte as it came. */
export const currentDelivery = new AsyncLocalStorage();

export function buildFederation({ line, state, keys, base }) {
  const { fedify, vocab } = line;

  // Fedify keeps unsigned fetches for minutes; a test that edits a document must see the edit.
  class UncachedDocuments extends fedify.MemoryKvStore {
    async set(key, ...rest) {
      if (key.includes("remoteDocument")) return;
      await super.set(key, ...rest);
    }
  }

  // Without a queue every delivery happens at once, and its failure reaches the caller.
  const federation = fedify.createFederation({
    kv: new UncachedDocuments(),
    allowPrivateAddress: true,
    firstKnock: line.firstKnock,
    origin: base,
  });

  federation
    .setActorDispatcher(PATHS.actor, (ctx, name) => actorDocument(ctx, name))
    .setKeyPairsDispatcher((_ctx, name) => keys[name]?.pairs ?? [])
    .mapHandle((_ctx, username) => (username in ACTORS ? username : null));

  async function actorDocument(ctx, name) {
    const about = ACTORS[name];
    if (about == null) return null;
    const pairs = await ctx.getActorKeyPairs(name);
    const ActorClass = vocab[about.type];
    return new ActorClass({
      id: ctx.getActorUri(name),
      preferredUsername: name,
      name: about.name,
      summary: `<p>${about.name} of ${line.name}</p>`,
      url: ctx.getActorUri(name),
      inbox: ctx.getInboxUri(name),
      outbox: ctx.getOutboxUri(name),
      followers: ctx.getFollowersUri(name),
      following: ctx.getFollowingUri(name),
      endpoints: new vocab.Endpoints({ sharedInbox: ctx.getInboxUri() }),
      manuallyApprovesFollowers: !about.acceptsFollows,
      publicKey: pairs[0].cryptographicKey,
      assertionMethods: pairs.map((pair) => pair.multikey),
    });
  }

  federation.setFollowersDispatcher(PATHS.followers, (_ctx, name) =>
    name in ACTORS ? { items: [...state.followersOf(name).values()] } : null);

  federation.setFollowingDispatcher(PATHS.following, (_ctx, name) => {
    if (!(name in ACTORS)) return null;
    const accepted = [...state.following.values()].filter((f) => f.as === name && f.state === "accepted");
    return { items: accepted.map((follow) => new URL(follow.target)) };
  });

  federation.setOutboxDispatcher(PATHS.outbox, (_ctx, name) => {
    if (!(name in ACTORS)) return null;
    const own = [...state.activities.values()].filter((a) => a.as === name && a.listed);
    return { items: own.map((entry) => entry.activity).reverse() };
  });

  federation.setNodeInfoDispatcher("/nodeinfo/2.1", () => ({
    software: { name: `veche-peer-${line.name}`, version: line.nodeInfoVersion },
    protocols: ["activitypub"],
    openRegistrations: false,
    usage: {
      users: { total: Object.keys(ACTORS).length },
      localPosts: state.notes.size,
      localComments: 0,
    },
  }));

  federation
    .setInboxListeners(PATHS.inbox, PATHS.sharedInbox)
    // Keys are fetched with a signed request, since a strict server answers no other.
    .setSharedKeyDispatcher(() => ({ identifier: "alice" }))
    .on(vocab.Activity, onActivity)
    .onError((_ctx, error) => state.failures.add({ where: "inbox", error: String(error.stack ?? error) }));

  const ownContext = () => federation.createContext(new URL(base), null);

  async function onActivity(ctx, activity) {
    const delivery = currentDelivery.getStore();
    const raw = JSON.parse(delivery.body.toString("utf8"));
    state.received.add({
      ...summary(activity, raw),
      inbox: new URL(delivery.request.url).pathname,
      signature: signatureKind(delivery.request.headers),
      httpVerified: await httpVerified(ctx, delivery, raw),
      ...(await parsedObject(ctx, activity, raw)),
      raw,
    });
    await react(ctx, activity);
  }

  function summary(activity, raw) {
    const object = raw.object;
    const embedded = object != null && typeof object === "object" && !Array.isArray(object);
    const inner = embedded ? object.object : null;
    return {
      type: typeName(line, activity),
      id: activity.id?.href ?? null,
      actor: activity.actorId?.href ?? null,
      objectId: activity.objectId?.href ?? null,
      objectType: embedded ? object.type ?? null : null,
      innerType: inner != null && typeof inner === "object" ? inner.type ?? null : null,
      hasProof: raw.proof != null,
      hasLdSignature: raw.signature != null,
    };
  }

  // Fedify is content with a proof inside the document and then never looks at the HTTP signature. The test
  // wants to know about both, so for such documents the HTTP signature is verified here as well.
  const verifiedKeys = new Map();
  const keyCache = {
    get: async (id) => verifiedKeys.get(id.href),
    set: async (id, key) => void verifiedKeys.set(id.href, key),
  };
  async function httpVerified(ctx, delivery, raw) {
    if (raw.proof == null && raw.signature == null) return true;
    try {
      const { documentLoader, contextLoader } = ctx;
      const key = await fedify.verifyRequest(delivery.copy(), { documentLoader, contextLoader, keyCache });
      return key != null;
    } catch {
      return false;
    }
  }

  /** What Fedify's vocabulary makes of an embedded object, without asking the network. */
  async function parsedObject(ctx, activity, raw) {
    if (raw.object == null || typeof raw.object !== "object") return { parsed: null };
    const documentLoader = async (url) => {
      throw new Error(`the object is not fully embedded: ${url}`);
    };
    try {
      const object = await activity.getObject({
        documentLoader,
        contextLoader: ctx.contextLoader,
        crossOrigin: "trust",
      });
      return { parsed: object == null ? null : describe(line, object) };
    } catch (error) {
      return { parsed: null, parseError: String(error) };
    }
  }

  async function react(ctx, activity) {
    if (activity instanceof vocab.Follow) await onFollow(ctx, activity);
    else if (activity instanceof vocab.Undo) await onUndo(ctx, activity);
    else if (activity instanceof vocab.Accept) onAnswer(activity, "accepted");
    else if (activity instanceof vocab.Reject) onAnswer(activity, "rejected");
  }

  async function onFollow(ctx, follow) {
    const target = follow.objectId == null ? null : ctx.parseUri(follow.objectId);
    if (target?.type !== "actor" || !(target.identifier in ACTORS)) return;
    const follower = await follow.getActor(ctx);
    if (follower?.inboxId == null) throw new Error("the follower has no inbox");
    const name = target.identifier;
    state.pendingFollows.set(follow.id.href, { name, follow, follower });
    if (!ACTORS[name].acceptsFollows) return;
    // Real servers answer a follow after they have answered the delivery.
    setImmediate(() => {
      answerFollow(follow.id.href, vocab.Accept).catch((error) =>
        state.failures.add({ where: "accept", error: String(error) }));
    });
  }

  /** Accepts or rejects a received follow, embedding it as it came. */
  async function answerFollow(followId, AnswerClass) {
    const pending = state.pendingFollows.get(followId);
    if (pending == null) throw new Error(`no open follow ${followId}`);
    const { name, follow, follower } = pending;
    const ctx = ownContext();
    const answer = new AnswerClass({
      id: new URL(`/activities/${crypto.randomUUID()}`, base),
      actor: ctx.getActorUri(name),
      to: follower.id,
      object: follow,
    });
    state.pendingFollows.delete(followId);
    if (AnswerClass === vocab.Accept) state.followersOf(name).set(follower.id.href, recipientOf(follower));
    else state.followersOf(name).delete(follower.id.href);
    await ctx.sendActivity({ identifier: name }, recipientOf(follower), answer);
    return answer.id.href;
  }

  async function onUndo(ctx, undo) {
    const { documentLoader, contextLoader } = ctx;
    const undone = await undo.getObject({ documentLoader, contextLoader, crossOrigin: "trust" });
    if (!(undone instanceof vocab.Follow) || undone.objectId == null) return;
    const target = ctx.parseUri(undone.objectId);
    if (target?.type !== "actor") return;
    // The actor of the Undo is the verified one; the embedded Follow is only a claim.
    state.followersOf(target.identifier).delete(undo.actorId.href);
    state.pendingFollows.delete(undone.id?.href);
  }

  function onAnswer(answer, verdict) {
    const follow = state.following.get(answer.objectId?.href);
    if (follow != null && follow.target === answer.actorId?.href) follow.state = verdict;
  }

  return { federation, ownContext, answerFollow };
}

/** Only what a delivery needs of a remote actor. */
export function recipientOf(actor) {
  return {
    id: actor.id,
    inboxId: actor.inboxId,
    endpoints: actor.endpoints?.sharedInbox == null ? null : { sharedInbox: actor.endpoints.sharedInbox },
  };
}

export function typeName(line, object) {
  return line.vocab.getTypeId(object).href.split(/[#/]/).pop();
}

const text = (value) => (value == null ? null : value.toString());

export function describe(line, object) {
  const about = {
    id: object.id?.href ?? null,
    type: typeName(line, object),
    name: text(object.name),
    summary: text(object.summary),
    content: text(object.content),
    attributedTo: object.attributionId?.href ?? null,
    inReplyTo: object.replyTargetId?.href ?? null,
    to: object.toIds.map((id) => id.href),
    cc: object.ccIds.map((id) => id.href),
    published: text(object.published),
    updated: text(object.updated),
    url: object.url instanceof URL ? object.url.href : object.url?.href?.href ?? null,
  };
  if (line.vocab.isActor(object)) {
    Object.assign(about, {
      preferredUsername: text(object.preferredUsername),
      inbox: object.inboxId?.href ?? null,
      sharedInbox: object.endpoints?.sharedInbox?.href ?? null,
      outbox: object.outboxId?.href ?? null,
      followers: object.followersId?.href ?? null,
      following: object.followingId?.href ?? null,
      publicKeys: object.publicKeyIds.map((id) => id.href),
    });
  }
  if ("totalItems" in object) about.totalItems = object.totalItems;
  if ("objectId" in object) {
    about.actor = object.actorId?.href ?? null;
    about.object = object.objectId?.href ?? null;
  }
  return about;
}
