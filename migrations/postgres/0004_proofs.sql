-- Ed25519 keys, integrity proofs, and which signature a host understands.

-- Multikeys (FEP-521a): of everyone the public half, of our own actors the seed as well.
CREATE TABLE proof_keys (
    key_id     TEXT PRIMARY KEY,
    actor_id   BIGINT NOT NULL REFERENCES actors (id),
    multibase  TEXT NOT NULL,
    seed       BYTEA,
    fetched_at BIGINT NOT NULL
);
CREATE INDEX proof_keys_actor ON proof_keys (actor_id);

-- 'rfc9421' for hosts that were seen to take only that; none for all others.
ALTER TABLE hosts ADD COLUMN signature_scheme TEXT;

-- Activities about a thread that carry a proof of their author, in the order in which they became
-- known here. What was made here is in activities; of what arrived, the bytes are kept.
CREATE TABLE signed_record (
    id           BIGINT PRIMARY KEY,
    root_id      BIGINT NOT NULL REFERENCES objects (id),
    object_id    BIGINT NOT NULL REFERENCES objects (id),
    activity_uri TEXT NOT NULL UNIQUE,
    kind         TEXT NOT NULL,
    activity_id  BIGINT REFERENCES activities (id),
    body         BYTEA
);
CREATE INDEX signed_record_root ON signed_record (root_id, id);
CREATE INDEX signed_record_object ON signed_record (object_id);
