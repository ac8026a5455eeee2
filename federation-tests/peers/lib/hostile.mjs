// The cases of `/control/hostile`. Each starts from a well-made request and spoils one thing.
import { draftSignature, httpDate, messageSignature, requestBytes, sendBytes, sha256 } from "./handmade.mjs";
import { ACTIVITY_JSON } from "./server.mjs";

const HOUR = 3_600_000;
const COVERED = ["(request-target)", "host", "date", "digest", "content-type"];
const without = (name) => COVERED.filter((covered) => covered !== name);

/**
 * `expect` is what a strict and compatible server does:
 *   accept – 2xx, and the activity takes effect (once);
 *   refuse – 4xx, and nothing takes effect;
 *   ignore – any answer below 500, and nothing takes effect;
 *   either – servers differ; only a 5xx would be wrong.
 * `change` gets the recipe of a well-made request and returns what is different.
 */
export const CASES = {
  valid: { expect: "accept" },
  replay: { expect: "accept", times: 2 },
  hs2019: { expect: "accept", change: () => ({ algorithm: "hs2019" }) },
  no_algorithm: { expect: "accept", change: () => ({ algorithm: null }) },
  lowercase_digest_name: { expect: "accept", change: (r) => ({ digest: r.digest.replace("SHA-256", "sha-256") }) },
  content_length_covered: { expect: "accept", change: () => ({ covered: [...COVERED, "content-length"] }) },
  without_content_type_covered: { expect: "accept", change: () => ({ covered: without("content-type") }) },
  ld_json_type: {
    expect: "accept",
    change: () => ({ contentType: 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"' }),
  },
  // Some servers sign the path with its query and some without: both are to be tried.
  query_target: { expect: "accept", change: (r) => ({ target: `${r.target}?from=peer` }) },
  query_target_unsigned: { expect: "accept", change: (r) => ({ target: `${r.target}?from=peer`, signedTarget: r.target }) },
  rfc9421_valid: { expect: "accept", style: "rfc9421" },
  created_instead_of_date: { expect: "either", change: createdInsteadOfDate },

  unsigned: { expect: "refuse", change: () => ({ sign: false }) },
  bad_signature: { expect: "refuse", change: () => ({ breakSignature: true }) },
  wrong_digest: { expect: "refuse", change: (r) => ({ sentBody: tampered(r.body) }) },
  missing_digest: { expect: "refuse", change: () => ({ digest: null, covered: without("digest") }) },
  digest_not_covered: { expect: "refuse", change: () => ({ covered: without("digest") }) },
  digest_not_covered_and_replaced: { expect: "refuse", change: digestReplaced },
  duplicate_digest: { expect: "refuse", change: duplicateDigest },
  stale_date: { expect: "refuse", change: () => ({ date: httpDate(-2 * HOUR) }) },
  future_date: { expect: "refuse", change: () => ({ date: httpDate(2 * HOUR) }) },
  no_date: { expect: "refuse", change: () => ({ date: null, covered: without("date") }) },
  date_not_covered: { expect: "refuse", change: () => ({ covered: without("date") }) },
  no_request_target: { expect: "refuse", change: () => ({ covered: without("(request-target)") }) },
  host_not_covered: { expect: "refuse", change: () => ({ covered: without("host") }) },
  other_path_signed: { expect: "refuse", change: () => ({ signedTarget: "/elsewhere" }) },
  other_method_signed: { expect: "refuse", change: () => ({ signedMethod: "get" }) },
  other_host_signed: { expect: "refuse", change: () => ({ signedHost: "other.invalid" }) },
  unknown_key: { expect: "refuse", change: (r) => ({ keyId: `${r.base}/users/nobody#main-key` }) },
  key_not_an_url: { expect: "refuse", change: () => ({ keyId: "main-key" }) },
  // The key of one actor and the name of another on the same host.
  foreign_owner: { expect: "refuse", change: (r) => ({ signer: r.other, keyId: r.keyIdOf(r.other) }) },
  // The same, but the activity can be fetched at its id: a server may believe its origin.
  forwarded_fetchable: {
    expect: "either",
    fetchable: true,
    change: (r) => ({ signer: r.other, keyId: r.keyIdOf(r.other) }),
  },
  // Signed with the other's key, claiming to be the own one.
  foreign_key_claimed: { expect: "refuse", change: (r) => ({ signer: r.other }) },
  foreign_host_actor: { expect: "refuse", activity: (r) => ({ actor: r.foreignActor }) },
  foreign_host_id: { expect: "ignore", activity: () => ({ id: "http://other.invalid/activities/1" }) },
  rfc9421_no_digest: { expect: "refuse", style: "rfc9421", change: () => ({ messageCovered: ["@method", "@target-uri"] }) },
  rfc9421_wrong_digest: { expect: "refuse", style: "rfc9421", change: (r) => ({ sentBody: tampered(r.body) }) },
  rfc9421_stale: { expect: "refuse", style: "rfc9421", change: () => ({ createdOffsetMs: -2 * HOUR }) },

  not_json: { expect: "refuse", change: () => ({ body: Buffer.from("{not json") }) },
  empty_body: { expect: "refuse", change: () => ({ body: Buffer.alloc(0) }) },
  array_body: { expect: "refuse", change: () => ({ body: Buffer.from("[]") }) },
  no_actor: { expect: "refuse", activity: () => ({ actor: undefined }) },
  no_id: { expect: "ignore", activity: () => ({ id: undefined }) },
  deeply_nested: { expect: "ignore", activity: (r) => ({ object: nested(400, r.object) }) },
  too_large: { expect: "refuse", activity: () => ({ content: "x".repeat(2 * 1024 * 1024) }) },
};

function tampered(body) {
  // Of the same length, so that only the digest can tell.
  return Buffer.from(body.toString("utf8").replace('"Like"', '"Flag"'));
}

function digestReplaced(recipe) {
  const body = tampered(recipe.body);
  return { covered: without("digest"), sentBody: body, sentDigest: `SHA-256=${sha256(body)}` };
}

// One digest fits the signature and the other the body: a server that checks each against another header is fooled.
function duplicateDigest(recipe) {
  const body = tampered(recipe.body);
  return { sentBody: body, extraHeaders: [["Digest", `SHA-256=${sha256(body)}`]] };
}

function createdInsteadOfDate() {
  const created = Math.floor(Date.now() / 1000);
  return {
    algorithm: "hs2019",
    covered: ["(request-target)", "(created)", "host", "digest"],
    params: { created, expires: created + 300 },
    extraValues: { "(created)": String(created) },
  };
}

function nested(depth, innermost) {
  let value = innermost;
  for (let i = 0; i < depth; i++) value = { type: "Like", object: value };
  return value;
}

export function buildHostile({ state, keys, base, publisher }) {
  const actorId = (name) => publisher.ctx.getActorUri(name).href;
  const keyIdOf = (name) => `${actorId(name)}#main-key`;

  /** `activity` replaces the Like; its id is made fresh when it has none. */
  async function hostile({ case: name, inbox, object, as = "alice", other = "bob", activity, foreignActor }) {
    const about = CASES[name];
    if (about == null) throw new Error(`unknown case ${name}; known: ${Object.keys(CASES).join(", ")}`);
    const id = publisher.newId("activities").href;
    const shared = {
      base, keyIdOf, as, other, object,
      foreignActor: foreignActor ?? "http://other.invalid/users/mallory",
    };
    const document = {
      "@context": "https://www.w3.org/ns/activitystreams",
      id,
      type: "Like",
      actor: actorId(as),
      object,
      ...activity,
      ...about.activity?.(shared),
    };
    if (about.fetchable || about.expect === "accept") state.documents.set(document.id, { status: 200, json: document });
    const bytes = write(wellMade({ ...shared, inbox, document }), about);
    const answers = [];
    for (let i = 0; i < (about.times ?? 1); i++) answers.push(await sendBytes(inbox, bytes));
    const statuses = answers.map((answer) => answer.status);
    return {
      case: name,
      expect: about.expect,
      activity: document.id ?? null,
      status: statuses[0],
      statuses,
      body: answers.at(-1).body,
    };
  }

  function wellMade({ inbox, document, ...shared }) {
    const { host, pathname, search } = new URL(inbox);
    return {
      ...shared,
      inbox,
      host,
      target: pathname + search,
      signer: shared.as,
      keyId: keyIdOf(shared.as),
      body: Buffer.from(JSON.stringify(document)),
      date: httpDate(),
      contentType: ACTIVITY_JSON,
      covered: COVERED,
      algorithm: "rsa-sha256",
      sign: true,
    };
  }

  function write(base, { change, style = "draft" }) {
    const prepared = { ...base, digest: `SHA-256=${sha256(base.body)}` };
    const recipe = { ...prepared, ...change?.(prepared) };
    if (recipe.body !== base.body) recipe.digest = `SHA-256=${sha256(recipe.body)}`;
    const headers = style === "draft" ? draftHeaders(recipe) : messageHeaders(recipe);
    return requestBytes({ target: recipe.target, headers, body: recipe.sentBody ?? recipe.body });
  }

  function commonHeaders(recipe) {
    const body = recipe.sentBody ?? recipe.body;
    return [
      ["Host", recipe.host],
      ["User-Agent", "veche-test-peer/1.0"],
      ["Content-Type", recipe.contentType],
      ["Content-Length", body.length],
      ["Connection", "close"],
    ];
  }

  function draftHeaders(recipe) {
    const headers = commonHeaders(recipe);
    if (recipe.date != null) headers.push(["Date", recipe.date]);
    if (recipe.digest != null) headers.push(["Digest", recipe.sentDigest ?? recipe.digest]);
    headers.push(...(recipe.extraHeaders ?? []));
    if (!recipe.sign) return headers;
    const signature = draftSignature({
      ...recipe,
      key: keys[recipe.signer].rsa,
      values: {
        "(request-target)": `${recipe.signedMethod ?? "post"} ${recipe.signedTarget ?? recipe.target}`,
        host: recipe.signedHost ?? recipe.host,
        date: recipe.date,
        digest: recipe.digest,
        "content-type": recipe.contentType,
        "content-length": recipe.body.length,
        ...recipe.extraValues,
      },
    });
    headers.push(["Signature", recipe.breakSignature ? broken(signature) : signature]);
    return headers;
  }

  function messageHeaders(recipe) {
    const digest = `sha-256=:${sha256(recipe.body)}:`;
    const signature = messageSignature({
      key: keys[recipe.signer].rsa,
      keyId: recipe.keyId,
      covered: recipe.messageCovered ?? ["@method", "@target-uri", "content-digest"],
      values: { "@method": "POST", "@target-uri": recipe.inbox, "content-digest": digest },
      created: Math.floor((Date.now() + (recipe.createdOffsetMs ?? 0)) / 1000),
    });
    return [...commonHeaders(recipe), ["Date", recipe.date], ["Content-Digest", digest], ...signature];
  }

  const broken = (header) => header.replace(/signature="(.)/, (_all, first) => `signature="${first === "A" ? "B" : "A"}`);

  /** Any activity, well signed: for what the fixed calls do not cover. */
  async function sendRaw({ as = "alice", inbox, activity, sign = "draft-cavage", fetchable = false }) {
    const document = { "@context": "https://www.w3.org/ns/activitystreams", ...activity };
    document.id ??= publisher.newId("activities").href;
    document.actor ??= actorId(as);
    if (fetchable) state.documents.set(document.id, { status: 200, json: document });
    const recipe = { ...wellMade({ base, as, inbox, document }), sign: sign !== "none" };
    const bytes = write(recipe, { style: sign === "rfc9421" ? "rfc9421" : "draft" });
    const { status, body } = await sendBytes(inbox, bytes);
    return { status, body, activity: document.id };
  }

  return { hostile, sendRaw };
}
