use crate::{Exception, ExceptionNotice, Exceptions, Regions, Reviewed, RuleNames, Subject, read_exceptions};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use stance_model::RuleId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const PUBLIC: &str = "aws-s3-bucket-is-not-public";
const PLAIN: &str = "aws-s3-bucket-denies-plain-http";
const ROOT: &str = "aws-iam-root-has-no-access-key";

fn names() -> RuleNames {
    RuleNames::new([(PUBLIC, "s3_bucket_public_access"), (PLAIN, "aws-s3-bucket-wants-tls"), (ROOT, ROOT)])
}

fn compiled(text: &str) -> Exceptions {
    Exceptions::compile(read_exceptions(text).unwrap(), names()).unwrap()
}

/// With reason and owner, which most tests do not care about.
fn one(fields: &str) -> Exceptions {
    compiled(&format!("- {{ {fields}, reason: r, owner: o }}"))
}

/// A finding that owns its texts.
#[derive(Clone, Debug)]
struct Finding {
    id: String,
    rule: String,
    resource_id: String,
    name: String,
    tags: BTreeMap<String, String>,
    account: String,
    region: String,
}

impl Finding {
    fn of(rule: &str, id: &str) -> Self {
        Self {
            id: "0123456789abcdef0123456789abcdef".into(),
            rule: rule.into(),
            resource_id: id.into(),
            name: id.rsplit([':', '/']).next().unwrap().into(),
            tags: BTreeMap::from([("env".into(), "dev".into()), ("a=b".into(), "c".into())]),
            account: "123456789012".into(),
            region: "eu-west-1".into(),
        }
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            finding: &self.id,
            rule: &self.rule,
            service: "s3",
            resource_id: &self.resource_id,
            resource_name: &self.name,
            tags: &self.tags,
            account: &self.account,
            region: &self.region,
        }
    }
}

fn website() -> Finding {
    Finding::of(PUBLIC, "arn:aws:s3:::acme-website")
}

fn day(text: &str) -> DateTime<Utc> {
    format!("{text}T12:00:00Z").parse().unwrap()
}

fn covers(fields: &str, finding: &Finding) -> bool {
    one(fields).covering(&finding.subject(), day("2026-06-30")).is_some()
}

#[test]
fn every_field_finds_what_it_names() {
    let finding = website();
    for fields in [
        "finding: 0123456789abcdef0123456789abcdef",
        "rule: aws-s3-bucket-is-not-public",
        "rule: s3_bucket_public_access",
        "rule: aws-s3-*",
        "rule: [other, /public$/]",
        "service: s3",
        "resource: acme-website",
        "resource: arn:aws:s3:::acme-website",
        "resource: 'arn:aws:s3:::acme-*'",
        "resource: /^acme-(website|shop)$/",
        "tag: env",
        "tag: env=dev",
        "tag: 'env=d*'",
        "tag: a=b=c",
        "tag: /^env=(dev|qa)$/",
        "every_tag: [env, 'a=*']",
        "account: 123456789012",
        "account: '1234*'",
        "region: eu-west-1",
        "region: 'eu-*', account: 123456789012, tag: env=dev",
    ] {
        assert!(covers(fields, &finding), "{fields}");
    }
}

#[test]
fn one_field_that_does_not_fit_is_enough_not_to_cover() {
    let finding = website();
    for fields in [
        "finding: 1123456789abcdef0123456789abcdef",
        "rule: aws-s3-bucket-denies-plain-http",
        "rule: aws-s3-bucket-wants-tls",
        "rule: AWS-S3-*",
        "rule: nothing-of-ours",
        "service: ec2",
        "resource: website",
        "resource: Acme-website",
        "tag: dev",
        "tag: env=prod",
        "tag: 'd*'",
        "every_tag: [env, team]",
        "account: 210987654321",
        "region: global",
        "region: eu-west-1, rule: aws-iam-*",
    ] {
        assert!(!covers(fields, &finding), "{fields}");
    }
}

#[test]
fn a_pattern_open_at_its_start_is_not_about_accounts_and_services_in_ids() {
    let group = Finding::of(PUBLIC, "arn:aws:logs:eu-west-1:123456789012:log-group/billing");
    assert!(!covers("resource: '*logs*'", &group));
    assert!(!covers("resource: /logs/", &group));
    assert!(covers("resource: '*bill*'", &group));
}

#[test]
fn a_resource_is_known_by_its_id_in_the_console_too() {
    let mut group = Finding::of(PUBLIC, "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-0a1b");
    group.name = "web servers".into();
    assert!(covers("resource: sg-0a1b", &group) && covers("resource: web servers", &group));
}

#[test]
fn what_is_excepted_from_an_exception_stays_open() {
    let fields =
        "rule: 'aws-s3-*', except: [{ tag: env=dev, region: eu-west-1 }, { rule: aws-s3-bucket-wants-tls }]";
    assert!(!covers(fields, &website()));
    assert!(covers(fields, &Finding { region: "eu-north-1".into(), ..website() }));
    let plain = Finding { region: "eu-north-1".into(), ..Finding::of(PLAIN, "arn:aws:s3:::b") };
    assert!(!covers(fields, &plain));
}

