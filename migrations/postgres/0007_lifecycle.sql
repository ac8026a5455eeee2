-- Moves, aliases, deletion of accounts, reports, hashtags.

-- What an actor says of itself beyond what every page needs. Most have no row.
CREATE TABLE profiles (
    id           BIGINT PRIMARY KEY REFERENCES actors (id),
    -- A JSON array of {"name", "value"}; values of remote actors are clean HTML.
    fields       TEXT NOT NULL,
    -- A JSON array of hosts that may name the actor as the author of their pages.
    domains      TEXT NOT NULL,
    discoverable BOOLEAN NOT NULL,
    indexable    BOOLEAN NOT NULL,
    -- When it last moved away: it cannot do so again for a while.
    moved_at     BIGINT
);

-- Whom an actor claims to be as well ('alias', alsoKnownAs) or to have become ('moved', movedTo).
CREATE TABLE aliases (
    actor_id   BIGINT NOT NULL REFERENCES actors (id),
    kind       TEXT NOT NULL,
    uri        TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (actor_id, kind, uri)
);
CREATE INDEX aliases_uri ON aliases (uri);

-- Actors that named each other: one person for every count. Whoever stands alone has no row.
CREATE TABLE identities (
    actor_id  BIGINT PRIMARY KEY REFERENCES actors (id),
    person_id BIGINT NOT NULL
);
CREATE INDEX identities_person ON identities (person_id);

-- Of the reactions of one person to one object, one is counted.
ALTER TABLE reactions ADD COLUMN counted BOOLEAN NOT NULL DEFAULT TRUE;

-- Who wants no contact with whom.
CREATE TABLE blocks (
    blocker_id   BIGINT NOT NULL REFERENCES actors (id),
    blocked_id   BIGINT NOT NULL REFERENCES actors (id),
    activity_uri TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (blocker_id, blocked_id)
);
CREATE INDEX blocks_blocked ON blocks (blocked_id, blocker_id);
CREATE INDEX blocks_activity ON blocks (activity_uri);

-- How a report stands: 'open' or 'resolved', by whom, with which note, and whether the home of
-- what it is about was told.
ALTER TABLE reports ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
ALTER TABLE reports ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE reports ADD COLUMN resolved_by BIGINT;
ALTER TABLE reports ADD COLUMN resolved_at BIGINT;
ALTER TABLE reports ADD COLUMN forwarded_at BIGINT;
CREATE INDEX reports_state ON reports (state, id);

-- The hashtags of public texts, in lower case, without the sign.
CREATE TABLE tags (
    name      TEXT NOT NULL,
    object_id BIGINT NOT NULL REFERENCES objects (id),
    PRIMARY KEY (name, object_id)
);
CREATE INDEX tags_object ON tags (object_id);

-- Whom a text written here names as @name@host. 'pending' until their home was asked.
CREATE TABLE mentions (
    object_id BIGINT NOT NULL REFERENCES objects (id),
    address   TEXT NOT NULL,
    actor_id  BIGINT REFERENCES actors (id),
    state     TEXT NOT NULL,
    PRIMARY KEY (object_id, address)
);
