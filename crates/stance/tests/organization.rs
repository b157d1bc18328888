//! Organizations and lists of accounts: who is scanned, what trouble costs, and how a scan that was killed goes on.

// helpers of tests may fail as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use flate2::bufread::GzDecoder;
use serde_json::{Value, json};
use stance_catalog::{Call, Catalog, ListKind, Plan};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::doubles::{MANAGEMENT, Organization, account, unit};
use support::{Ended, json, run};

const PLAIN_HTTP: &str = "aws-s3-bucket-denies-plain-http";
const ROOT_KEY: &str = "aws-iam-root-has-no-access-key";
const BOTH: &str = "aws-s3-bucket-denies-plain-http,aws-iam-root-has-no-access-key";

/// (account, rule) to the statuses that the rule has there.
fn verdicts(report: &Value) -> BTreeMap<(String, String), Vec<String>> {
    let mut verdicts: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let key = (text(&finding["resource"]["scope"]), text(&finding["rule"]));
        verdicts.entry(key).or_default().push(text(&finding["status"]));
    }
    verdicts
}

/// What a report says, times left aside.
fn said(report: &Value) -> BTreeSet<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| (text(&finding["id"]), text(&finding["status"]), text(&finding["message"])))
        .collect()
}

/// The accounts that were scanned.
fn scanned(report: &Value) -> BTreeSet<&str> {
    report["runs"].as_array().unwrap().iter().map(|run| run["scope"].as_str().unwrap()).collect()
}

/// Why each account was not scanned: the setting, or what went wrong.
fn unscanned(report: &Value) -> BTreeMap<&str, &str> {
    let unscanned = report["unscanned"].as_array().into_iter().flatten();
    unscanned
        .map(|scope| {
            let reason = scope["setting"].as_str().or_else(|| scope["message"].as_str()).unwrap();
            (scope["scope"].as_str().unwrap(), reason)
        })
        .collect()
}

fn report(command: &mut Command, status: i32) -> Value {
    let Ended { status: found, out, err } = run(command);
    assert_eq!(found, status, "{err}");
    json(&out)
}

fn small_organization() -> Organization {
    Organization::of(&json!([
        unit("Workloads", "Root"),
        unit("Production", "Workloads"),
        unit("Sandbox", "Root"),
        account("shop", "Production", &json!({ "env": "prod" }), 1, 1),
        account("blog", "Workloads", &json!({ "env": "dev" }), 1, 0),
        account("play", "Sandbox", &json!({}), 1, 1),
        account("old", "Sandbox", &json!({}), 0, 0),
        { "close": "old" },
    ]))
}

#[test]
fn accounts_are_chosen_by_unit_number_tag_and_status() {
    let organization = small_organization();
    let id = |name: &str| organization.id(name);
    let scan = |choice: &[&str]| {
        let report = report(organization.scan(ROOT_KEY).arg("--organization").args(choice), 0);
        let names = |numbers: BTreeSet<&str>| {
            let of = ["shop", "blog", "play", "old"].into_iter().filter(|name| numbers.contains(id(name)));
            let management = numbers.contains(MANAGEMENT).then_some("management");
            of.chain(management).map(str::to_owned).collect::<Vec<_>>().join(" ")
        };
        let left_out: BTreeMap<String, String> = unscanned(&report)
            .into_iter()
            .map(|(scope, reason)| (scope.to_owned(), reason.to_owned()))
            .collect();
        // nobody is lost: who is not scanned is told
        assert_eq!(scanned(&report).len() + left_out.len(), 5);
        (names(scanned(&report)), left_out)
    };
    let (all, left_out) = scan(&[]);
    assert_eq!(all, "shop blog play management");
    assert!(left_out[id("old")].starts_with("its status "), "{left_out:?}");
    let (nested, left_out) = scan(&["--ou", id("Workloads")]);
    assert_eq!(nested, "shop blog");
    assert_eq!(left_out[id("play")], "the list of included organizational units");
    let (part, left_out) = scan(&["--ou", id("Workloads"), "--exclude-ou", id("Production")]);
    assert_eq!(part, "blog");
    assert_eq!(left_out[id("shop")], "the excluded organizational units");
    let (tagged, left_out) = scan(&["--account-tag", "env=prod"]);
    assert_eq!(tagged, "shop");
    assert_eq!(left_out[id("play")], "the tag `env=prod`, which it lacks");
    let (members, left_out) = scan(&["--no-management-account", "--exclude-account", id("play")]);
    assert_eq!(members, "shop blog");
    assert_eq!(left_out[MANAGEMENT], "the setting for the management account");
    assert_eq!(left_out[id("play")], "the excluded accounts");
    let (named, left_out) = scan(&["--account", id("blog")]);
    assert_eq!(named, "blog");
    assert_eq!(left_out[id("shop")], "the list of included accounts");
}