#[test]
fn an_expired_exception_no_longer_covers() {
    let exceptions = one("rule: 'aws-s3-*', until: 2026-06-30");
    assert!(exceptions.covering(&website().subject(), day("2026-06-30")).is_some());
    assert!(exceptions.covering(&website().subject(), day("2026-07-01")).is_none());
}

#[test]
fn the_first_that_still_holds_covers() {
    let exceptions = compiled(
        "- { id: ended, resource: acme-website, reason: r, owner: o, until: 2025-01-01 }\n\
         - { id: first, rule: 'aws-s3-*', reason: r, owner: o }\n\
         - { id: second, resource: acme-website, reason: r, owner: o }\n",
    );
    let covering = exceptions.covering(&website().subject(), day("2026-06-30")).unwrap();
    assert_eq!(covering.id.as_deref(), Some("first"));
}

#[test]
fn what_covers_everything_or_answers_to_nobody_is_refused() {
    let refusal =
        |text: &str| Exceptions::compile(read_exceptions(text).unwrap(), names()).unwrap_err().to_string();
    insta::assert_snapshot!(refusal(
        "- { reason: r, owner: o }\n\
         - { rule: '*', account: ['*'], reason: r, owner: o }\n\
         - { rule: 'aws-*', except: { region: '*' }, reason: ' ', owner: '' }\n\
         - { id: a, rule: x, reason: TO FILL IN, owner: o }\n\
         - { id: a, rule: x, reason: r, owner: o }\n\
         - { id: '', rule: x, reason: r, owner: o }\n\
         - { rule: ['aws-s3-*', 'aws-iam-*'], region: '*', reason: r, owner: o }\n"
    ));
    let of_code = Exception { reason: "why".into(), ..Exception::default() };
    insta::assert_snapshot!(Exceptions::compile(vec![of_code], names()).unwrap_err().to_string());
}

fn evaluated(rules: &[&str]) -> BTreeSet<RuleId> {
    rules.iter().map(|rule| RuleId::from(*rule)).collect()
}

fn all_rules() -> BTreeSet<RuleId> {
    evaluated(&[PUBLIC, PLAIN, ROOT])
}

fn told(exceptions: &Exceptions, reviewed: &Reviewed<'_>) -> String {
    let notices: Vec<String> = exceptions.notices(reviewed).iter().map(ToString::to_string).collect();
    notices.join("\n")
}

#[test]
fn after_a_run_what_ended_and_what_matched_nothing_is_told() {
    let exceptions = compiled(
        "- { id: website, resource: acme-website, rule: aws-s3-bucket-is-not-public, reason: r, owner: web, until: 2026-12-31 }\n\
         - { id: old, resource: acme-website, reason: r, owner: platform, until: 2026-01-31 }\n\
         - { resource: gone, reason: r, owner: o, until: 2026-01-31 }\n\
         - { id: soon, rule: aws-s3-*, reason: r, owner: o, until: 2026-07-10 }\n\
         - { resource: nowhere, reason: r, owner: o, until: 2027-01-01 }\n\
         - { rule: [aws-s3-bucket-is-not-publik, aws-s3-*], reason: r, owner: o }\n\
         - { account: 210987654321, reason: another account, owner: o }\n",
    );
    let as_of = day("2026-06-30");
    for finding in [website(), website(), Finding::of(PLAIN, "arn:aws:s3:::b")] {
        exceptions.covering(&finding.subject(), as_of).unwrap();
    }
    let rules = all_rules();
    let reviewed = Reviewed { as_of, accounts: &["123456789012"], regions: Regions::All, rules: &rules };
    insta::assert_snapshot!(told(&exceptions, &reviewed));
}

#[test]
fn an_exception_is_called_useless_only_where_it_could_have_matched() {
    let exceptions = compiled(
        "- { rule: aws-iam-*, reason: r, owner: o, until: 2027-01-01 }\n\
         - { resource: gone, reason: r, owner: o, until: 2026-01-01 }\n\
         - { rule: aws-s3-*, region: us-east-1, reason: r, owner: o, until: 2027-01-01 }\n\
         - { rule: aws-s3-*, region: [eu-west-1, global], reason: r, owner: o, until: 2027-01-01 }\n\
         - { rule: aws-s3-*, account: 1*, reason: r, owner: o, until: 2027-01-01 }\n",
    );
    let useless = |accounts: &[&str], regions, rules: &BTreeSet<RuleId>| {
        let reviewed = Reviewed { as_of: day("2026-06-30"), accounts, regions, rules };
        let notices = exceptions.notices(&reviewed);
        let lines = notices.iter().map(|notice| match notice {
            ExceptionNotice::MatchesNothing { exception }
            | ExceptionNotice::Ended { exception, findings: 0 } => exception.line.unwrap(),
            other => panic!("{other}"),
        });
        lines.collect::<Vec<_>>()
    };
    assert_eq!(useless(&["1"], Regions::All, &all_rules()), [1, 2, 3, 4, 5]);
    assert_eq!(useless(&["2"], Regions::All, &all_rules()), [1, 2, 3, 4]);
    assert_eq!(useless(&["1"], Regions::All, &evaluated(&[PUBLIC, PLAIN])), [3, 4, 5]);
    assert_eq!(useless(&["1"], Regions::Only(&["eu-west-1"]), &all_rules()), [4]);
    assert!(useless(&["1"], Regions::Only(&["eu-west-1"]), &evaluated(&[])).is_empty());
}

