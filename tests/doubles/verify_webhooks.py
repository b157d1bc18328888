"""Checks the signatures of what webhook-replay captured, by Python's own HMAC.

Usage: verify_webhooks.py DATABASE SECRET. Prints the ids of all documents as a JSON list.
"""

import hashlib
import hmac
import json
import sqlite3
import sys

database, secret = sys.argv[1:]
ids = []
for headers, body in sqlite3.connect(database).execute("select headers, body from requests order by id"):
    headers = json.loads(headers)
    pairs = headers.items() if isinstance(headers, dict) else headers
    headers = {name.lower(): value for name, value in pairs}
    signed = headers["stance-timestamp"].encode() + b"." + body
    expected = "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, headers["stance-signature"]):
        sys.exit(f"the signature {headers['stance-signature']} does not fit")
    ids += [document["id"] for document in json.loads(body)["documents"]]
print(json.dumps(ids))
