// Everything a peer remembers while it runs. Nothing is kept on disk.

const KEPT_RECORDS = 2000;

/** A list that forgets its oldest entries; `n` keeps counting, so a reader notices gaps. */
export class Journal {
  #next = 1;
  entries = [];

  add(entry) {
    const record = { n: this.#next++, at: new Date().toISOString(), ...entry };
    this.entries.push(record);
    if (this.entries.length > KEPT_RECORDS) this.entries.shift();
    return record;
  }

  since(n) {
    return this.entries.filter((entry) => entry.n > n);
  }

  get last() {
    return this.#next - 1;
  }

  clear() {
    this.entries = [];
  }
}

export class PeerState {
  /** Activities that passed Fedify's verification. */
  received = new Journal();
  /** Requests that reached the peer, control calls excepted. */
  requests = new Journal();
  /** Requests that the peer made. */
  sent = new Journal();
  /** What Fedify logged: the reasons for its refusals are only there. */
  log = new Journal();
  /** Work that failed after the answer was already given. */
  failures = new Journal();

  /** Documents served by id: `{status, json}`. */
  documents = new Map();
  /** Activities made here by id: `{as, activity, recipients}`, needed to undo them. */
  activities = new Map();
  /** Notes and articles made here by id. */
  notes = new Map();
  /** Per actor name: follower id → recipient. */
  followers = new Map();
  /** Follows sent, by activity id: `{as, target, state}`. */
  following = new Map();
  /** Follows received and not yet answered, by activity id. */
  pendingFollows = new Map();

  /** `draft-cavage` or `rfc9421`: requests signed so are answered with 401. */
  refusedScheme = null;

  followersOf(name) {
    if (!this.followers.has(name)) this.followers.set(name, new Map());
    return this.followers.get(name);
  }

  clearRecords() {
    for (const journal of [this.received, this.requests, this.sent, this.log, this.failures]) {
      journal.clear();
    }
  }
}
