-- Quotes and their authorizations; what is read back from other servers.

-- Walks through threads that are at home elsewhere, by the initiative at the top: when the last one
-- began, when the next may, how many in a row found nothing, and what is still to be read (JSON,
-- empty between walks).
CREATE TABLE walks (
    root_id  BIGINT PRIMARY KEY REFERENCES objects (id),
    began_at BIGINT NOT NULL,
    next_at  BIGINT NOT NULL,
    idle     BIGINT NOT NULL,
    state    TEXT NOT NULL
);

-- What a text quotes, written here or elsewhere: the address as it was given, and the object if it
-- is known here. `state` is 'pending' until its author answered, 'approved' with the address of the
-- authorization, 'refused', 'revoked', or 'unasked' where nobody can be asked.
CREATE TABLE quotes (
    object_id     BIGINT PRIMARY KEY REFERENCES objects (id),
    target_uri    TEXT NOT NULL,
    request_uri   TEXT,
    authorization_uri TEXT,
    state         TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX quotes_request ON quotes (request_uri);
CREATE INDEX quotes_authorization ON quotes (authorization_uri);

-- Leave that authors here gave to be quoted elsewhere (FEP-044f): who quotes with which text.
CREATE TABLE quote_authorizations (
    id             BIGINT PRIMARY KEY,
    object_id      BIGINT NOT NULL REFERENCES objects (id),
    actor_id       BIGINT NOT NULL REFERENCES actors (id),
    instrument_uri TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    revoked_at     BIGINT,
    UNIQUE (object_id, instrument_uri)
);
