use super::*;
use crate::{Exceptions, Subject, read_exceptions};
use proptest::prelude::*;
use regex::Regex;
use std::collections::BTreeMap;
use std::fmt::Write;

fn checks() -> RuleNames {
    RuleNames::new([
        ("aws-s3-bucket-denies-plain-http", "s3_bucket_secure_transport_policy"),
        ("aws-s3-bucket-is-not-public", "s3_bucket_public_access"),
        ("aws-s3-bucket-policy-is-not-public", "s3_bucket_public_access"),
        ("aws-s3-bucket-keeps-versions", "s3_bucket_object_versioning"),
        ("aws-iam-user-has-hardware-mfa", "iam_user_hardware_mfa_enabled"),
        ("aws-iam-role-trusts-nobody", "iam_role_trust"),
        ("aws-iam-role-trusts-nobody-outside", "iam_role_trust_external"),
        ("aws-ec2-instance-has-no-public-ip", "ec2_instance_public_ip"),
        ("aws-lambda-function-is-not-public", "awslambda_function_not_publicly_accessible"),
        ("aws-ecs-task-definition-holds-no-secret", "ecs_task_definitions_no_environment_secrets"),
    ])
}

fn import(text: &str) -> Imported {
    import_mutelist(text, &checks(), FillIn::default()).unwrap()
}

fn shown(imported: &Imported) -> String {
    let notes: Vec<String> = imported.notes.iter().map(ToString::to_string).collect();
    format!(
        "{} exceptions, {} to fill in\n{}\n---\n{}",
        imported.exceptions,
        imported.to_fill_in,
        notes.join("\n"),
        imported.yaml
    )
}

#[test]
fn a_mutelist_as_teams_write_it_becomes_exceptions() {
    let imported = import(include_str!("tests/team.yaml"));
    insta::assert_snapshot!(shown(&imported));
}

#[test]
fn what_cannot_be_carried_over_is_told_and_covers_less() {
    let imported = import(include_str!("tests/odd.yaml"));
    insta::assert_snapshot!(shown(&imported));
}

#[test]
fn an_import_is_refused_until_somebody_answers_for_it() {
    let text = "Mutelist:\n  Accounts:\n    '*':\n      Checks:\n        s3_bucket_public_access:\n          Regions: ['*']\n          Resources: [website]\n";
    let imported = import(text);
    assert_eq!((imported.exceptions, imported.to_fill_in), (1, 1));
    let refusal = Exceptions::compile(read_exceptions(&imported.yaml).unwrap(), checks()).unwrap_err();
    let told: Vec<&str> = refusal.0.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(told, ["`reason` is still to be filled in", "`owner` is still to be filled in"]);

    let fill_in = FillIn { owner: Some("web"), reason: Some("it is our website") };
    let imported = import_mutelist(text, &checks(), fill_in).unwrap();
    assert_eq!(imported.to_fill_in, 0);
    Exceptions::compile(read_exceptions(&imported.yaml).unwrap(), checks()).unwrap();
}

#[test]
fn what_is_no_mutelist_is_refused_with_its_line() {
    let refusal = |text: &str| import_mutelist(text, &checks(), FillIn::default()).unwrap_err().to_string();
    assert_eq!(refusal("rules: []\n"), "there is no key `Mutelist`; is this a mutelist of Prowler?");
    assert_eq!(refusal(""), "there is no key `Mutelist`; is this a mutelist of Prowler?");
    let check = |line: &str| {
        refusal(&format!("Mutelist:\n  Accounts:\n    '*':\n      Checks:\n        x:\n          {line}\n"))
    };
    assert_eq!(
        check("Region: ['*']"),
        "line 6: unknown field `Region`, expected one of Regions, Resources, Tags, Exceptions, Description"
    );
    assert!(check("Regions: '*'").starts_with("line 6: "), "{}", check("Regions: '*'"));
}

