"""Makes the calls of a scan again with boto3 and compares the answers.

Usage: compare_boto3.py URL FILE, where each line of FILE is a call with its outcome. Ends with status 1 where
an answer differs and no reason is known.
"""

import base64
import collections
import datetime
import json
import re
import sys
import urllib.parse

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

# what may differ, and why, by operation and member
CLOCK = "the mock tells the time of the request"
KNOWN = {
    ("athena:GetWorkGroup", "CreationTime"): CLOCK,
    ("athena:ListWorkGroups", "CreationTime"): CLOCK,
    ("cloudtrail:GetTrailStatus", "LatestDeliveryAttemptTime"): CLOCK,
    ("cloudtrail:GetTrailStatus", "LatestDeliveryTime"): CLOCK,
    ("efs:DescribeFileSystems", "Timestamp"): CLOCK,
    ("iam:GenerateCredentialReport", "State"): "the report is there when it is asked for a second time",
    ("rds:DescribeDBClusters", "LatestRestorableTime"): CLOCK,
    ("rds:DescribeDBInstances", "LatestRestorableTime"): CLOCK,
}
# boto3 puts the account's id before the host, which an address of numbers does not allow
NOT_CALLABLE = {"s3control"}
# the names under which an operation's input or answer leads to further pages
TOKENS = re.compile(r"(?i)^(next|prev)?.*(token|marker)$|^(IsTruncated|HasMore|NextMarker|MaxItems|MaxResults|Quantity)$")

counts = collections.Counter()
clients = {}


def client(url, service, region):
    if (service, region) not in clients:
        clients[service, region] = boto3.client(
            service, region_name=region, endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 0}, parameter_validation=False))
    return clients[service, region]


def method(of, operation):
    names = {api: python for python, api in of.meta.method_to_api_mapping.items()}
    return names[operation]


def plain(value):
    """A value as JSON has it, times and documents in one form."""
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()
                if key != "ResponseMetadata" and member is not None}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        return moment(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if hasattr(value, "read"):
        return base64.b64encode(value.read()).decode()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value):
            return moment(datetime.datetime.fromisoformat(value.replace("Z", "+00:00")))
        if value.startswith(("%7B", '{"Version"')):
            # boto3 decodes some policy documents itself
            return plain(json.loads(urllib.parse.unquote(value)))
        for prefix in ("/hostedzone/", "/delegationset/", "/change/"):
            value = value.removeprefix(prefix)
    return value


def moment(time):
    if time.tzinfo is None:
        time = time.replace(tzinfo=datetime.timezone.utc)
    # one of the two may keep fewer digits of a second
    return f"time {int(time.timestamp())}"


def everything(of, operation, given):
    name = method(of, operation)
    if of.can_paginate(name):
        return of.get_paginator(name).paginate(**given).build_full_result()
    return getattr(of, name)(**given)


def differences(ours, theirs, path=""):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in ours.keys() | theirs.keys():
            here = f"{path}.{key}" if path else key
            if TOKENS.match(key) or (key not in ours and theirs[key] in ([], {}, "")) \
                    or (key not in theirs and ours[key] in ([], {}, "")):
                continue
            if key not in ours or key not in theirs:
                # a paginator's full result has the lists alone
                if path or isinstance(ours.get(key, theirs.get(key)), list):
                    yield here, ours.get(key, "(nothing)"), theirs.get(key, "(nothing)")
            else:
                yield from differences(ours[key], theirs[key], here)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs)):
            yield from differences(one, other, f"{path}[{index}]")
    elif ours != theirs and not (isinstance(ours, (int, str)) and str(ours) == str(theirs)):
        yield path, ours, theirs


def main():
    url, file = sys.argv[1:]
    calls = [json.loads(line) for line in open(file)]
    found, operations = [], set()
    for call in calls:
        name = f"{call['service']}:{call['operation']}"
        if call["service"] in NOT_CALLABLE:
            counts["not callable"] += 1
            continue
        of = client(url, call["service"], call["region"])
        try:
            theirs = {"value": plain(everything(of, call["operation"], call["input"]))}
        except ClientError as error:
            theirs = {"code": error.response["Error"]["Code"]}
        except BotoCoreError as error:
            theirs = {"code": type(error).__name__}
        except Exception as error:  # what boto3's own parser stumbles on
            theirs = {"code": type(error).__name__}
        ours = plain(call["outcome"])
        counts["calls"] += 1
        operations.add(name)
        if "code" in ours or "code" in theirs:
            # the mock's own failures have no codes, and each client names them its own way
            if ("code" in ours) != ("code" in theirs):
                found.append((name, "outcome", str(ours)[:200], str(theirs)[:200]))
            else:
                counts["failed with both"] += 1
            continue
        for path, one, other in differences(ours["value"], theirs["value"]):
            member = re.sub(r"\[\d+\]", "", path).split(".")[-1]
            if (name, member) in KNOWN:
                counts["explained"] += 1
            else:
                found.append((name, path, str(one)[:200], str(other)[:200]))
    print(f"{len(operations)} operations: {dict(counts)}")
    for name, path, one, other in found:
        print(f"{name} {path}\n  ours:  {one}\n  boto3: {other}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
