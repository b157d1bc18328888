//! Whole organizations: choosing accounts, accounts in trouble, scans that are killed.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;
#[path = "support/organization.rs"]
mod support_organization;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{json, run, stance};
use support_organization::Organization;

const RULES: &str = "aws-s3-bucket-denies-plain-http,aws-iam-root-has-no-access-key";

/// A scan by few rules.
fn scan(organization: &Organization) -> Command {
    let mut scan = scan_by_all_rules(organization);
    scan.args(["--rule", RULES, "--max-rate", "1000"]);
    scan
}

fn scan_by_all_rules(organization: &Organization) -> Command {
    let mut scan = stance();
    scan.env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_ENDPOINT_URL", organization.url())
        .env("STANCE__AWS__READ_TIMEOUT", "1s")
        .args(["scan", "aws", "--region", "us-east-1", "--format", "json"]);
    scan
}

fn scanned(report: &Value) -> BTreeSet<String> {
    report["runs"].as_array().unwrap().iter().map(|run| run["scope"].as_str().unwrap().to_owned()).collect()
}

fn unscanned(report: &Value) -> BTreeMap<String, String> {
    let list = report["unscanned"].as_array().cloned().unwrap_or_default();
    let text = |scope: &Value, name: &str| scope[name].as_str().unwrap_or_default().to_owned();
    list.iter()
        .map(|scope| {
            (
                text(scope, "scope"),
                text(scope, "why") + ": " + &text(scope, "setting") + &text(scope, "message"),
            )
        })
        .collect()
}

#[test]
fn accounts_are_chosen_by_unit_tag_number_and_every_finding_names_its_account() {
    let organization = Organization::of(4).with_troubles(&BTreeMap::new());
    let accounts = &organization.accounts;
    let (prod, dev) = ([&accounts[0], &accounts[2]], [&accounts[1], &accounts[3]]);
    let chosen = |flags: &[&str]| {
        let ended = run(scan(&organization).arg("--organization").args(flags));
        assert_eq!(ended.status, 3, "{flags:?}: {}", ended.err);
        json(&ended.out)
    };
    let set = |ids: &[&String]| ids.iter().map(|id| (*id).clone()).collect::<BTreeSet<String>>();

    let all = chosen(&[]);
    assert_eq!(scanned(&all).len(), 5, "four and the management account");
    assert_eq!(all["scan"]["organization"], organization.id.as_str());
    for finding in all["findings"].as_array().unwrap() {
        let details = &finding["scope_details"];
        assert!(details["name"].is_string() && details["path"][0]["name"] == "Root", "{finding}");
        if finding["resource"]["scope"] == prod[0].as_str() {
            assert_eq!(details["path"][2]["name"], "Production");
            assert_eq!(details["tags"]["env"], "prod");
        }
    }
    // units hold the accounts of those below them
    assert_eq!(scanned(&chosen(&["--ou", &organization.workloads])), set(&prod));
    assert_eq!(scanned(&chosen(&["--ou", &organization.production])), set(&prod));
    let report = chosen(&["--exclude-ou", &organization.workloads, "--no-management-account"]);
    assert_eq!(scanned(&report), set(&dev));
    assert!(
        unscanned(&report)[prod[0]].contains("excluded organizational units"),
        "{:?}",
        unscanned(&report)
    );
    assert_eq!(scanned(&chosen(&["--account-tag", "env=dev"])), set(&dev));
    assert_eq!(scanned(&chosen(&["--account", prod[1]])), set(&[prod[1]]));
    let report = chosen(&["--exclude-account", prod[1], "--no-management-account"]);
    assert_eq!(scanned(&report), set(&[prod[0], dev[0], dev[1]]));

    // without Organizations: numbers, roles, a file
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{}\narn:aws:iam::{}:role/audit # theirs\n", dev[0], dev[1]))
        .unwrap();
    let role = format!("arn:aws:iam::{}:role/audit", prod[0]);
    for (flags, expected) in [
        (vec!["--account".to_owned(), format!("{},{}", prod[0], dev[0])], set(&[prod[0], dev[0]])),
        (vec!["--role-arn".to_owned(), role.clone()], set(&[prod[0]])),
        (vec!["--accounts-file".to_owned(), file.path().display().to_string()], set(&dev)),
    ] {
        let ended = run(scan(&organization).args(&flags));
        assert_eq!(ended.status, 3, "{flags:?}: {}", ended.err);
        assert_eq!(scanned(&json(&ended.out)), expected, "{flags:?}");
    }
}

