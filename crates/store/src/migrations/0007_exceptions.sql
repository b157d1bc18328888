-- Moments between runs at which exceptions changed how findings count. They are numbered with the runs: what holds from
-- a run until another may begin or end at one of these.
CREATE TABLE adjustment (
    id {integer} PRIMARY KEY,
    at {integer} NOT NULL
);

-- The exception of the store that covers it; none where nothing does, or where the run told of one itself.
ALTER TABLE finding ADD COLUMN exception {integer};
CREATE INDEX finding_of_exception ON finding (exception, cell) WHERE exception IS NOT NULL;

-- document: what a file of exceptions says, in JSON. accounts: those that it may match, whatever it says: "all", or a
-- JSON list of ids. Times are milliseconds since 1970.
CREATE TABLE exception (
    id {integer} PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    accounts TEXT NOT NULL,
    made_at {integer} NOT NULL,
    made_by TEXT NOT NULL,
    changed_at {integer},
    changed_by TEXT,
    ended_at {integer},
    ended_by TEXT
);

-- Who did what to an exception, and what it said then.
CREATE TABLE exception_change (
    exception {integer} NOT NULL REFERENCES exception (id),
    number {integer} NOT NULL,
    at {integer} NOT NULL,
    name TEXT NOT NULL,
    action TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (exception, number)
);

-- Which exceptions were in force when they were applied last, as a JSON list, and when that was.
CREATE TABLE applied (
    id {integer} PRIMARY KEY,
    at {integer} NOT NULL,
    exceptions TEXT NOT NULL
);
INSERT INTO applied (id, at, exceptions) VALUES (1, 0, '[]');

-- What the catalog calls its rules: exceptions name them by service and by other names. names: a JSON list.
CREATE TABLE known_rule (
    rule TEXT PRIMARY KEY,
    service TEXT NOT NULL,
    names TEXT NOT NULL
);

-- Who is to look after a finding.
CREATE TABLE assignment (
    finding {integer} PRIMARY KEY,
    person {integer} NOT NULL REFERENCES person (id)
);
CREATE INDEX assignment_of_person ON assignment (person, finding);

-- What people write to a finding. name: who wrote it, as they signed in then.
CREATE TABLE note (
    id {integer} PRIMARY KEY,
    finding {integer} NOT NULL,
    at {integer} NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX note_of_finding ON note (finding, id);

-- Rules that are switched off: everywhere where the benchmark is empty, else in that one.
CREATE TABLE rule_off (
    rule TEXT NOT NULL,
    benchmark TEXT NOT NULL,
    reason TEXT NOT NULL,
    at {integer} NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (rule, benchmark)
);

-- Parameters of rules that differ from the catalog's. value: JSON.
CREATE TABLE rule_parameter (
    rule TEXT NOT NULL,
    parameter TEXT NOT NULL,
    value TEXT NOT NULL,
    at {integer} NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (rule, parameter)
);
