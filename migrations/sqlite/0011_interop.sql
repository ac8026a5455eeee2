-- What other servers pass on.

-- Whether somebody else than its actor sent it, without a proof of the actor: then its words are not
-- believed, and what it is about is read at its home.
ALTER TABLE inbox ADD COLUMN forwarded BOOLEAN NOT NULL DEFAULT FALSE;

-- The host in an actor's address where that is not the host of its id, once both said so.
ALTER TABLE actors ADD COLUMN acct_host TEXT;
CREATE INDEX actors_acct_host ON actors (acct_host, handle) WHERE acct_host IS NOT NULL;

-- What a reader is warned of before a text from elsewhere is shown; empty where its author gave no
-- words for it.
ALTER TABLE comments ADD COLUMN warning TEXT;

-- Leave that was given to answer what was written here, where it was asked for: who answers with
-- which text.
CREATE TABLE reply_authorizations (
    id             BIGINT PRIMARY KEY,
    object_id      BIGINT NOT NULL REFERENCES objects (id),
    actor_id       BIGINT NOT NULL REFERENCES actors (id),
    instrument_uri TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    UNIQUE (object_id, instrument_uri)
);