#[test]
fn findings_carry_their_accounts_and_every_run_finds_them_anew() {
    let mut organization = small_organization();
    let first = report(organization.scan(PLAIN_HTTP).arg("--organization"), 3);
    let of = |report: &Value, scope: &str| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["resource"]["scope"] == scope).unwrap().clone()
    };
    let shop = organization.id("shop").to_owned();
    let details = of(&first, &shop)["scope_details"].clone();
    assert_eq!(details["name"], "shop");
    assert_eq!(details["tags"], json!({ "env": "prod" }));
    let path: Vec<&str> =
        details["path"].as_array().unwrap().iter().map(|unit| unit["id"].as_str().unwrap()).collect();
    assert_eq!(path, ["Root", "Workloads", "Production"].map(|name| organization.id(name)));

    let mut sheet = organization.command();
    sheet.args(["scan", "aws", "--organization", "--region", "us-east-1", "--rule", PLAIN_HTTP]);
    let sheet = run(sheet.args(["--format", "csv"]));
    assert_eq!(sheet.status, 3, "{}", sheet.err);
    let row = sheet.out.lines().find(|line| line.contains(&shop)).unwrap();
    for cell in ["shop", "Root/Workloads/Production", "env=prod"] {
        assert!(row.split(',').any(|found| found == cell), "{cell} in {row}");
    }

    organization.change(&json!([
        { "close": "blog" },
        { "move": "shop", "to": "Sandbox" },
        account("fresh", "Production", &json!({}), 1, 0),
    ]));
    let second = report(organization.scan(PLAIN_HTTP).arg("--organization"), 3);
    assert!(scanned(&second).contains(organization.id("fresh")));
    assert!(!scanned(&first).contains(organization.id("fresh")));
    assert!(scanned(&first).contains(organization.id("blog")));
    assert!(unscanned(&second)[organization.id("blog")].starts_with("its status "));
    let moved = of(&second, &shop)["scope_details"]["path"][1]["id"].clone();
    assert_eq!(moved, organization.id("Sandbox"));
}

#[test]
fn accounts_are_scanned_by_number_role_or_file_without_an_organization() {
    let organization = small_organization();
    let (shop, blog, play) = (organization.id("shop"), organization.id("blog"), organization.id("play"));
    let role = |account: &str| format!("arn:aws:iam::{account}:role/cloudbeat-securityaudit");
    let by_number = report(organization.scan(BOTH).args(["--account", &format!("{shop},{blog}")]), 3);
    assert_eq!(scanned(&by_number), BTreeSet::from([shop, blog]));
    let roles = format!("{},{}", role(shop), role(play));
    let by_role = report(organization.scan(BOTH).args(["--role-arn", &roles]), 0);
    assert_eq!(scanned(&by_role), BTreeSet::from([shop, play]));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("# ours\n{shop}\n{}  # theirs\n", role(blog))).unwrap();
    let by_file = report(organization.scan(BOTH).arg("--accounts-file").arg(file.path()), 3);
    assert_eq!(scanned(&by_file), BTreeSet::from([shop, blog]));
    assert_eq!(said(&by_file), said(&by_number));
    assert!(organization.asked().count(MANAGEMENT, |service, _, _| service == "organizations") == 0);

    // an account that cannot be entered costs itself, and the exit status tells that something is missing
    organization.trouble(&json!({ play: { "role": "missing" } }));
    let partly = report(organization.scan(BOTH).args(["--role-arn", &roles]), 4);
    assert_eq!(scanned(&partly), BTreeSet::from([shop]));
    let reason = unscanned(&partly)[play].to_owned();
    assert!(reason.contains(&role(play)) && reason.contains("AccessDenied"), "{reason}");
    // where it is the only one, that is an error
    let alone = run(organization.scan(BOTH).args(["--role-arn", &role(play)]));
    assert_eq!(alone.status, 1, "{}", alone.err);
    assert!(alone.err.contains("AccessDenied"), "{}", alone.err);
}