#[test]
fn two_hundred_accounts_and_each_trouble_costs_only_its_own_account() {
    let organization = Organization::of(200);
    let accounts = organization.accounts.clone();
    let kinds = ["no-role", "throttled", "errors", "cut", "hangs", "expires", "region-off"];
    let troubles: BTreeMap<String, &str> = kinds
        .iter()
        .zip(accounts.iter().step_by(7))
        .map(|(kind, account)| (account.clone(), *kind))
        .collect();
    let organization = organization.with_troubles(&troubles);
    let of = |kind: &str| troubles.iter().find(|(_, trouble)| **trouble == kind).unwrap().0.clone();

    let mut scan = scan(&organization);
    scan.args(["--organization", "--no-management-account", "--accounts-at-once", "24"]);
    let ended = run(scan.args(["--region", "eu-central-1"]));
    assert_eq!(ended.status, 3, "{}", ended.err);
    let report = json(&ended.out);
    let mut verdicts: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let verdict = (text(&finding["rule"]), text(&finding["status"]));
        verdicts.entry(text(&finding["resource"]["scope"])).or_default().push(verdict);
    }
    let healthy = vec![
        ("aws-iam-root-has-no-access-key".to_owned(), "pass".to_owned()),
        ("aws-s3-bucket-denies-plain-http".to_owned(), "fail".to_owned()),
    ];
    // throttling and passing errors cost time, a region that is off costs the region
    let still_healthy = ["throttled", "errors", "region-off"].map(of);
    for account in &accounts {
        if !troubles.contains_key(account) || still_healthy.contains(account) {
            let mut found = verdicts.get(account).cloned().unwrap_or_default();
            found.sort();
            assert_eq!(found, healthy, "{account} {:?}", troubles.get(account));
        }
    }
    let mut why = unscanned(&report);
    assert!(why.remove("123456789012").is_some_and(|reason| reason.starts_with("left-out")));
    assert_eq!(why.keys().cloned().collect::<BTreeSet<_>>(), BTreeSet::from([of("no-role"), of("hangs")]));
    assert!(why[&of("no-role")].contains("AccessDenied"), "{why:?}");
    assert!(why[&of("hangs")].contains("in time"), "{why:?}");
    assert!(ended.err.contains("could not be scanned"), "{}", ended.err);
    let run_of = |account: &String| {
        let runs = report["runs"].as_array().unwrap();
        runs.iter().find(|run| run["scope"] == account.as_str()).unwrap()
    };
    assert_eq!(run_of(&of("expires"))["completion"], "credentials-expired");
    assert!(verdicts[&of("expires")].iter().any(|(_, status)| status == "unknown"));
    assert!(verdicts[&of("cut")].iter().any(|(rule, status)| rule.contains("s3") && status == "unknown"));
    assert!(verdicts[&of("cut")].iter().all(|(rule, status)| !rule.contains("s3") || status != "pass"));
    let skipped = &run_of(&of("region-off"))["skipped_regions"];
    assert_eq!(skipped[0]["region"], "eu-central-1");
    // the provider complained, and that was heard
    assert!(report["scan"]["traffic"]["throttled"].as_u64().unwrap() > 0);
    assert!(report["scan"]["traffic"]["repeated"].as_u64().unwrap() > 0);
}

#[test]
fn a_service_that_throttles_is_asked_more_slowly_and_answers_in_the_end() {
    let organization = Organization::of(1);
    let account = organization.accounts[0].clone();
    let organization = organization.with_troubles(&BTreeMap::from([(account.clone(), "throttled")]));
    let mut scan = scan_by_all_rules(&organization);
    let ended = run(scan.args(["--service", "s3,iam", "--account", &account]));
    let report = json(&ended.out);
    let throttled = report["scan"]["traffic"]["throttled"].as_u64().unwrap();
    assert!(throttled > 0, "the gateway throttles beyond five requests a second");
    let causes: Vec<&Value> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|finding| finding["causes"].as_array().cloned().unwrap_or_default().leak().iter())
        .filter(|cause| cause["code"] == "Throttling")
        .collect();
    assert!(causes.is_empty(), "no verdict is lost to throttling: {causes:?}");
    let counts = organization.counts();
    let refused = counts["throttled"][&account].as_u64().unwrap();
    let asked: u64 = organization.asked(&account).values().sum();
    // each service halves its pace once for a whole burst; without that, nearly every request beyond five
    // a second would be refused
    assert!(refused * 2 < asked, "{refused} of {asked} requests were refused");
}

