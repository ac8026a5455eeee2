-- Actors of initiatives; moderators, pins, locks and bans of assemblies.

-- The followable actor of a mirrored initiative, as its home names it. Of one at home here it
-- follows from the id.
ALTER TABLE initiatives ADD COLUMN group_uri TEXT;
-- When the moderators closed the thread.
ALTER TABLE initiatives ADD COLUMN locked_at BIGINT;
CREATE INDEX initiatives_group ON initiatives (group_uri) WHERE group_uri IS NOT NULL;

-- Why the moderators removed an object; the tombstone shows it.
ALTER TABLE objects ADD COLUMN removal TEXT;

-- Where a mirrored assembly has its collections.
ALTER TABLE assemblies ADD COLUMN moderators_uri TEXT;
ALTER TABLE assemblies ADD COLUMN featured_uri TEXT;
CREATE INDEX assemblies_moderators_uri ON assemblies (moderators_uri);
CREATE INDEX assemblies_featured_uri ON assemblies (featured_uri);

-- What the office says about an initiative, once for each reason. The id is that of the comment
-- that it becomes.
CREATE TABLE official_notes (
    id            BIGINT PRIMARY KEY,
    initiative_id BIGINT NOT NULL REFERENCES initiatives (id),
    reason        TEXT NOT NULL,
    text          TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    UNIQUE (initiative_id, reason)
);

-- Who may moderate an assembly, from here and from elsewhere.
CREATE TABLE moderators (
    assembly_id BIGINT NOT NULL REFERENCES assemblies (id),
    actor_id    BIGINT NOT NULL REFERENCES actors (id),
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (assembly_id, actor_id)
);
CREATE INDEX moderators_actor ON moderators (actor_id);

-- The initiatives that an assembly shows first.
CREATE TABLE pins (
    assembly_id   BIGINT NOT NULL REFERENCES assemblies (id),
    initiative_id BIGINT NOT NULL REFERENCES initiatives (id),
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (assembly_id, initiative_id)
);
CREATE INDEX pins_initiative ON pins (initiative_id);

-- Who may not take part in an assembly, and until when (for ever without a time).
CREATE TABLE bans (
    assembly_id BIGINT NOT NULL REFERENCES assemblies (id),
    actor_id    BIGINT NOT NULL REFERENCES actors (id),
    reason      TEXT NOT NULL,
    until       BIGINT,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (assembly_id, actor_id)
);
CREATE INDEX bans_actor ON bans (actor_id);

-- What moderators did, with the reason: nothing disappears silently.
CREATE TABLE moderation (
    id           BIGINT PRIMARY KEY,
    assembly_id  BIGINT NOT NULL REFERENCES assemblies (id),
    moderator_id BIGINT NOT NULL REFERENCES actors (id),
    act          TEXT NOT NULL,
    object_id    BIGINT REFERENCES objects (id),
    actor_id     BIGINT REFERENCES actors (id),
    reason       TEXT NOT NULL,
    until        BIGINT,
    activity_uri TEXT NOT NULL UNIQUE,
    undone_at    BIGINT,
    created_at   BIGINT NOT NULL
);
CREATE INDEX moderation_assembly ON moderation (assembly_id, id);
CREATE INDEX moderation_object ON moderation (object_id);

-- Replies that arrived and do not count, with the verdict: kept, not shown.
CREATE TABLE kept_aside (
    uri        TEXT PRIMARY KEY,
    author_id  BIGINT NOT NULL REFERENCES actors (id),
    root_id    BIGINT NOT NULL REFERENCES objects (id),
    parent_uri TEXT NOT NULL,
    verdict    TEXT NOT NULL,
    html       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX kept_aside_root ON kept_aside (root_id);
