"""Runs Prowler and Stance on the same mock estate and tells where they differ.

Usage: compare_prowler.py URL REQUEST_LOG PROWLER STANCE REGION EXPLANATIONS

Prints, in Markdown: CPU seconds, peak memory, wall time and requests of each; then, for every check that
both have, the verdicts that differ, each with its explanation from EXPLANATIONS (a YAML map from the check's
id to a sentence). Ends with status 1 if a difference has no explanation.
"""

import collections
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml


def measured(command, log, environment):
    """CPU seconds, peak kilobytes, wall seconds and requests of a command."""
    before = count(log)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    timed = ["/usr/bin/time", "-f", "%M", "-o", f"{log}.memory", *command]
    ended = subprocess.run(timed, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # both end with 3 where something failed, which is what a test estate is for
    if ended.returncode not in (0, 3, 4):
        sys.exit(f"{command[0]} ended with {ended.returncode}: {ended.stderr[-2000:]}")
    memory = int(Path(f"{log}.memory").read_text().split()[-1])
    cpu = after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
    return cpu, memory, wall, count(log) - before


def count(log):
    with open(log, errors="replace") as lines:
        return sum("HTTP/1.1" in line for line in lines)


def last_part(identifier):
    return identifier.replace(":", "/").rstrip("/").split("/")[-1]


def prowlers_verdicts(path):
    """Statuses by check and by the last part of the resource's id."""
    verdicts = collections.defaultdict(lambda: collections.defaultdict(set))
    for finding in json.loads(Path(path).read_text()):
        for of in finding["resources"]:
            verdicts[finding["metadata"]["event_code"]][last_part(of["uid"])].add(finding["status_code"].lower())
    return verdicts


def our_verdicts(report, aliases):
    verdicts = collections.defaultdict(lambda: collections.defaultdict(set))
    for finding in report["findings"]:
        for check in aliases.get(finding["rule"], ()):
            verdicts[check][last_part(finding["resource"]["id"])].add(finding["status"])
    return verdicts


def worst(statuses):
    return next((status for status in ("fail", "unknown", "manual", "pass") if status in statuses), "nothing")


def shown(verdicts):
    """`2 fail, 1 pass`."""
    counts = collections.Counter(worst(statuses) for statuses in verdicts.values())
    return ", ".join(f"{number} {status}" for status, number in sorted(counts.items())) or "nothing"


def differs(theirs, ours):
    """Whether one sees a failure where the other does not; of resources that both know, and of the numbers."""
    both = theirs.keys() & ours.keys()
    if any(("fail" in theirs[name]) != ("fail" in ours[name]) for name in both):
        return True
    fails = lambda verdicts: sum("fail" in statuses for statuses in verdicts.values())
    return not both and fails(theirs) != fails(ours)


def main():
    url, log, prowler, stance, region, explanations = sys.argv[1:]
    explained = yaml.safe_load(Path(explanations).read_text()) or {}
    environment = {**os.environ, "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "test",
                   "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": region}
    with tempfile.TemporaryDirectory() as folder:
        report = f"{folder}/stance.json"
        ours = measured([stance, "scan", "aws", "--region", region, "--format", "json", "--output", report],
                        log, environment)
        theirs = measured([prowler, "aws", "-f", region, "-M", "json-ocsf", "-o", folder, "-F", "prowler", "--no-banner"],
                          log, environment)
        rules = json.loads(subprocess.run([stance, "rules", "list", "--format", "json"], capture_output=True).stdout)
        aliases = {rule["id"]: rule["aliases"].get("prowler", []) for rule in rules}
        mine = our_verdicts(json.loads(Path(report).read_text()), aliases)
        other = prowlers_verdicts(f"{folder}/prowler.ocsf.json")

    print("| | Prowler | Stance | ratio |\n|---|---|---|---|")
    names = ("CPU seconds", "peak memory, MB", "wall seconds", "requests")
    for name, their, our in zip(names, theirs, ours):
        scale = 1024 if "MB" in name else 1
        print(f"| {name} | {their / scale:.1f} | {our / scale:.2f} | {their / our:.0f} |")
    known = {check for checks in aliases.values() for check in checks}
    compared = sorted(known & (other.keys() | mine.keys()))
    different = [check for check in compared if differs(other[check], mine[check])]
    print(f"\n{len(compared)} checks that both have speak on this estate; {len(different)} differ.\n")
    print("| check | Prowler | Stance | why |\n|---|---|---|---|")
    for check in different:
        print(f"| `{check}` | {shown(other[check])} | {shown(mine[check])} | {explained.get(check, '**not explained**')} |")
    unexplained = [check for check in different if check not in explained]
    if unexplained:
        sys.exit(f"{len(unexplained)} differences have no explanation: {', '.join(unexplained)}")


if __name__ == "__main__":
    main()