/// What an account's trouble must come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cost {
    /// Nothing but time.
    Nothing,
    /// A region is left out and told; what is global is known.
    Region,
    /// Buckets are unknown.
    Buckets,
    /// Everything is unknown, since the credentials ended.
    Expired,
    /// The account as a whole, with this in the reason.
    Account(&'static str),
}

#[test]
fn two_hundred_accounts_survive_what_troubles_some_of_them() {
    let name = |number: usize| format!("member-{number:03}");
    let steps: Vec<Value> = std::iter::once(unit("Workloads", "Root"))
        .chain((0..199).map(|number| account(&name(number), "Workloads", &json!({}), 1, number % 2)))
        .collect();
    let organization = Organization::of(&Value::from(steps));
    let troubles = [
        (10, json!({ "role": "missing" }), Cost::Account("AccessDenied")),
        (11, json!({ "role": "missing" }), Cost::Account("AccessDenied")),
        (20, json!({ "off": ["eu-central-1"] }), Cost::Region),
        (21, json!({ "off": ["eu-central-1"] }), Cost::Region),
        (22, json!({ "off": ["us-east-1", "eu-central-1"] }), Cost::Account("OptInRequired")),
        // it lasts for finding out who is signed in and for the regions, not for the rest
        (30, json!({ "expires": 3 }), Cost::Expired),
        (31, json!({ "expires": 3 }), Cost::Expired),
        (40, json!({ "throttled": 1 }), Cost::Nothing),
        (41, json!({ "throttled": 2 }), Cost::Nothing),
        (50, json!({ "errors": 3 }), Cost::Nothing),
        (51, json!({ "errors": 2 }), Cost::Nothing),
        (52, json!({ "errors": 1 }), Cost::Account("InternalFailure")),
        (60, json!({ "cut": "s3" }), Cost::Buckets),
        (61, json!({ "cut": "sts" }), Cost::Account("end of file before message length")),
        (70, json!({ "hangs": true }), Cost::Account("in time")),
    ];
    let told: serde_json::Map<String, Value> = troubles
        .iter()
        .map(|(number, trouble, _)| (organization.id(&name(*number)).to_owned(), trouble.clone()))
        .collect();
    organization.trouble(&Value::Object(told));
    let report = report(organization.scan(BOTH).args(["--organization", "--accounts-at-once", "16"]), 3);
    let (verdicts, unscanned, asked) = (verdicts(&report), unscanned(&report), organization.asked());
    for number in 0..199 {
        let account = organization.id(&name(number));
        let cost = troubles.iter().find(|(of, _, _)| *of == number).map_or(Cost::Nothing, |found| found.2);
        let of =
            |rule: &str| verdicts.get(&(account.to_owned(), rule.to_owned())).cloned().unwrap_or_default();
        let found = (of(ROOT_KEY), of(PLAIN_HTTP));
        let bucket = if number % 2 == 1 { "pass" } else { "fail" };
        let expected = match cost {
            Cost::Nothing | Cost::Region => (vec!["pass".to_owned()], vec![bucket.to_owned()]),
            Cost::Buckets => (vec!["pass".to_owned()], vec!["unknown".to_owned()]),
            Cost::Expired => (vec!["unknown".to_owned()], vec!["unknown".to_owned()]),
            Cost::Account(_) => (vec![], vec![]),
        };
        assert_eq!(found, expected, "{number} {cost:?} {:?}", unscanned.get(account));
        let run = report["runs"].as_array().unwrap().iter().find(|run| run["scope"] == account);
        match cost {
            Cost::Account(reason) => {
                assert!(run.is_none(), "{number}");
                assert!(unscanned[account].contains(reason), "{number}: {}", unscanned[account]);
            }
            Cost::Expired => assert_eq!(run.unwrap()["completion"], "credentials-expired"),
            Cost::Region => assert_eq!(run.unwrap()["skipped_regions"][0]["region"], "eu-central-1"),
            Cost::Nothing | Cost::Buckets => assert_eq!(run.unwrap()["completion"], "complete"),
        }
        // however many services and regions are asked in it
        assert_eq!(asked.count(account, |_, _, operation| operation == "AssumeRole"), 1, "{number}");
    }
    let failed = troubles.iter().filter(|(_, _, cost)| matches!(cost, Cost::Account(_)));
    assert_eq!(unscanned.len(), failed.count());
    assert!(scanned(&report).contains(MANAGEMENT));
    let traffic = &report["scan"]["traffic"];
    assert_eq!(
        traffic["throttled"],
        asked.throttled(organization.id(&name(40))) + asked.throttled(organization.id(&name(41)))
    );
    assert!(traffic["repeated"].as_u64().unwrap() > 0);
}

