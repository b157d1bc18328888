//! Exceptions that are made here: what they accept at once, and what no longer when they end.

use crate::estate::{ACCOUNT, Estate, Fail, Pass, RULES, Unknown, bundle, day, scan, stores, take};
use stance_exceptions::Exception;
use stance_model::{ExceptionMark, ScoreBreakdown, Standing};
use stance_store::{
    Accounts, Actor, Author, BundleWriter, Constraints, ExceptionState, NamedRule, Position, Store,
    StoreError,
};
use std::sync::Arc;

const OTHER: &str = "222222222222";

pub fn everybody() -> Author {
    Author { actor: Actor { name: "ada".into(), address: "192.0.2.1".into() }, accounts: Accounts::All }
}

fn limited() -> Author {
    let actor = Actor { name: "lim".into(), address: "192.0.2.2".into() };
    Author { actor, accounts: Accounts::Only([ACCOUNT.into()].into()) }
}

/// An exception as somebody would send it, with reason and owner filled in.
pub fn exception(fields: &str) -> Exception {
    serde_json::from_str(&format!("{{\"reason\": \"a website\", \"owner\": \"web\", {fields}}}")).unwrap()
}

fn counts(store: &Store) -> ScoreBreakdown {
    store.census().unwrap().score(|_| true).verdicts
}

/// Failed, unknown, excepted, passed.
fn fall(store: &Store) -> [u64; 4] {
    let counts = counts(store);
    [counts.failed, counts.unknown, counts.excepted, counts.passed]
}

fn excepted(store: &Store, number: i64) -> Vec<String> {
    let census = store.census().unwrap();
    let cells: Vec<_> = census.cells.iter().collect();
    let covered = Constraints { exception: Some(number), ..Constraints::default() };
    let page = store.findings(&census, &cells, &covered, Position::Start, 100).unwrap();
    assert!(page.findings.iter().all(|finding| finding.standing == Standing::Excepted));
    assert_eq!(page.total, Some(page.findings.len() as u64));
    let mut names: Vec<String> = page.findings.into_iter().map(|finding| finding.resource_name).collect();
    names.sort();
    names
}

fn id(bucket: &str, rule: &str) -> String {
    stance_model::FindingId::of(rule, ACCOUNT, &format!("arn:aws:s3:::{bucket}"), None).to_string()
}

