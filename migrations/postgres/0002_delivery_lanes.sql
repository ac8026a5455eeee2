-- What is due is found in the order of time, with the host beside it, so that deliveries to hosts
-- that are busy are passed over without reading their rows; and what waits for one host is found
-- by the host, to put all of it off when the host is down.
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (next_at, id, host) WHERE state = 'pending';
CREATE INDEX deliveries_waiting ON deliveries (host, next_at) WHERE state = 'pending';

-- What was given up is counted and shown without reading what went well.
CREATE INDEX inbox_dead ON inbox (id) WHERE state = 'dead';
CREATE INDEX deliveries_dead ON deliveries (host, id) WHERE state = 'dead';
