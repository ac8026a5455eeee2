-- What the queues need to survive faults and to be fast.

-- Requests that a client may repeat: what the first one made, written in the same transaction, and
-- the answer it got. Kept for a day.
CREATE TABLE idempotency_keys (
    account_id BIGINT NOT NULL,
    key        TEXT NOT NULL,
    digest     TEXT NOT NULL,
    object_id  BIGINT,
    status     BIGINT,
    location   TEXT,
    body       BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- When its home says that the present text was written, so that an older one that comes later does
-- not replace it.
ALTER TABLE objects ADD COLUMN version_at BIGINT;