#[test]
fn matches_are_counted_from_many_threads() {
    let exceptions = one("rule: aws-s3-*, until: 2026-01-01");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1000 {
                    exceptions.covering(&website().subject(), day("2026-06-30"));
                }
            });
        }
    });
    let rules = all_rules();
    let as_of = day("2026-06-30");
    let reviewed = Reviewed { as_of, accounts: &["123456789012"], regions: Regions::All, rules: &rules };
    assert!(matches!(
        exceptions.notices(&reviewed).as_slice(),
        [ExceptionNotice::Ended { findings: 4000, .. }]
    ));
}

const TEXTS: [&str; 6] = ["a", "ab", "a*", "?b", "*", "/b/"];

fn field(name: &'static str, texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::option::weighted(0.4, proptest::collection::vec(proptest::sample::select(texts), 1..3))
        .prop_map(move |values| {
            values.map(|values| format!("{name}: ['{}'], ", values.join("', '"))).unwrap_or_default()
        })
}

fn exceptions() -> impl Strategy<Value = Vec<Exception>> {
    const IDS: &[&str] = &["0123456789abcdef0123456789abcdef", "1123456789abcdef0123456789abcdef"];
    const RULES: &[&str] = &[PUBLIC, PLAIN, "aws-s3-*", "s3_bucket_public_access", "unknown", "*"];
    let criteria = || {
        (
            field("finding", IDS),
            field("rule", RULES),
            field("resource", &["a", "ab", "arn:aws:s3:::ab", "a*", "*"]),
            field("tag", &["a", "a=b", "*=b", "/a/"]),
            field("every_tag", &["a", "b"]),
            field("account", &TEXTS),
            field("region", &TEXTS),
        )
            .prop_map(|(a, b, c, d, e, f, g)| [a, b, c, d, e, f, g].concat())
    };
    let one = (criteria(), proptest::option::weighted(0.3, criteria()), any::<bool>()).prop_map(
        |(fields, except, ended)| {
            let except = except.map(|except| format!("except: {{ {except} }}, ")).unwrap_or_default();
            let until = if ended { ", until: 2025-01-01" } else { "" };
            format!("- {{ {fields}{except}reason: r, owner: o{until} }}\n")
        },
    );
    proptest::collection::vec(one, 1..12).prop_map(|items| {
        let mut list = read_exceptions(&items.concat()).unwrap();
        list.retain(|exception| exception.faults(&names()).is_empty());
        list
    })
}

fn finding() -> impl Strategy<Value = Finding> {
    (
        proptest::sample::select(&["0", "1", "2"][..]),
        proptest::sample::select(&[PUBLIC, PLAIN, ROOT, "unknown"][..]),
        proptest::sample::select(&["a", "ab", "b"][..]),
        proptest::sample::select(&["a", "ab", "b"][..]),
        proptest::sample::subsequence(&[("a", "b"), ("b", "b"), ("c", "a")][..], 0..=3),
        proptest::sample::select(&["a", "ab"][..]),
        proptest::sample::select(&["b", "bb"][..]),
    )
        .prop_map(|(id, rule, resource, name, tags, account, region)| Finding {
            id: format!("{id}123456789abcdef0123456789abcdef"),
            rule: rule.into(),
            resource_id: format!("arn:aws:s3:::{resource}"),
            name: name.into(),
            tags: tags.into_iter().map(|(key, value)| (key.into(), value.into())).collect(),
            account: account.into(),
            region: region.into(),
        })
}

proptest! {
    #[test]
    fn the_index_finds_what_a_plain_loop_finds(
        list in exceptions(), findings in proptest::collection::vec(finding(), 1..20),
    ) {
        let (names, as_of) = (names(), day("2026-06-30"));
        let exceptions = Exceptions::compile(list.clone(), names.clone()).unwrap();
        let mut counts = vec![0_u64; list.len()];
        for finding in &findings {
            let subject = finding.subject();
            let covers = |exception: &&Exception| {
                let excepted = exception.except.iter().any(|criteria| criteria.covers(&subject, &names));
                exception.covers.covers(&subject, &names) && !excepted
            };
            let first = list.iter().filter(covers).find(|exception| !exception.has_ended(as_of));
            for (exception, count) in list.iter().zip(&mut counts) {
                let counted = first.is_none() || !exception.has_ended(as_of);
                *count += u64::from(covers(&exception) && counted);
            }
            let found = exceptions.covering(&subject, as_of).map(Arc::as_ref);
            prop_assert_eq!(found, first, "{:?}", finding);
        }
        let matched: Vec<u64> = exceptions.matches().map(|(_, findings)| findings).collect();
        prop_assert_eq!(matched, counts);
    }
}
