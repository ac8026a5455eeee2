-- Straw polls, here and elsewhere.

-- A ballot is an object (what it has in common with initiatives and comments) of an initiative.
-- Nothing of it changes after it is opened but the tallies and the end. Tallies are kept by the
-- transaction that records the votes; origins are never added together.
CREATE TABLE ballots (
    id               BIGINT PRIMARY KEY REFERENCES objects (id),
    initiative_id    BIGINT NOT NULL REFERENCES initiatives (id),
    question         TEXT NOT NULL,
    html             TEXT NOT NULL,
    multiple         BOOLEAN NOT NULL,
    hide_tallies     BOOLEAN NOT NULL,
    -- What was announced as its end.
    ends_at          BIGINT NOT NULL,
    -- Until when votes count: the announced end, or earlier.
    closes_at        BIGINT NOT NULL,
    -- Set when its result is final.
    closed_at        BIGINT,
    fediverse        BIGINT NOT NULL DEFAULT 0,
    registered       BIGINT NOT NULL DEFAULT 0,
    second           BIGINT NOT NULL DEFAULT 0,
    late             BIGINT NOT NULL DEFAULT 0,
    refused          BIGINT NOT NULL DEFAULT 0,
    -- How often the tallies were sent out.
    pushes           BIGINT NOT NULL DEFAULT 0,
    -- What the home of a ballot from elsewhere reports.
    reported_voters  BIGINT,
    reported_at      BIGINT
);
CREATE INDEX ballots_initiative ON ballots (initiative_id, id);

CREATE TABLE ballot_options (
    id         BIGINT PRIMARY KEY,
    ballot_id  BIGINT NOT NULL REFERENCES ballots (id),
    position   BIGINT NOT NULL,
    -- As it was written, to the letter: votes repeat it.
    name       TEXT NOT NULL,
    fediverse  BIGINT NOT NULL DEFAULT 0,
    registered BIGINT NOT NULL DEFAULT 0,
    reported   BIGINT,
    UNIQUE (ballot_id, position)
);

-- Who has a vote that counts: at most once per ballot, whatever is sent at the same moment.
CREATE TABLE ballot_voters (
    ballot_id BIGINT NOT NULL REFERENCES ballots (id),
    voter_id  BIGINT NOT NULL REFERENCES actors (id),
    PRIMARY KEY (ballot_id, voter_id)
);

-- Every vote with its verdict; the same vote again is the same row. Option 0 is one that the
-- ballot does not have.
CREATE TABLE ballot_votes (
    ballot_id    BIGINT NOT NULL REFERENCES ballots (id),
    voter_id     BIGINT NOT NULL REFERENCES actors (id),
    option_id    BIGINT NOT NULL,
    verdict      TEXT NOT NULL,
    activity_uri TEXT NOT NULL,
    received_at  BIGINT NOT NULL,
    PRIMARY KEY (ballot_id, voter_id, option_id, verdict)
);
CREATE INDEX ballot_votes_voter ON ballot_votes (voter_id);