#[test]
fn no_text_makes_a_comment_of_the_import_run_over() {
    let text = "Mutelist:\n  Accounts:\n    '*':\n      Checks:\n        \"s3_bucket_*\\n- rule: '*'\":\n          Regions: ['*']\n          Resources: ['a']\n        \"iam_role_trust|\\nx\":\n          Regions: ['*']\n          Resources: ['a']\n";
    let imported = import(text);
    assert_eq!(read_exceptions(&imported.yaml).unwrap().len(), imported.exceptions);
}

/// A finding as Prowler's mutelist sees it.
#[derive(Clone, Debug)]
struct Finding {
    account: String,
    check: String,
    region: String,
    resource: String,
    tags: BTreeMap<String, String>,
}

/// The five lists of an entry: regions, resources, tags, and the same with accounts for exceptions.
#[derive(Clone, Debug)]
struct Lists {
    accounts: Vec<String>,
    regions: Vec<String>,
    resources: Vec<String>,
    tags: Vec<String>,
}

type Checks = Vec<(String, Lists, Option<Lists>)>;

fn found(pattern: &str, text: &str) -> bool {
    Regex::new(&pattern.replace('*', ".*")).is_ok_and(|pattern| pattern.is_match(text))
}

/// What Prowler's documentation and behaviour say, slowly: whether it mutes the finding.
fn muted(accounts: &[(String, Checks)], finding: &Finding) -> bool {
    let tags: Vec<String> = finding.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let tags = tags.join(" | ");
    let any = |list: &[String], text: &str| list.iter().any(|pattern| found(pattern, text));
    let all_tags = |list: &[String]| list.iter().all(|pattern| found(pattern, &tags));
    accounts.iter().filter(|(account, _)| *account == "*" || *account == finding.account).any(
        |(_, checks)| {
            let mut muted = false;
            for (check, lists, except) in checks {
                if !found(check, &finding.check) {
                    continue;
                }
                let excepted = except.as_ref().is_some_and(|except| {
                    let fits = |list: &[String], fits: bool| list.is_empty() || fits;
                    let given = [&except.accounts, &except.regions, &except.resources, &except.tags];
                    given.iter().any(|list| !list.is_empty())
                        && fits(&except.accounts, any(&except.accounts, &finding.account))
                        && fits(&except.regions, any(&except.regions, &finding.region))
                        && fits(&except.resources, any(&except.resources, &finding.resource))
                        && all_tags(&except.tags)
                });
                if excepted {
                    break;
                }
                muted |= any(&lists.regions, &finding.region)
                    && any(&lists.resources, &finding.resource)
                    && all_tags(&lists.tags);
            }
            muted
        },
    )
}

fn yaml(accounts: &[(String, Checks)]) -> String {
    let list = |texts: &[String]| {
        let quoted: Vec<String> = texts.iter().map(|text| format!("'{text}'")).collect();
        format!("[{}]", quoted.join(", "))
    };
    let mut text = "Mutelist:\n  Accounts:\n".to_owned();
    for (account, checks) in accounts {
        writeln!(text, "    '{account}':\n      Checks:").unwrap();
        for (check, lists, except) in checks {
            write!(
                text,
                "        '{check}':\n          Regions: {}\n          Resources: {}\n          Tags: {}\n",
                list(&lists.regions),
                list(&lists.resources),
                list(&lists.tags)
            )
            .unwrap();
            if let Some(except) = except {
                writeln!(
                    text,
                    "          Exceptions: {{ Accounts: {}, Regions: {}, Resources: {}, Tags: {} }}",
                    list(&except.accounts),
                    list(&except.regions),
                    list(&except.resources),
                    list(&except.tags)
                )
                .unwrap();
            }
        }
    }
    text
}

fn some_of(texts: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(proptest::sample::select(texts).prop_map(str::to_owned), 0..=most)
}

