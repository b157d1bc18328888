-- What holds for the whole store: `kept_days`, how long history is kept; `forgotten_run`, the last run whose history
-- is no longer kept.
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE INDEX resource_gone ON resource (gone_run);
CREATE INDEX finding_gone ON finding (since_run) WHERE cell IS NULL;
