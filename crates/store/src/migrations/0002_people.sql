-- Who may do what. Of secrets only SHA-256 hashes are kept; of passwords what argon2id makes of them.
-- level: 0 read, 1 write, 2 manage. accounts: "all", or a JSON list of ids. Times are milliseconds since 1970.
CREATE TABLE person (
    id {integer} PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password TEXT,
    level {integer} NOT NULL,
    accounts TEXT NOT NULL,
    disabled {integer} NOT NULL,
    made_at {integer} NOT NULL,
    signed_in_at {integer}
);

CREATE TABLE session (
    id {integer} PRIMARY KEY,
    person {integer} NOT NULL REFERENCES person (id),
    digest {bytes} NOT NULL UNIQUE,
    made_at {integer} NOT NULL,
    seen_at {integer} NOT NULL,
    ends_at {integer} NOT NULL,
    address TEXT NOT NULL,
    browser TEXT NOT NULL
);
CREATE INDEX session_of_person ON session (person);
CREATE INDEX session_of_end ON session (ends_at);

CREATE TABLE token (
    id {integer} PRIMARY KEY,
    person {integer} NOT NULL REFERENCES person (id),
    digest {bytes} NOT NULL UNIQUE,
    name TEXT NOT NULL,
    level {integer} NOT NULL,
    accounts TEXT NOT NULL,
    made_at {integer} NOT NULL,
    ends_at {integer} NOT NULL,
    used_at {integer}
);
CREATE INDEX token_of_person ON token (person);

-- person: whose password it sets; none where it makes an administrator.
CREATE TABLE link (
    digest {bytes} PRIMARY KEY,
    person {integer} REFERENCES person (id),
    ends_at {integer} NOT NULL
);

-- name: who did it, as they were called then.
CREATE TABLE audit (
    id {integer} PRIMARY KEY,
    at {integer} NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL
);
CREATE INDEX audit_of_action ON audit (action, name, address);