/// Starts a scan and kills it as soon as that is so.
fn kill_when(command: &mut Command, is_so: impl Fn() -> bool) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while !is_so() {
        assert!(child.try_wait().unwrap().is_none(), "the scan ended before it could be killed");
        assert!(start.elapsed() < Duration::from_mins(1), "the scan does not come so far");
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The accounts whose snapshots stand in a folder.
fn kept(folder: &Path) -> BTreeSet<String> {
    let names = folder.read_dir().into_iter().flatten().map(|entry| entry.unwrap().file_name());
    names.filter_map(|name| Some(name.to_str()?.strip_suffix(".jsonl.gz")?.to_owned())).collect()
}

#[test]
fn a_scan_of_an_organization_that_was_killed_goes_on_where_it_was() {
    let name = |number: usize| format!("member-{number:02}");
    let steps: Vec<Value> =
        (0..12).map(|number| account(&name(number), "Root", &json!({}), 2, number % 3)).collect();
    let organization = Organization::of(&Value::from(steps));
    let folder = tempfile::tempdir().unwrap();
    let whole = report(organization.scan(BOTH).arg("--organization"), 3);
    organization.trouble(&json!({ "*": { "delay": 0.05 } }));
    let scan = || {
        let mut command = organization.scan(BOTH);
        command.args(["--organization", "--accounts-at-once", "2", "--snapshot"]).arg(folder.path());
        command
    };
    kill_when(&mut scan(), || kept(folder.path()).len() >= 4);
    let finished = kept(folder.path());
    assert!(finished.len() < 13, "there is nothing left to do");
    organization.count_anew();
    let resumed = report(scan().arg("--resume"), 3);
    let asked = organization.asked();
    for account in &finished {
        // the management account is who asks the organization and for roles
        let own = asked.count(account, |service, _, _| !matches!(service, "organizations" | "sts"));
        assert_eq!(own, 0, "{account}");
        assert!(account == MANAGEMENT || asked.all(account) == 0, "{account}");
    }
    assert!(scanned(&whole).iter().any(|account| !finished.contains(*account) && asked.all(account) > 0));
    assert_eq!(said(&resumed), said(&whole));
    let details = |report: &Value| {
        let findings = report["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["scope_details"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(details(&resumed), details(&whole));
    assert_eq!(kept(folder.path()).len(), 13);

    let again = run(scan().arg("--resume"));
    assert_eq!(again.status, 1);
    assert!(again.err.contains("no scan that was cut short"), "{}", again.err);
    assert!(again.err.contains("leave out `--resume`"), "{}", again.err);
}

/// What a journal holds: type and region of each listing, up to where it was cut.
fn listings(journal: &Path) -> BTreeSet<(String, String)> {
    let mut file = BufReader::new(File::open(journal).unwrap());
    let mut listings = BTreeSet::new();
    while !file.fill_buf().unwrap().is_empty() {
        let lines: Result<Vec<String>, _> = BufReader::new(GzDecoder::new(&mut file)).lines().collect();
        let Ok(lines) = lines else { break };
        let first = json(&lines[0]);
        if let Some(of) = first["listing"]["type"].as_str() {
            listings.insert((of.to_owned(), first["listing"]["region"].as_str().unwrap().to_owned()));
        }
    }
    listings
}

/// The calls of EC2 that listings were made with, but for those that a type which is not held needs as well.
fn not_needed_again<'p>(plan: &'p Plan, held: &BTreeSet<(String, String)>) -> Vec<&'p Call> {
    let is_held = |name: &str| held.iter().any(|(of, _)| of == name);
    let mut others = plan.clone();
    others.types.retain(|planned| !is_held(planned.definition.name.as_str()));
    let needed = others.operations();
    let held = plan.types.iter().filter(|planned| is_held(planned.definition.name.as_str()));
    let calls = held.filter_map(|planned| match &planned.definition.list.kind {
        ListKind::Call { call, .. } => Some(call),
        _ => None,
    });
    calls.filter(|call| call.service == "ec2" && !needed.contains(&call.name())).collect()
}

#[test]
fn a_scan_of_one_account_that_was_killed_asks_for_no_listing_twice_even_if_its_journal_was_cut() {
    let organization = Organization::of(&json!([]));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("estate.jsonl.gz");
    let journal = folder.path().join("estate.jsonl.gz.partial");
    let scan = || {
        let mut command = organization.command();
        command.args(["scan", "aws", "--region", "us-east-1", "--service", "ec2", "--format", "json"]);
        command
    };
    let whole = report(&mut scan(), 3);
    organization.trouble(&json!({ "*": { "delay": 0.2 } }));
    let keeping = |command: &mut Command| {
        command.arg("--snapshot").arg(&file);
    };
    let mut killed = scan();
    keeping(&mut killed);
    let catalog = Catalog::built_in_with(&[]).unwrap();
    let plan = Plan::of(&catalog, catalog.rules().filter(|rule| rule.service == "ec2")).unwrap();
    kill_when(&mut killed, || journal.exists() && not_needed_again(&plan, &listings(&journal)).len() >= 6);
    assert!(!file.exists());
    let before = listings(&journal);
    // the end of the process may come in the middle of writing
    let length = journal.metadata().unwrap().len();
    File::options().write(true).open(&journal).unwrap().set_len(length - 5).unwrap();
    let held = listings(&journal);
    assert_eq!(held.len() + 1, before.len());

    organization.count_anew();
    let mut resumed = scan();
    keeping(&mut resumed);
    let resumed = report(resumed.arg("--resume"), 3);
    let asked = organization.asked();
    let calls = not_needed_again(&plan, &held);
    assert!(!calls.is_empty(), "{held:?}");
    for call in calls {
        let again =
            asked.count(MANAGEMENT, |service, _, operation| service == "ec2" && operation == call.operation);
        assert_eq!(again, 0, "{}", call.name());
    }
    assert_eq!(said(&resumed), said(&whole));
    assert!(resumed["runs"][0]["resumed_at"].is_string());
    assert!(file.exists() && !journal.exists());

    let mut again = scan();
    keeping(&mut again);
    let again = run(again.arg("--resume"));
    assert_eq!(again.status, 1);
    assert!(again.err.contains("no scan that was cut short"), "{}", again.err);
}

#[test]
fn a_service_that_complains_is_asked_more_slowly_and_answers_all_the_same() {
    /// What the service bears, and what the scan begins with, both in requests a second.
    const BORNE: u64 = 10;
    const RATE: u64 = 40;
    let organization = Organization::of(&json!([account("shop", "Root", &json!({}), 120, 60)]));
    let shop = organization.id("shop");
    organization.trouble(&json!({ shop: { "rate": BORNE } }));
    let mut command = organization.command();
    command.args(["scan", "aws", "--account", shop, "--region", "us-east-1", "--format", "json"]);
    command.args(["--rule", PLAIN_HTTP, "--max-rate", &RATE.to_string()]);
    let report = report(&mut command, 3);
    let verdicts = &verdicts(&report)[&(shop.to_owned(), PLAIN_HTTP.to_owned())];
    let counted = |status: &str| verdicts.iter().filter(|found| *found == status).count();
    assert_eq!((counted("pass"), counted("fail"), verdicts.len()), (60, 60, 120));

    let asked = organization.asked();
    let throttled = asked.throttled(shop);
    assert!(throttled > 0);
    assert_eq!(report["scan"]["traffic"]["throttled"], throttled);
    let (highest, after) = asked.highest_rates(shop, "s3");
    // a second's worth may be sent at once, and as many again come within the second
    assert!(highest <= 2 * RATE, "{highest}");
    // the first complaint halves both, and the rate grows back by a sixtieth of the full one each second
    assert!(after <= RATE + 2 * RATE / 60, "{after}");
    // each complaint costs at most the ten requests that were under way together, halves the rate, and it takes
    // two halvings to come to what is borne, and seconds to grow beyond it again
    assert!(throttled <= 50, "{throttled} of {}", asked.all(shop));
    assert!(throttled * 3 <= asked.all(shop), "{throttled} of {}", asked.all(shop));
}
