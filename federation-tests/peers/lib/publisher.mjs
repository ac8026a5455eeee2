// What the actors of a peer say and do: activities built with Fedify's vocabulary, kept by id, delivered by Fedify.
import { recipientOf, typeName } from "./federation.mjs";

export function buildPublisher({ line, state, base, federated }) {
  const { vocab, Temporal } = line;
  const ctx = federated.ownContext();

  const newId = (kind) => new URL(`/${kind}/${crypto.randomUUID()}`, base);
  const now = () => Temporal.Now.instant();
  const actorUri = (as) => ctx.getActorUri(as);
  const loaderFor = (as) => ctx.getDocumentLoader({ identifier: as });

  /** Fetches with a signature of `as`; a refusal is an error that names the status. */
  async function load(as, uri) {
    const documentLoader = await loaderFor(as);
    const { document, documentUrl } = await documentLoader(new URL(uri).href);
    const object = await vocab.Object.fromJsonLd(document, {
      documentLoader,
      contextLoader: ctx.contextLoader,
      baseUrl: new URL(documentUrl),
    });
    return { object, document, documentUrl };
  }

  async function loadActor(as, uri) {
    const { object } = await load(as, uri);
    if (!vocab.isActor(object)) throw new Error(`${uri} is not an actor but a ${typeName(line, object)}`);
    return object;
  }

  async function jsonOf(object) {
    return await object.toJsonLd({ format: "compact", contextLoader: ctx.contextLoader });
  }

  async function serve(object, status = 200) {
    state.documents.set(object.id.href, { status, json: await jsonOf(object) });
  }

  /** Keeps the activity where its id leads, and so that it can be undone. */
  async function keep(as, activity, recipients, { listed = false } = {}) {
    await serve(activity);
    state.activities.set(activity.id.href, { as, activity, recipients, listed });
    return activity.id.href;
  }

  async function send(as, activity, recipients, { shared = true } = {}) {
    await ctx.sendActivity({ identifier: as }, recipients, activity, { preferSharedInbox: shared });
  }

  const inboxRecipients = (inboxes) =>
    inboxes.map((inbox) => ({ id: new URL(inbox), inboxId: new URL(inbox), endpoints: null }));

  const audienceOf = (as) => ({ to: vocab.PUBLIC_COLLECTION, followers: ctx.getFollowersUri(as) });

  async function follow({ as, target, shared }) {
    const activity = new vocab.Follow({
      id: newId("activities"),
      actor: actorUri(as),
      object: target.id,
      to: target.id,
    });
    const recipients = [recipientOf(target)];
    await keep(as, activity, recipients);
    // Before it is sent: the answer may come while the delivery is still open.
    state.following.set(activity.id.href, { as, target: target.id.href, state: "pending" });
    await send(as, activity, recipients, { shared });
    return { activity: activity.id.href, target: target.id.href };
  }

  async function undo(id) {
    const entry = state.activities.get(id);
    if (entry == null) throw new Error(`no activity ${id} was made here`);
    const { as, activity, recipients } = entry;
    const undone = new vocab.Undo({
      id: newId("activities"),
      actor: actorUri(as),
      object: activity,
      tos: activity.toIds,
      ccs: activity.ccIds,
    });
    await keep(as, undone, recipients);
    state.following.delete(id);
    await send(as, undone, recipients);
    return { activity: undone.id.href, undone: id };
  }

  /** The author of an object and where to reach them. */
  async function authorOf(as, object) {
    const id = vocab.isActor(object) ? object.id : object.attributionId;
    if (id == null) throw new Error(`${object.id?.href} names no author`);
    return await loadActor(as, id.href);
  }

  /** Given inboxes win over the author's, so that a test can choose where a thing goes. */
  async function recipientsFor(as, objectUri, inboxes) {
    if (inboxes?.length > 0) return { recipients: inboxRecipients(inboxes), author: null };
    const { object } = await load(as, objectUri);
    const author = await authorOf(as, object);
    return { recipients: [recipientOf(author)], author: author.id };
  }

  async function react(kind, { as, object, inbox, content, shared }) {
    const { recipients, author } = await recipientsFor(as, object, inbox && [inbox]);
    const values = { id: newId("activities"), actor: actorUri(as), object: new URL(object), published: now() };
    if (author != null) values.ccs = [author];
    if (kind === "Announce") {
      const { to, followers } = audienceOf(as);
      values.to = to;
      values.ccs = [followers, ...(values.ccs ?? [])];
    }
    if (content != null) values.content = content;
    const activity = new vocab[kind](values);
    await keep(as, activity, recipients, { listed: kind === "Announce" });
    await send(as, activity, recipients, { shared });
    return { activity: activity.id.href };
  }

  async function mentionOf(actor) {
    const name = actor.preferredUsername?.toString() ?? "somebody";
    return new vocab.Mention({ href: actor.id, name: `@${name}@${actor.id.host}` });
  }

  /** A note in answer to `inReplyTo`, or one of its own when there is none. */
  async function note(options) {
    const { as, inReplyTo, content, name, to: inboxes, hashtags = [], audience, deliver = true, shared } = options;
    const { to, followers } = audienceOf(as);
    const tags = hashtags.map((tag) => new vocab.Hashtag({ name: `#${tag}`, href: new URL(`/tags/${tag}`, base) }));
    const ccs = [];
    let recipients = inboxRecipients(inboxes ?? []);
    // The parent is read only when its author must be reached: a reply to something unknown is possible too.
    if (inReplyTo != null && options.mention !== false) {
      const parent = await load(as, inReplyTo);
      const author = await authorOf(as, parent.object);
      ccs.push(author.id);
      tags.unshift(await mentionOf(author));
      if (recipients.length === 0) recipients = [recipientOf(author)];
    }
    if (inReplyTo == null && inboxes == null) recipients = [...state.followersOf(as).values()];
    if (audience != null) ccs.push(new URL(audience));
    const values = {
      id: newId("notes"),
      attribution: actorUri(as),
      to,
      ccs: [followers, ...ccs],
      content,
      published: now(),
      tags,
    };
    if (inReplyTo != null) values.replyTarget = new URL(inReplyTo);
    if (audience != null) values.audience = new URL(audience);
    if (name != null) values.name = name;
    const made = new vocab.Note(values);
    return await createAndSend({ as, object: made, recipients, deliver, shared });
  }

  async function createAndSend({ as, object, recipients, deliver, shared }) {
    const activity = new vocab.Create({
      id: newId("activities"),
      actor: actorUri(as),
      object,
      tos: object.toIds,
      ccs: object.ccIds,
      published: object.published,
    });
    state.notes.set(object.id.href, { as, object, recipients, deleted: false, updates: 0 });
    await serve(object);
    await keep(as, activity, recipients, { listed: true });
    if (deliver && recipients.length > 0) await send(as, activity, recipients, { shared });
    return { activity: activity.id.href, note: object.id.href };
  }

  /** One answer in a poll, in the form that Mastodon gives it. */
  async function vote({ as, question, name, inbox }) {
    const { object } = await load(as, question);
    const author = await authorOf(as, object);
    const recipients = inbox == null ? [recipientOf(author)] : inboxRecipients([inbox]);
    const id = newId("votes");
    const ballot = new vocab.Note({
      id,
      attribution: actorUri(as),
      to: author.id,
      name,
      replyTarget: new URL(question),
    });
    const activity = new vocab.Create({ id: newId("activities"), actor: actorUri(as), object: ballot, to: author.id });
    await send(as, activity, recipients);
    return { activity: activity.id.href, note: id.href };
  }

  function ownNote(id) {
    const entry = state.notes.get(id);
    if (entry == null) throw new Error(`no note ${id} was made here`);
    return entry;
  }

  async function edit({ note: id, content, name, to: inboxes, deliver = true }) {
    const entry = ownNote(id);
    const values = { updated: now() };
    if (content != null) values.content = content;
    if (name != null) values.name = name;
    entry.object = entry.object.clone(values);
    entry.updates += 1;
    await serve(entry.object);
    const activity = new vocab.Update({
      id: newId("activities"),
      actor: actorUri(entry.as),
      object: entry.object,
      tos: entry.object.toIds,
      ccs: entry.object.ccIds,
    });
    const recipients = inboxes == null ? entry.recipients : inboxRecipients(inboxes);
    await keep(entry.as, activity, recipients);
    if (deliver) await send(entry.as, activity, recipients);
    return { activity: activity.id.href, note: id };
  }

  async function remove({ note: id, to: inboxes, deliver = true }) {
    const entry = ownNote(id);
    const tombstone = new vocab.Tombstone({ id: new URL(id), deleted: now() });
    entry.deleted = true;
    await serve(tombstone, 410);
    const activity = new vocab.Delete({
      id: newId("activities"),
      actor: actorUri(entry.as),
      object: tombstone,
      to: vocab.PUBLIC_COLLECTION,
      ccs: entry.object.ccIds,
    });
    const recipients = inboxes == null ? entry.recipients : inboxRecipients(inboxes);
    await keep(entry.as, activity, recipients);
    if (deliver) await send(entry.as, activity, recipients);
    return { activity: activity.id.href, note: id };
  }

  /** The whole account goes: the actor answers 410 from now on, and with it its key. */
  async function removeActor({ as, to: inboxes }) {
    const id = actorUri(as);
    const activity = new vocab.Delete({
      id: newId("activities"),
      actor: id,
      object: id,
      to: vocab.PUBLIC_COLLECTION,
    });
    const recipients = inboxes == null ? [...state.followersOf(as).values()] : inboxRecipients(inboxes);
    await serve(new vocab.Tombstone({ id, deleted: now() }), 410);
    if (recipients.length > 0) await send(as, activity, recipients);
    return { activity: activity.id.href };
  }

  async function boardAnnounces(object) {
    const { to, followers } = audienceOf("board");
    const activity = new vocab.Announce({
      id: newId("activities"),
      actor: actorUri("board"),
      object,
      to,
      cc: followers,
      published: now(),
    });
    const recipients = [...state.followersOf("board").values()];
    await keep("board", activity, recipients, { listed: true });
    if (recipients.length > 0) await send("board", activity, recipients);
    return activity.id.href;
  }

  /** A proof on the inner activity lets its receiver believe it without fetching it. */
  async function withProof(as, activity) {
    if (!line.ed25519) return activity;
    const pair = (await ctx.getActorKeyPairs(as)).find((key) => key.privateKey.algorithm.name === "Ed25519");
    return await line.fedify.signObject(activity, pair.privateKey, pair.multikey.id, {
      contextLoader: ctx.contextLoader,
    });
  }

  async function article({ as = "alice", name, content, announce = true, toAuthorsFollowers = false }) {
    const { to, followers } = audienceOf(as);
    const board = actorUri("board");
    const id = newId("articles");
    const made = new vocab.Article({
      id,
      url: id,
      attribution: actorUri(as),
      audience: board,
      tos: [to, board],
      ccs: [followers],
      name,
      content,
      published: now(),
    });
    const create = await withProof(as, new vocab.Create({
      id: newId("activities"),
      actor: actorUri(as),
      object: made,
      audience: board,
      tos: [to, board],
      ccs: [followers],
      published: made.published,
    }));
    const boardFollowers = [...state.followersOf("board").values()];
    state.notes.set(id.href, { as, object: made, recipients: boardFollowers, deleted: false, updates: 0 });
    await serve(made);
    const authorsFollowers = [...state.followersOf(as).values()];
    await keep(as, create, authorsFollowers, { listed: true });
    if (toAuthorsFollowers && authorsFollowers.length > 0) await send(as, create, authorsFollowers);
    const ids = { create: create.id.href, article: id.href };
    if (announce) {
      ids.announceActivity = await boardAnnounces(create);
      ids.announceObject = await boardAnnounces(made.id);
    }
    return ids;
  }

  /** The group passes on what it was sent or what lives elsewhere. */
  async function announce({ object }) {
    const entry = state.activities.get(object);
    return { activity: await boardAnnounces(entry?.activity ?? new URL(object)) };
  }

  return {
    ctx, load, loadActor, loaderFor, follow, undo, react, note, vote, edit, remove, removeActor, article, announce,
    newId,
  };
}
