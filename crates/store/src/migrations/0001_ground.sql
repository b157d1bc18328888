-- Names that stand in thousands of rows: 1 rule, 2 resource type, 3 region, 4 provider.
CREATE TABLE name (
    id {integer} PRIMARY KEY,
    kind {integer} NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (kind, text)
);

-- What makes every cache of counts stale: counts up with each change.
CREATE TABLE generation (
    id {integer} PRIMARY KEY,
    number {integer} NOT NULL
);
INSERT INTO generation (id, number) VALUES (1, 0);

CREATE TABLE scope (
    id {integer} PRIMARY KEY,
    provider {integer} NOT NULL,
    scope TEXT NOT NULL,
    details TEXT NOT NULL,
    last_run {integer},
    UNIQUE (provider, scope)
);

-- state: 0 under way, 1 done, 2 failed, 3 ended with its process. Times are milliseconds since 1970.
CREATE TABLE run (
    id {integer} PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    integration {integer},
    state {integer} NOT NULL,
    started_at {integer} NOT NULL,
    ended_at {integer},
    heartbeat_at {integer} NOT NULL,
    as_of {integer},
    error TEXT,
    detail {bytes}
);

CREATE TABLE run_scope (
    run {integer} NOT NULL,
    scope {integer} NOT NULL,
    resources {integer} NOT NULL,
    passed {integer} NOT NULL,
    failed {integer} NOT NULL,
    unknown {integer} NOT NULL,
    excepted {integer} NOT NULL,
    opened {integer} NOT NULL,
    resolved {integer} NOT NULL,
    detail {bytes} NOT NULL,
    PRIMARY KEY (run, scope)
);
CREATE INDEX run_scope_of_scope ON run_scope (scope, run);

-- stands_in: 1 where it is not a resource, but what could not be listed.
CREATE TABLE resource (
    id {integer} PRIMARY KEY,
    scope {integer} NOT NULL,
    type {integer} NOT NULL,
    region {integer} NOT NULL,
    stands_in {integer} NOT NULL,
    resource TEXT NOT NULL,
    name TEXT NOT NULL,
    tags TEXT,
    digest {bytes} NOT NULL,
    evidence_digest {bytes} NOT NULL,
    first_run {integer} NOT NULL,
    gone_run {integer}
);
CREATE INDEX resource_of_id ON resource (resource);
CREATE INDEX resource_of_type ON resource (type, scope, id);
CREATE INDEX resource_of_scope ON resource (scope, id);

-- The words of names, ids and tags; `rowid` is the resource.
{words};

-- The configuration, from the run that told it first until the one that told another.
CREATE TABLE configuration (
    resource {integer} NOT NULL,
    from_run {integer} NOT NULL,
    to_run {integer},
    document {bytes} NOT NULL,
    PRIMARY KEY (resource, from_run)
);

-- What every finding of a resource says now: message, evidence, causes.
CREATE TABLE evidence (
    resource {integer} PRIMARY KEY,
    document {bytes} NOT NULL
);

-- How many resources there are.
CREATE TABLE inventory (
    scope {integer} NOT NULL,
    type {integer} NOT NULL,
    region {integer} NOT NULL,
    resources {integer} NOT NULL,
    PRIMARY KEY (scope, type, region)
);

-- Findings that are alike in all that can be counted. standing: 0 failing, 1 unknown, 2 excepted,
-- 3 passing; severity: 0 info to 4 critical.
CREATE TABLE cell (
    id {integer} PRIMARY KEY,
    scope {integer} NOT NULL,
    region {integer} NOT NULL,
    rule {integer} NOT NULL,
    standing {integer} NOT NULL,
    severity {integer} NOT NULL,
    findings {integer} NOT NULL,
    UNIQUE (scope, region, rule, standing, severity)
);

-- seen_run: the last run that saw it, where that is not its scope's last one.
-- A finding without cell is gone: its resource is, or the part of it.
CREATE TABLE finding (
    id {integer} PRIMARY KEY,
    uid {bytes} NOT NULL,
    cell {integer},
    rule {integer} NOT NULL,
    resource {integer} NOT NULL,
    sub_key TEXT,
    status {integer} NOT NULL,
    first_run {integer} NOT NULL,
    since_run {integer} NOT NULL,
    seen_run {integer},
    reopened {integer} NOT NULL
);
CREATE UNIQUE INDEX finding_of_uid ON finding (uid);
-- holds all that a search asks of what it passes by
CREATE INDEX finding_of_cell ON finding (cell, id, resource, first_run, since_run);
CREATE INDEX finding_of_resource ON finding (resource);
CREATE INDEX finding_since ON finding (since_run, id);

-- Earlier verdicts: from the run that reached one first until the run that reached another.
-- status: 0 fail, 1 unknown, 2 pass, 3 gone; the last one is in `finding`.
CREATE TABLE period (
    finding {integer} NOT NULL,
    from_run {integer} NOT NULL,
    to_run {integer} NOT NULL,
    status {integer} NOT NULL,
    excepted {integer} NOT NULL,
    PRIMARY KEY (finding, from_run)
);
CREATE INDEX period_to ON period (to_run, finding);

-- How the verdicts of a rule in a scope fell, from a run until another.
CREATE TABLE tally (
    scope {integer} NOT NULL,
    rule {integer} NOT NULL,
    severity {integer} NOT NULL,
    from_run {integer} NOT NULL,
    to_run {integer},
    passed {integer} NOT NULL,
    failed {integer} NOT NULL,
    unknown {integer} NOT NULL,
    excepted {integer} NOT NULL,
    PRIMARY KEY (scope, rule, severity, from_run)
);