#[test]
fn an_exception_accepts_at_once_what_it_covers_and_its_end_gives_it_back() {
    for kept in stores() {
        let store = &kept.store;
        let estate = Estate::of(&[("site", [Fail, Fail]), ("logs", [Fail, Unknown]), ("good", [Pass, Pass])]);
        let (run, _) = take(store, 0, std::slice::from_ref(&estate));
        assert_eq!(fall(store), [3, 1, 0, 2]);
        let site = exception(r#""resource": ["site", "good"]"#);
        let made = store.make_exception(&site, &everybody(), day(1)).unwrap();
        assert_eq!(fall(store), [1, 1, 2, 2], "what passes is never accepted");
        assert_eq!(excepted(store, made.number), ["site", "site"]);
        let census = store.census().unwrap();
        assert_eq!(store.accepted(&census, |_| true).unwrap()[&made.number], 2);

        // the page of the finding says who accepts it, and since when
        let detail = store.finding(&census, &id("site", RULES[0]), |_| true).unwrap();
        let mark = detail.said.unwrap().exception.unwrap();
        assert_eq!(
            (mark.reason.as_str(), mark.owner.as_str(), &mark.id),
            ("a website", "web", &made.exception.id)
        );
        assert_eq!(detail.row.since, day(1));
        let told: Vec<_> =
            detail.periods.iter().map(|period| (period.is_excepted, period.from, period.to)).collect();
        assert_eq!(told, [(false, day(0), Some(day(1))), (true, day(1), None)]);

        // the run stays as it was, the trend ends at what is now
        let mut then = Vec::new();
        store
            .each_finding_of_run(
                &census,
                run,
                |_| true,
                |finding| {
                    then.push(finding.standing);
                    Ok::<_, StoreError>(())
                },
            )
            .unwrap();
        assert_eq!(then.iter().filter(|standing| **standing == Standing::Excepted).count(), 0);
        let trend = store.trend(&census, 10, |_| true).unwrap();
        assert_eq!((trend.len(), trend[0].run, trend[0].score.verdicts.excepted), (1, run.number(), 2));
        assert_eq!(store.runs(None, 10).unwrap().len(), 1, "no run is told that there was not");

        // a run that changes nothing changes nothing of this, and the day after it the trend has both
        let (_, second) = take(store, 2, std::slice::from_ref(&estate));
        assert_eq!((second.opened, second.resolved, fall(store)), (0, 0, [1, 1, 2, 2]));
        let census = store.census().unwrap();
        let trend = store.trend(&census, 10, |_| true).unwrap();
        let accepted: Vec<u64> = trend.iter().map(|point| point.score.verdicts.excepted).collect();
        assert_eq!(accepted, [0, 2]);
        assert_eq!(store.finding(&census, &id("site", RULES[0]), |_| true).unwrap().row.since, day(1));

        store.end_exception(made.number, &everybody(), day(3)).unwrap();
        assert_eq!(fall(store), [3, 1, 0, 2]);
        let census = store.census().unwrap();
        let detail = store.finding(&census, &id("site", RULES[0]), |_| true).unwrap();
        assert_eq!((detail.row.since, detail.row.reopened, detail.periods.len()), (day(3), 0, 3));
        assert!(detail.said.unwrap().exception.is_none());
        assert!(matches!(store.end_exception(made.number, &everybody(), day(3)), Err(StoreError::Unfit(_))));
        let state = store.exception(made.number, &Accounts::All).unwrap().state(day(3));
        assert_eq!(state, ExceptionState::Ended);
    }
}

#[test]
fn an_exception_that_expires_ends_without_a_run_and_applying_twice_does_nothing() {
    for kept in stores() {
        let store = &kept.store;
        take(store, 0, &[Estate::of(&[("site", [Fail, Fail])])]);
        let until = day(1).date_naive();
        let fields = format!(r#""resource": "si*", "until": "{until}""#);
        let made = store.make_exception(&exception(&fields), &everybody(), day(0)).unwrap();
        assert_eq!((fall(store), made.state(day(0))), ([0, 0, 2, 0], ExceptionState::EndsSoon));
        let generation = Arc::as_ptr(&store.census().unwrap());
        assert_eq!(store.apply_exceptions(day(1)).unwrap(), 0, "it holds through its last day");
        assert_eq!(Arc::as_ptr(&store.census().unwrap()), generation, "nothing was changed");
        assert_eq!(store.apply_exceptions(day(2)).unwrap(), 2);
        assert_eq!((fall(store), made.state(day(2))), ([2, 0, 0, 0], ExceptionState::Expired));
        assert_eq!(store.apply_exceptions(day(2)).unwrap(), 0);
        // a run that saw the estate while it still held does not bring it back
        let late = store.begin_run("late", day(2)).unwrap();
        let sent = bundle(&[Estate::of(&[("site", [Fail, Fail])])], day(1));
        store.import(late, sent.as_slice()).unwrap();
        assert_eq!(fall(store), [2, 0, 0, 0]);
        // a later last day brings it back
        let later = exception(r#""resource": "si*", "until": "2999-12-31""#);
        store.change_exception(made.number, &later, &everybody(), day(3)).unwrap();
        assert_eq!(fall(store), [0, 0, 2, 0]);
    }
}

#[test]
fn a_run_that_was_judged_as_of_another_time_is_put_right() {
    for kept in stores() {
        let store = &kept.store;
        let estate = Estate::of(&[("site", [Fail, Fail])]);
        let fields = format!(r#""resource": "site", "until": "{}""#, day(5).date_naive());
        store.make_exception(&exception(&fields), &everybody(), day(0)).unwrap();
        let run = store.begin_run("future", day(0)).unwrap();
        store.import(run, bundle(&[estate], day(9)).as_slice()).unwrap();
        assert_eq!(fall(store), [2, 0, 0, 0]);
        assert_eq!(store.apply_exceptions(day(0)).unwrap(), 2);
        assert_eq!(fall(store), [0, 0, 2, 0]);
    }
}

#[test]
fn limited_people_accept_in_their_accounts_only_and_meet_no_other_exceptions() {
    for kept in stores() {
        let store = &kept.store;
        let ours = Estate::of(&[("site", [Fail, Fail])]);
        let theirs = Estate::of(&[("site-2", [Fail, Fail])]).in_scope(OTHER, "theirs");
        take(store, 0, &[ours, theirs]);
        for fields in [
            r#""rule": "aws-s3-bucket-is-versioned""#.to_owned(),
            r#""resource": "site*""#.to_owned(),
            format!(r#""account": ["{OTHER}", "{ACCOUNT}"], "resource": "/site/""#),
            r#""account": "*", "resource": "site*""#.to_owned(),
            format!(r#""finding": ["{}"], "rule": "*""#, id("site-2", RULES[0])),
            format!(r#""account": "{OTHER}""#),
        ] {
            let made = store.make_exception(&exception(&fields), &limited(), day(1)).unwrap();
            assert!(excepted(store, made.number).iter().all(|name| name == "site"), "{fields}");
            let in_force = store.exceptions_in_force(day(1)).unwrap();
            let accounts = in_force.iter().flat_map(|exception| &exception.covers.account);
            assert!(accounts.into_iter().all(|account| account.as_str() == ACCOUNT), "{fields}");
            // somebody who sees everything says something else in it, and it still reaches no further
            let wide = exception(r#""resource": "*site*""#);
            store.change_exception(made.number, &wide, &everybody(), day(1)).unwrap();
            assert_eq!(excepted(store, made.number), ["site", "site"], "{fields}");
            store.end_exception(made.number, &limited(), day(1)).unwrap();
        }
        let beyond = exception(&format!(r#""resource": "x", "except": {{"account": "{OTHER}"}}"#));
        assert!(matches!(store.make_exception(&beyond, &limited(), day(1)), Err(StoreError::Unfit(_))));
        let mine = limited().accounts;
        let seen = store.exceptions(&mine).unwrap().len();
        for (fields, is_seen) in [
            (r#""resource": "site*""#.to_owned(), false),
            (format!(r#""account": ["{OTHER}", "{ACCOUNT}"], "rule": "{}""#, RULES[0]), false),
            (format!(r#""account": "{OTHER}", "rule": "{}""#, RULES[0]), false),
            (r#""account": "1*", "resource": "x""#.to_owned(), false),
            (
                format!(r#""account": "{ACCOUNT}", "resource": "x", "except": {{"account": "{OTHER}"}}"#),
                false,
            ),
            (format!(r#""account": "{ACCOUNT}", "resource": "x", "except": {{"resource": "y"}}"#), true),
        ] {
            let made = store.make_exception(&exception(&fields), &everybody(), day(2)).unwrap();
            assert_eq!(store.exceptions(&mine).unwrap().len(), seen + usize::from(is_seen), "{fields}");
            let missing = |result: Result<_, StoreError>| matches!(result, Err(StoreError::Missing { .. }));
            assert_eq!(missing(store.exception(made.number, &mine)), !is_seen, "{fields}");
            let change = exception(r#""resource": "z""#);
            assert_eq!(missing(store.change_exception(made.number, &change, &limited(), day(2))), !is_seen);
            if !is_seen {
                assert!(missing(store.end_exception(made.number, &limited(), day(2))));
            }
            store.end_exception(made.number, &everybody(), day(2)).unwrap();
        }
        assert_eq!(fall(store), [4, 0, 0, 0]);
    }
}

#[test]
fn what_the_run_accepts_itself_stays_accepted_and_what_the_store_accepts_is_not_the_runs() {
    for kept in stores() {
        let store = &kept.store;
        let estate = Estate::of(&[("site", [Fail, Fail])]);
        let made = store.make_exception(&exception(r#""resource": "site""#), &everybody(), day(0)).unwrap();
        let of_store = ExceptionMark {
            id: made.exception.id.clone(),
            reason: "a website".into(),
            owner: "web".into(),
            until: None,
        };
        let of_file = ExceptionMark { id: None, reason: "from a file".into(), ..of_store.clone() };
        let mut findings = estate.findings(day(1));
        findings[0].exception = Some(Arc::new(of_file));
        findings[1].exception = Some(Arc::new(of_store));
        let rules = RULES.into_iter().map(Into::into);
        let mut writer = BundleWriter::begin(Vec::new(), rules).unwrap();
        writer.scope(&estate.snapshot(day(1)), &findings).unwrap();
        let run = store.begin_run("marked", day(1)).unwrap();
        store.import(run, writer.end(scan(day(1)), Vec::new()).unwrap().as_slice()).unwrap();
        assert_eq!(fall(store), [0, 0, 2, 0]);
        store.end_exception(made.number, &everybody(), day(2)).unwrap();
        assert_eq!(fall(store), [1, 0, 1, 0], "the file's exception goes on");
        let census = store.census().unwrap();
        let reason = |rule| {
            let detail = store.finding(&census, &id("site", rule), |_| true).unwrap();
            detail.said.unwrap().exception.map(|mark| mark.reason.clone())
        };
        assert_eq!((reason(RULES[0]).as_deref(), reason(RULES[1])), (Some("from a file"), None));
    }
}

#[test]
fn an_exception_made_while_a_run_goes_on_outlives_its_import() {
    for kept in stores() {
        let store = &kept.store;
        take(store, 0, &[Estate::of(&[("site", [Fail, Fail]), ("logs", [Fail, Fail])])]);
        let run = store.begin_run("slow", day(1)).unwrap();
        store.make_exception(&exception(r#""resource": "site""#), &everybody(), day(2)).unwrap();
        assert_eq!(fall(store), [2, 0, 2, 0]);
        let mended = Estate::of(&[("site", [Pass, Fail]), ("logs", [Pass, Fail])]);
        store.import(run, bundle(&[mended], day(1)).as_slice()).unwrap();
        assert_eq!(fall(store), [1, 0, 1, 2]);
        let census = store.census().unwrap();
        let trend = store.trend(&census, 10, |_| true).unwrap();
        let told = |point: &stance_store::TrendPoint| {
            let ScoreBreakdown { passed, failed, unknown, excepted } = point.score.verdicts;
            [failed, unknown, excepted, passed]
        };
        assert_eq!(
            trend.iter().map(told).collect::<Vec<_>>(),
            [[4, 0, 0, 0], [1, 0, 1, 2]],
            "none counts twice"
        );
        let detail = store.finding(&census, &id("site", RULES[0]), |_| true).unwrap();
        let ends: Vec<_> = detail.periods.iter().map(|period| (period.from, period.to)).collect();
        assert_eq!(ends, [(day(0), Some(day(1))), (day(1), None)], "no two verdicts at a time");
    }
}

#[test]
fn rules_are_named_by_service_and_by_other_names_and_resources_by_tags() {
    for kept in stores() {
        let store = &kept.store;
        let estate =
            Estate::of(&[("site", [Fail, Fail]), ("logs", [Fail, Fail])]).tagged("logs", "env", "dev");
        take(store, 0, std::slice::from_ref(&estate));
        let named = |id: &str, names: &[&str]| NamedRule {
            id: id.to_owned(),
            service: "s3".to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        let rules =
            [named(RULES[0], &["s3_secure_transport"]), named(RULES[1], &[]), named("aws-other", &[])];
        store.learn_rules(rules).unwrap();
        for (fields, count) in [
            (r#""rule": "s3_secure_transport""#, 2),
            (r#""service": "s3", "resource": "logs""#, 2),
            (r#""service": "ec2", "region": "*", "resource": "*s""#, 0),
            (r#""tag": "env=dev""#, 2),
            (r#""tag": "env=prod""#, 0),
            (r#""region": "eu-*", "rule": "aws-s3-bucket-is-*""#, 2),
            (r#""resource": "arn:aws:s3:::site", "except": {"rule": "aws-s3-bucket-is-versioned"}"#, 1),
        ] {
            let made = store.make_exception(&exception(fields), &everybody(), day(1)).unwrap();
            assert_eq!(counts(store).excepted, count, "{fields}");
            // the same by a run
            take(store, made.number + 10, std::slice::from_ref(&estate));
            assert_eq!(counts(store).excepted, count, "{fields}");
            store.end_exception(made.number, &everybody(), day(30)).unwrap();
        }
        let all = exception(r#""rule": "aws-*""#);
        let told = store.make_exception(&all, &everybody(), day(1)).unwrap_err().to_string();
        assert!(told.contains("it would cover every finding"), "{told}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_and_leaves_no_trace() {
    for kept in stores() {
        let store = &kept.store;
        take(store, 0, &[Estate::of(&[("site", [Fail, Fail])])]);
        let fit = exception(r#""resource": "site""#);
        let mut told = Vec::new();
        for unfit in [
            Exception { reason: " ".into(), ..fit.clone() },
            Exception { owner: String::new(), ..fit.clone() },
            Exception { reason: "x".repeat(2_001), ..fit.clone() },
            Exception { reason: "a\u{0}b".into(), ..fit.clone() },
            Exception { until: Some(day(-1).date_naive()), ..fit.clone() },
            Exception { covers: stance_exceptions::Criteria::default(), ..fit.clone() },
            exception(r#""account": "*""#),
            exception(r#""rule": "no-such-rule""#),
        ] {
            let refused = store.make_exception(&unfit, &everybody(), day(0)).unwrap_err();
            assert!(matches!(refused, StoreError::Unfit(_)), "{refused}");
            told.push(refused.to_string());
        }
        assert_eq!(
            told,
            [
                "`reason` is blank; an exception needs one",
                "`owner` is blank; an exception needs one",
                "the reason is longer than 2000 characters; say it shorter",
                "the reason holds characters that cannot be shown; leave them out",
                &format!("`{}` is over; choose a later last day, or none", day(-1).date_naive()),
                "it would cover every finding; say which by `finding`, `rule`, `service`, `resource`, `tag`, `account` or `region`",
                "it would cover every finding; say which by `finding`, `rule`, `service`, `resource`, `tag`, `account` or `region`",
                "there is no rule `no-such-rule`; the page of rules lists them",
            ]
        );
        assert!(store.exceptions(&Accounts::All).unwrap().is_empty());
        assert!(store.audit(None, 10).unwrap().is_empty());
        assert_eq!(fall(store), [2, 0, 0, 0]);
        let missing = store.change_exception(7, &fit, &everybody(), day(0)).unwrap_err();
        assert_eq!(missing.to_string(), "there is no exception `7`");
    }
}

#[test]
fn who_changed_what_and_when_is_kept_and_logged() {
    for kept in stores() {
        let store = &kept.store;
        let hostile = exception(r#""resource": "<script>'; DROP TABLE exception; --""#);
        let made = store.make_exception(&hostile, &limited(), day(0)).unwrap();
        let other = Exception { reason: "another".into(), ..hostile.clone() };
        store.change_exception(made.number, &other, &everybody(), day(1)).unwrap();
        store.change_exception(made.number, &other, &everybody(), day(2)).unwrap();
        store.end_exception(made.number, &limited(), day(3)).unwrap();
        let history = store.exception_history(made.number).unwrap();
        let told: Vec<_> = history
            .iter()
            .map(|change| {
                (change.action.as_str(), change.name.as_str(), change.at, change.exception.reason.as_str())
            })
            .collect();
        assert_eq!(
            told,
            [
                ("ended", "lim", day(3), "another"),
                ("changed", "ada", day(1), "another"),
                ("made", "lim", day(0), "a website"),
            ],
            "what changes nothing is no change"
        );
        let audit = store.audit(None, 10).unwrap();
        let acts: Vec<&str> = audit.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(acts, ["ended the exception", "changed the exception", "made the exception"]);
        assert!(audit[2].subject.contains("DROP TABLE") && audit[2].address == "192.0.2.2");
    }
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[test]
fn in_whatever_order_things_happen_counts_lists_and_trend_agree() {
    for kept in stores() {
        let store = &kept.store;
        let mut dice = Dice(7);
        let mut live: Vec<(i64, String, u64)> = Vec::new();
        let mut verdicts = vec![[Fail, Fail]; 6];
        for step in 0..60_u64 {
            let now = day(i64::try_from(step).unwrap());
            match dice.roll(5) {
                0 | 1 => {
                    for pair in &mut verdicts {
                        for verdict in pair {
                            *verdict = [Fail, Fail, Unknown, Pass][usize::try_from(dice.roll(4)).unwrap()];
                        }
                    }
                    let names: Vec<String> = (0..6).map(|bucket| format!("b{bucket}")).collect();
                    let buckets: Vec<_> =
                        names.iter().map(String::as_str).zip(verdicts.iter().copied()).collect();
                    store.apply_exceptions(now).unwrap();
                    take(store, i64::try_from(step).unwrap(), &[Estate::of(&buckets)]);
                }
                2 | 3 => {
                    let (bucket, last) = (format!("b{}", dice.roll(6)), step + dice.roll(9));
                    let until = day(i64::try_from(last).unwrap()).date_naive();
                    let fields = format!(r#""resource": "{bucket}", "until": "{until}""#);
                    let made = store.make_exception(&exception(&fields), &everybody(), now).unwrap();
                    live.push((made.number, bucket, last));
                }
                _ if !live.is_empty() => {
                    let chosen = usize::try_from(dice.roll(live.len() as u64)).unwrap();
                    let (number, _, _) = live.remove(chosen);
                    store.end_exception(number, &everybody(), now).unwrap();
                }
                _ => {}
            }
            store.apply_exceptions(now).unwrap();
            let census = store.census().unwrap();
            if census.runs.is_empty() {
                continue;
            }
            let mut expected = ScoreBreakdown::default();
            for (bucket, pair) in verdicts.iter().enumerate() {
                let name = format!("b{bucket}");
                let is_covered = live.iter().any(|(_, held, last)| *held == name && *last >= step);
                for verdict in pair {
                    match (verdict, is_covered) {
                        (Fail | Unknown, true) => expected.excepted += 1,
                        (Fail, false) => expected.failed += 1,
                        (Unknown, false) => expected.unknown += 1,
                        _ => expected.passed += 1,
                    }
                }
            }
            assert_eq!(counts(store), expected, "step {step}");
            let trend = store.trend(&census, 100, |_| true).unwrap();
            assert_eq!(trend.last().unwrap().score.verdicts, expected, "step {step}");
            let accepted: u64 = store.accepted(&census, |_| true).unwrap().values().sum();
            assert_eq!(accepted, expected.excepted, "step {step}");
            let cells: Vec<_> = census.cells.iter().collect();
            let mut listed = ScoreBreakdown::default();
            store
                .each_finding(&census, &cells, &Constraints::default(), |finding| {
                    listed.add(finding.row.standing, 1);
                    let is_marked = finding.said.is_some_and(|said| said.exception.is_some());
                    assert_eq!(is_marked, finding.row.standing == Standing::Excepted);
                    Ok::<_, StoreError>(())
                })
                .unwrap();
            assert_eq!(listed, expected, "step {step}");
        }
    }
}