fn lists() -> impl Strategy<Value = Lists> {
    (
        some_of(&["111111111111", "*", "222222222222"], 1),
        some_of(&["eu-west-1", "eu-*", "*", "eu-north-1"], 2),
        some_of(&["logs", "*", "ci-*", "^web$", ".+-logs", "a|b"], 2),
        some_of(&["env=dev", "env=dev|env=qa", "team=*", "*"], 2),
    )
        .prop_map(|(accounts, regions, resources, tags)| Lists { accounts, regions, resources, tags })
}

fn mutelist() -> impl Strategy<Value = Vec<(String, Checks)>> {
    const CHECKS: &[&str] =
        &["s3_bucket_public_access", "s3_*", "iam_user_hardware_mfa_enabled", "*", "ec2.*ip"];
    let checks = proptest::collection::vec((lists(), proptest::option::of(lists())), CHECKS.len());
    let checks = (checks, proptest::sample::subsequence(CHECKS, 0..=CHECKS.len()).prop_shuffle()).prop_map(
        |(lists, checks)| {
            checks
                .into_iter()
                .zip(lists)
                .map(|(check, (lists, except))| (check.to_owned(), lists, except))
                .collect::<Checks>()
        },
    );
    proptest::collection::vec(checks, 2)
        .prop_map(|checks| ["*", "111111111111"].into_iter().map(str::to_owned).zip(checks).collect())
}

fn finding() -> impl Strategy<Value = Finding> {
    (
        proptest::sample::select(&["111111111111", "222222222222"][..]),
        proptest::sample::select(
            &[
                "s3_bucket_public_access",
                "s3_bucket_object_versioning",
                "iam_user_hardware_mfa_enabled",
                "ec2_instance_public_ip",
            ][..],
        ),
        proptest::sample::select(&["eu-west-1", "eu-north-1", "ap-south-1"][..]),
        proptest::sample::select(&["logs", "ci-logs", "web", "webshop", "a", "zzz"][..]),
        proptest::sample::subsequence(&[("env", "dev"), ("env", "qa"), ("team", "x")][..], 0..=2),
    )
        .prop_map(|(account, check, region, resource, tags)| Finding {
            account: account.to_owned(),
            check: check.to_owned(),
            region: region.to_owned(),
            resource: resource.to_owned(),
            tags: tags.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        })
}

proptest! {
    #[test]
    fn an_import_covers_exactly_what_prowler_mutes(
        mutelist in mutelist(), findings in proptest::collection::vec(finding(), 20),
    ) {
        let fill_in = FillIn { owner: Some("team"), reason: Some("accepted") };
        let imported = import_mutelist(&yaml(&mutelist), &checks(), fill_in).unwrap();
        // the one thing that ours refuse: an entry that mutes everything
        prop_assume!(!imported.notes.iter().any(|note| note.message.contains("mutes everything")));
        let exceptions = Exceptions::compile(read_exceptions(&imported.yaml).unwrap(), checks()).unwrap();
        for finding in findings {
            let rule = match finding.check.as_str() {
                "s3_bucket_public_access" => "aws-s3-bucket-policy-is-not-public",
                "s3_bucket_object_versioning" => "aws-s3-bucket-keeps-versions",
                "iam_user_hardware_mfa_enabled" => "aws-iam-user-has-hardware-mfa",
                _ => "aws-ec2-instance-has-no-public-ip",
            };
            let subject = Subject {
                finding: "",
                rule,
                service: "",
                resource_id: &finding.resource,
                resource_name: &finding.resource,
                tags: &finding.tags,
                account: &finding.account,
                region: &finding.region,
            };
            let covered = exceptions.covering(&subject, chrono::DateTime::UNIX_EPOCH).is_some();
            prop_assert_eq!(covered, muted(&mutelist, &finding), "{:?}\n{}\n{}", finding, yaml(&mutelist), imported.yaml);
        }
    }

    #[test]
    fn no_text_makes_the_import_panic(text in "(Mutelist:\n  Accounts:\n    '?\\*'?:\n      Checks:\n        )?[a-zA-Z0-9*:'\\[\\]{}|&^$\\\\ \n-]{0,80}") {
        let _ = import_mutelist(&text, &checks(), FillIn::default());
    }
}
