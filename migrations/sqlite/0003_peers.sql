-- Policies about other servers, their budgets, and what the federation log needs.

-- Rules of this instance about other servers. A rule holds for its domain and all below it, unless
-- one for a longer name says otherwise. Severities: 'accept', 'silence', 'reject'.
CREATE TABLE domain_policies (
    domain          TEXT PRIMARY KEY,
    severity        TEXT NOT NULL,
    reject_media    BOOLEAN NOT NULL,
    reject_reports  BOOLEAN NOT NULL,
    obfuscate       BOOLEAN NOT NULL,
    public_comment  TEXT NOT NULL,
    private_comment TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);

-- Whether a rule says that the texts of this actor are not listed to those who do not follow it.
ALTER TABLE actors ADD COLUMN silenced BOOLEAN NOT NULL DEFAULT false;

-- Requests to our inboxes that were refused: what was asked, which check failed, and why. Bounded
-- in number and in bytes; forgotten with the log.
CREATE TABLE refusals (
    id           BIGINT PRIMARY KEY,
    host         TEXT NOT NULL,
    actor_uri    TEXT NOT NULL,
    activity_uri TEXT NOT NULL,
    kind         TEXT NOT NULL,
    status       BIGINT NOT NULL,
    failed       TEXT NOT NULL,
    passed       BIGINT NOT NULL,
    reason       TEXT NOT NULL,
    bytes        BIGINT NOT NULL,
    body         BLOB NOT NULL
);
CREATE INDEX refusals_host ON refusals (host, id);

-- The last failed attempts, as a JSON list. Written only when an attempt fails.
ALTER TABLE deliveries ADD COLUMN history TEXT;
ALTER TABLE inbox ADD COLUMN history TEXT;
