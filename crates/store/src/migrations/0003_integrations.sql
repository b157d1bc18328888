-- What is scanned again and again: a configuration with a schedule. Times are milliseconds since 1970, spans
-- milliseconds, `at` minutes of the day in UTC. claimed_by: the server that scans it, until claimed_until unless it
-- says again that it does.
CREATE TABLE integration (
    id {integer} PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    namespace TEXT NOT NULL,
    configuration TEXT NOT NULL,
    every {integer} NOT NULL,
    at {integer},
    enabled {integer} NOT NULL,
    next_at {integer} NOT NULL,
    claimed_by TEXT,
    claimed_until {integer},
    made_at {integer} NOT NULL,
    made_by TEXT NOT NULL,
    changed_at {integer} NOT NULL,
    changed_by TEXT NOT NULL
);
CREATE INDEX integration_due ON integration (next_at);

-- progress: how far a run that goes on is, as JSON. stop_asked_by: who wants it to end.
ALTER TABLE run ADD COLUMN progress TEXT;
ALTER TABLE run ADD COLUMN stop_asked_by TEXT;
CREATE INDEX run_of_integration ON run (integration, id);
