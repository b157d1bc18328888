-- Agents that scan where the server cannot: each belongs to a policy, and scans what the policy's integrations say.
-- Of tokens and credentials only SHA-256 hashes are kept. Times are milliseconds since 1970.
CREATE TABLE agent_policy (
    id {integer} PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    made_at {integer} NOT NULL,
    made_by TEXT NOT NULL
);

-- uses_left: hosts that may still be enrolled with it.
CREATE TABLE enrollment (
    id {integer} PRIMARY KEY,
    policy {integer} NOT NULL REFERENCES agent_policy (id),
    digest {bytes} NOT NULL UNIQUE,
    uses_left {integer} NOT NULL,
    made_at {integer} NOT NULL,
    made_by TEXT NOT NULL,
    ends_at {integer} NOT NULL
);
CREATE INDEX enrollment_of_policy ON enrollment (policy);

-- status: what the agent said last of itself, as JSON. address: from where it was seen last.
CREATE TABLE agent (
    id {integer} PRIMARY KEY,
    policy {integer} NOT NULL REFERENCES agent_policy (id),
    name TEXT NOT NULL UNIQUE,
    digest {bytes} NOT NULL UNIQUE,
    host TEXT NOT NULL,
    version TEXT NOT NULL,
    platform TEXT NOT NULL,
    enrolled_at {integer} NOT NULL,
    enrolled_by TEXT NOT NULL,
    seen_at {integer} NOT NULL,
    address TEXT NOT NULL,
    status TEXT NOT NULL,
    revoked_at {integer},
    revoked_by TEXT
);
CREATE INDEX agent_of_policy ON agent (policy);

-- policy: whose agents scan the integration; none where the server does.
ALTER TABLE integration ADD COLUMN policy {integer} REFERENCES agent_policy (id);
-- agent: which agent was given the run.
ALTER TABLE run ADD COLUMN agent {integer};
