"""Makes an organization on a mock AWS, over bare HTTP: a client library takes longer than the mock.

Usage: organization.py URL [IDS], with a JSON list of steps on standard input; prints a JSON object of the ids by name,
which a later run is given to go on.

    {"unit": "Workloads", "in": "Root"}                  an organizational unit below another
    {"account": "shop", "in": "Workloads", "tags": {}}   an account in a unit, with what it holds: "buckets": how many,
                                                         "safe": how many of them deny plain HTTP
    {"close": "shop"}, {"move": "shop", "to": "Root"}    what happens to accounts later
"""

import http.client
import json
import re
import sys
import urllib.parse

KEY = "test"
REGION = "us-east-1"


class Aws:
    def __init__(self, url):
        self.host = urllib.parse.urlsplit(url).netloc

    def request(self, service, method, path, body, headers, key):
        credential = f"AWS4-HMAC-SHA256 Credential={key}/20260101/{REGION}/{service}/aws4_request"
        connection = http.client.HTTPConnection(self.host)
        connection.request(method, path, body, headers | {
            "Host": f"{service}.{REGION}.amazonaws.com", "Authorization": credential + ", SignedHeaders=host, Signature=0"})
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        if answer.status >= 300:
            sys.exit(f"{service} {path} {body}: {answer.status} {content}")
        return content

    def organizations(self, operation, **values):
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"AWSOrganizationsV20161128.{operation}"}
        return json.loads(self.request("organizations", "POST", "/", json.dumps(values), headers, KEY) or "{}")

    def key_of(self, account):
        values = {"Action": "AssumeRole", "Version": "2011-06-15", "RoleSessionName": "seed",
                  "RoleArn": f"arn:aws:iam::{account}:role/seed"}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.request("sts", "POST", "/", urllib.parse.urlencode(values), headers, KEY)
        return re.search("<AccessKeyId>(.*)</AccessKeyId>", answer).group(1)

    def bucket(self, name, safe, key):
        headers = {"Content-Type": "application/xml"}
        self.request("s3", "PUT", f"/{name}", "", headers, key)
        if safe:
            policy = {"Version": "2012-10-17", "Statement": [{
                "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}
            self.request("s3", "PUT", f"/{name}?policy", json.dumps(policy), headers, key)


def make_account(aws, step, ids):
    name = step["account"]
    tags = [{"Key": key, "Value": value} for key, value in step.get("tags", {}).items()]
    made = aws.organizations("CreateAccount", AccountName=name, Email=f"{name}@example.org", Tags=tags)
    account = made["CreateAccountStatus"]["AccountId"]
    if step.get("in", "Root") != "Root":
        aws.organizations("MoveAccount", AccountId=account, SourceParentId=ids["Root"], DestinationParentId=ids[step["in"]])
    if step.get("buckets"):
        key = aws.key_of(account)
        for number in range(step["buckets"]):
            aws.bucket(f"{name}-{number}", number < step.get("safe", 0), key)
    return account


def main():
    aws = Aws(sys.argv[1])
    # what was made by an earlier run is named by its ids
    ids = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
    if not ids:
        aws.organizations("CreateOrganization", FeatureSet="ALL")
        ids["Root"] = aws.organizations("ListRoots")["Roots"][0]["Id"]
    for step in json.load(sys.stdin):
        if "unit" in step:
            made = aws.organizations("CreateOrganizationalUnit", ParentId=ids[step["in"]], Name=step["unit"])
            ids[step["unit"]] = made["OrganizationalUnit"]["Id"]
        elif "account" in step:
            ids[step["account"]] = make_account(aws, step, ids)
        elif "close" in step:
            aws.organizations("CloseAccount", AccountId=ids[step["close"]])
        else:
            account = ids[step["move"]]
            parent = aws.organizations("ListParents", ChildId=account)["Parents"][0]["Id"]
            aws.organizations("MoveAccount", AccountId=account, SourceParentId=parent, DestinationParentId=ids[step["to"]])
    json.dump(ids, sys.stdout)


if __name__ == "__main__":
    main()
