-- The portable subset: BIGINT ids minted by the program, BIGINT milliseconds for times, TEXT for
-- names and JSON, BOOLEAN, and one binary type. See docs/DATABASE.md.

-- What this database belongs to: 'domain', 'created_at'.
CREATE TABLE instance (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- People, bodies, assemblies and instances, from here and from elsewhere.
CREATE TABLE actors (
    id           BIGINT PRIMARY KEY,
    uri          TEXT NOT NULL UNIQUE,
    kind         TEXT NOT NULL,
    local        BOOLEAN NOT NULL,
    handle       TEXT NOT NULL,
    host         TEXT NOT NULL,
    name         TEXT NOT NULL,
    summary      TEXT NOT NULL,
    url          TEXT NOT NULL,
    inbox        TEXT NOT NULL,
    shared_inbox TEXT,
    outbox       TEXT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    fetched_at   BIGINT NOT NULL,
    deleted_at   BIGINT
);
CREATE UNIQUE INDEX actors_local_handle ON actors (handle) WHERE local;
CREATE INDEX actors_address ON actors (host, handle);

-- Public keys of everyone, private keys of our own.
CREATE TABLE actor_keys (
    key_id      TEXT PRIMARY KEY,
    actor_id    BIGINT NOT NULL REFERENCES actors (id),
    public_pem  TEXT NOT NULL,
    private_der BYTEA,
    fetched_at  BIGINT NOT NULL
);
CREATE INDEX actor_keys_actor ON actor_keys (actor_id);

CREATE TABLE accounts (
    id            BIGINT PRIMARY KEY REFERENCES actors (id),
    email         TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    roles         TEXT NOT NULL,
    language      TEXT NOT NULL,
    -- What its owner says about themselves, in Markdown; the actor has it as HTML.
    about         TEXT NOT NULL DEFAULT '',
    created_at    BIGINT NOT NULL
);

CREATE TABLE sessions (
    id_hash    TEXT PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    csrf       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);

CREATE TABLE tokens (
    id         BIGINT PRIMARY KEY,
    hash       TEXT NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    scopes     TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX tokens_account ON tokens (account_id);

-- Links that work once, such as the one that sets up the first admin.
CREATE TABLE one_time_links (
    hash       TEXT PRIMARY KEY,
    purpose    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);

CREATE TABLE assemblies (
    id      BIGINT PRIMARY KEY REFERENCES actors (id),
    body_id BIGINT REFERENCES actors (id)
);

-- Everything that can be answered, endorsed and boosted. The tallies are kept here, by the same
-- transaction that records what they count.
CREATE TABLE objects (
    id         BIGINT PRIMARY KEY,
    uri        TEXT NOT NULL UNIQUE,
    url        TEXT NOT NULL,
    kind       TEXT NOT NULL,
    local      BOOLEAN NOT NULL,
    author_id  BIGINT NOT NULL REFERENCES actors (id),
    root_id    BIGINT NOT NULL,
    parent_id  BIGINT REFERENCES objects (id),
    language   TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    claimed_at BIGINT NOT NULL,
    edited_at  BIGINT,
    deleted_at BIGINT,
    likes      BIGINT NOT NULL DEFAULT 0,
    boosts     BIGINT NOT NULL DEFAULT 0,
    replies    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX objects_root ON objects (root_id, id);
CREATE INDEX objects_parent ON objects (parent_id, id);
CREATE INDEX objects_author ON objects (author_id, id);

CREATE TABLE initiatives (
    id              BIGINT PRIMARY KEY REFERENCES objects (id),
    assembly_id     BIGINT NOT NULL REFERENCES assemblies (id),
    body_id         BIGINT REFERENCES actors (id),
    state           TEXT NOT NULL,
    revision        BIGINT NOT NULL,
    title           TEXT NOT NULL,
    search          TEXT NOT NULL,
    published_at    BIGINT,
    reported_likes  BIGINT,
    reported_boosts BIGINT,
    reported_at     BIGINT
);
CREATE INDEX initiatives_assembly ON initiatives (assembly_id, id);

-- Immutable texts. The digest covers title, problem, proposal and language.
CREATE TABLE revisions (
    initiative_id BIGINT NOT NULL REFERENCES initiatives (id),
    number        BIGINT NOT NULL,
    title         TEXT NOT NULL,
    problem       TEXT NOT NULL,
    proposal      TEXT NOT NULL,
    language      TEXT NOT NULL,
    html          TEXT NOT NULL,
    digest        TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (initiative_id, number)
);

CREATE TABLE comments (
    id     BIGINT PRIMARY KEY REFERENCES objects (id),
    html   TEXT NOT NULL,
    source TEXT NOT NULL
);

-- At most one of each kind per actor and object.
CREATE TABLE reactions (
    object_id    BIGINT NOT NULL REFERENCES objects (id),
    actor_id     BIGINT NOT NULL REFERENCES actors (id),
    kind         TEXT NOT NULL,
    activity_uri TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (object_id, actor_id, kind)
);
CREATE INDEX reactions_activity ON reactions (activity_uri);
CREATE INDEX reactions_actor ON reactions (actor_id);

CREATE TABLE follows (
    target_id    BIGINT NOT NULL REFERENCES actors (id),
    follower_id  BIGINT NOT NULL REFERENCES actors (id),
    activity_uri TEXT NOT NULL,
    state        TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (target_id, follower_id)
);
CREATE INDEX follows_follower ON follows (follower_id);
CREATE INDEX follows_activity ON follows (activity_uri);

-- Addresses that must never take effect (again): objects deleted and activities undone, even when
-- the news of the end came before the beginning. Only the actor named can have said so.
CREATE TABLE dead_uris (
    uri        TEXT NOT NULL,
    actor_id   BIGINT NOT NULL REFERENCES actors (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (uri, actor_id)
);

-- The record of acts: the outbox.
CREATE TABLE events (
    id           BIGINT PRIMARY KEY,
    kind         TEXT NOT NULL,
    payload      TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    federated_at BIGINT
);

-- Background work. A worker leases a row; a worker that dies loses its lease.
CREATE TABLE jobs (
    id          BIGINT PRIMARY KEY,
    kind        TEXT NOT NULL,
    payload     TEXT NOT NULL,
    dedupe      TEXT,
    state       TEXT NOT NULL,
    attempts    BIGINT NOT NULL,
    run_at      BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    error       TEXT,
    created_at  BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'pending';
CREATE UNIQUE INDEX jobs_dedupe ON jobs (dedupe) WHERE state = 'pending';

-- Activities made here, in the bytes that are sent and served.
CREATE TABLE activities (
    id         BIGINT PRIMARY KEY,
    uri        TEXT NOT NULL UNIQUE,
    actor_id   BIGINT NOT NULL REFERENCES actors (id),
    kind       TEXT NOT NULL,
    event_id   BIGINT,
    listed     BOOLEAN NOT NULL,
    body       BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX activities_actor ON activities (actor_id, id) WHERE listed;

-- One row per activity and inbox: 'pending', 'delivered' or 'dead', with the reason.
CREATE TABLE deliveries (
    id          BIGINT PRIMARY KEY,
    activity_id BIGINT NOT NULL REFERENCES activities (id),
    host        TEXT NOT NULL,
    inbox       TEXT NOT NULL,
    state       TEXT NOT NULL,
    attempts    BIGINT NOT NULL,
    next_at     BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    status      BIGINT,
    error       TEXT,
    updated_at  BIGINT NOT NULL,
    UNIQUE (activity_id, inbox)
);
CREATE INDEX deliveries_due ON deliveries (next_at, id) WHERE state = 'pending';
CREATE INDEX deliveries_inbox ON deliveries (inbox) WHERE state = 'pending';

-- How each server we send to is doing.
CREATE TABLE hosts (
    host       TEXT PRIMARY KEY,
    failures   BIGINT NOT NULL,
    retry_at   BIGINT NOT NULL,
    last_ok    BIGINT,
    last_error TEXT
);

-- Activities as they arrived, one row per sender and id: what was acknowledged with 202.
CREATE TABLE inbox (
    id           BIGINT PRIMARY KEY,
    actor_id     BIGINT NOT NULL REFERENCES actors (id),
    activity_uri TEXT NOT NULL,
    body         BYTEA,
    state        TEXT NOT NULL,
    attempts     BIGINT NOT NULL,
    next_at      BIGINT NOT NULL,
    lease_until  BIGINT NOT NULL,
    error        TEXT,
    received_at  BIGINT NOT NULL,
    UNIQUE (activity_uri, actor_id)
);
CREATE INDEX inbox_due ON inbox (next_at, id) WHERE state = 'pending';

-- What was refused, and why: the only trace that a refused request leaves.
CREATE TABLE audit (
    id           BIGINT PRIMARY KEY,
    kind         TEXT NOT NULL,
    actor_uri    TEXT NOT NULL,
    activity_uri TEXT NOT NULL,
    reason       TEXT NOT NULL,
    created_at   BIGINT NOT NULL
);

-- Reports (`Flag`) from other servers.
CREATE TABLE reports (
    id           BIGINT PRIMARY KEY,
    reporter_id  BIGINT NOT NULL REFERENCES actors (id),
    activity_uri TEXT NOT NULL UNIQUE,
    object_uris  TEXT NOT NULL,
    content      TEXT NOT NULL,
    created_at   BIGINT NOT NULL
);