#[cfg(unix)]
#[test]
fn a_killed_scan_is_taken_up_without_asking_again_for_what_is_kept() {
    let organization = Organization::of(12).with_troubles(&BTreeMap::new());
    let folder = tempfile::tempdir().unwrap();
    let started = |resume: bool| {
        let mut scan = scan(&organization);
        scan.args(["--organization", "--no-management-account", "--accounts-at-once", "2", "--snapshot"]);
        scan.arg(folder.path());
        if resume {
            scan.arg("--resume");
        }
        scan
    };
    let finished = || {
        let entries = folder.path().read_dir().unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter_map(|name| Some(name.strip_suffix(".jsonl.gz")?.to_owned())).collect::<BTreeSet<_>>()
    };
    let mut first = started(false).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while finished().len() < 3 && begun.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(2));
    }
    // SIGKILL: nothing can be tidied up
    first.kill().unwrap();
    first.wait().unwrap();
    let kept = finished();
    assert!(kept.len() >= 3 && kept.len() < 12, "killed half-way: {kept:?}");
    let asked_before: BTreeMap<String, u64> =
        kept.iter().map(|account| (account.clone(), organization.asked(account).values().sum())).collect();

    let resumed = run(&mut started(true));
    assert_eq!(resumed.status, 3, "{}", resumed.err);
    for (account, before) in &asked_before {
        let after: u64 = organization.asked(account).values().sum();
        assert_eq!(after, *before, "{account} is not asked again");
    }
    let whole = run(scan(&organization).args(["--organization", "--no-management-account"]));
    let ids = |report: &Value| -> BTreeSet<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let findings = report["findings"].as_array().unwrap();
        findings.iter().map(|finding| (text(&finding["id"]), text(&finding["status"]))).collect()
    };
    assert_eq!(ids(&json(&resumed.out)), ids(&json(&whole.out)));

    // now that all is done there is nothing to take up
    let again = run(&mut started(true));
    assert_eq!(again.status, 1);
    assert!(again.err.contains("leave out `--resume`"), "{}", again.err);
}

#[cfg(unix)]
#[test]
fn the_journal_of_one_account_spares_its_listings() {
    let organization = Organization::of(1).with_troubles(&BTreeMap::new());
    let folder = tempfile::tempdir().unwrap();
    let (file, journal) = (folder.path().join("one.jsonl.gz"), folder.path().join("one.jsonl.gz.partial"));
    let account = organization.accounts[0].clone();
    let started = |rate: &str, flags: &[&str]| {
        let mut scan = stance();
        scan.env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_ENDPOINT_URL", organization.url())
            .args(["scan", "aws", "--service", "s3,iam,sns,sqs,kms", "--region", "us-east-1"])
            .args(["--role-arn", &format!("arn:aws:iam::{account}:role/audit"), "--max-rate", rate])
            .args(["--format", "json", "--snapshot"])
            .arg(&file)
            .args(flags);
        scan
    };
    // slow enough to be killed in the middle
    let mut first = started("1", &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while journal.metadata().map_or(0, |found| found.len()) < 1500 && begun.elapsed() < Duration::from_mins(1)
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    first.kill().unwrap();
    first.wait().unwrap();
    // the process may also have been killed in the middle of writing
    let bytes = std::fs::read(&journal).unwrap();
    std::fs::write(&journal, &bytes[..bytes.len() - 5]).unwrap();
    let before = organization.asked(&account);
    let resumed = run(&mut started("1000", &["--resume"]));
    assert!(matches!(resumed.status, 3 | 4), "{}", resumed.err);
    assert!(!journal.exists(), "a finished scan needs no journal");
    let after = organization.asked(&account);
    let kept =
        before.keys().filter(|what| before.get(*what) == after.get(*what) && !what.contains("sts")).count();
    assert!(kept >= 2, "listings that were kept are not asked for again: {before:?} {after:?}");
    let report = json(&resumed.out);
    assert!(report["runs"][0]["resumed_at"].is_string());
    let whole = run(&mut started("1000", &[]));
    let ids = |report: &Value| -> BTreeSet<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let findings = report["findings"].as_array().unwrap();
        findings.iter().map(|finding| (text(&finding["id"]), text(&finding["status"]))).collect()
    };
    assert_eq!(ids(&report), ids(&json(&whole.out)));
}
