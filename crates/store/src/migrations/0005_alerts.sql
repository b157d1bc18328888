-- What people want to be told of. watches: 0 findings that are new or came back, 1 runs that failed, 2 integrations
-- that are overdue. filter: the query of the page of findings. channel: JSON; of secrets it holds only the names of
-- variables and files. accounts: what its maker could see when it was made: "all", or a JSON list of ids.
-- Times are milliseconds since 1970.
CREATE TABLE alert (
    id {integer} PRIMARY KEY,
    name TEXT NOT NULL,
    watches {integer} NOT NULL,
    filter TEXT NOT NULL,
    channel TEXT NOT NULL,
    maker {integer} NOT NULL REFERENCES person (id),
    accounts TEXT NOT NULL,
    active {integer} NOT NULL,
    made_at {integer} NOT NULL
);

-- A message that an alert is to send, one for each cause. state: 0 waiting, 1 sent, 2 given up, 3 there was nothing
-- to tell. body: what it says, from when that was found out until it is sent.
CREATE TABLE alert_message (
    id {integer} PRIMARY KEY,
    alert {integer} NOT NULL REFERENCES alert (id),
    cause TEXT NOT NULL,
    state {integer} NOT NULL,
    due_at {integer} NOT NULL,
    attempts {integer} NOT NULL,
    first_tried_at {integer},
    ended_at {integer},
    findings {integer},
    reason TEXT,
    body {bytes},
    UNIQUE (alert, cause)
);
CREATE INDEX alert_message_due ON alert_message (state, due_at);
