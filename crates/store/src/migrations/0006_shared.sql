-- A resource that several accounts share is read in each of them, and so is a finding about it.
DROP INDEX finding_of_uid;
CREATE INDEX finding_of_uid ON finding (uid);
