//! What a server asks of the store: runs that are sent, runs of some accounts, findings of a run, exports.

use crate::estate::{ACCOUNT, Estate, Fail, Pass, RULES, Unknown, bundle, day, stores, take};
use stance_model::Standing::{self, Failing, Passing};
use stance_store::{Cell, Constraints, Position, RunId, Store, StoreError, TakenIn};
use std::collections::BTreeSet;

const OTHER: &str = "222222222222";

fn other() -> Estate {
    Estate::of(&[("theirs", [Fail, Fail])]).in_scope(OTHER, "other")
}

fn number_of(store: &Store, scope: &str) -> i64 {
    store.census().unwrap().scope_of(scope).unwrap().number
}

#[test]
fn a_run_that_is_sent_twice_is_taken_in_once() {
    for kept in stores() {
        let store = &kept.store;
        let sent = bundle(&[Estate::of(&[("logs", [Fail, Pass])])], day(0));
        for length in (0..sent.len()).step_by(23) {
            store.take_in("nightly", day(0), &sent[..length]).unwrap_err();
            assert_eq!(store.run_named("nightly").unwrap(), None, "a half run leaves no name behind");
        }
        let TakenIn::New(run, imported) = store.take_in("nightly", day(0), sent.as_slice()).unwrap() else {
            panic!("it is new")
        };
        assert_eq!(imported.opened, 1);
        let changed = bundle(&[Estate::of(&[("logs", [Pass, Pass])])], day(1));
        let TakenIn::Known(known) = store.take_in("nightly", day(1), changed.as_slice()).unwrap() else {
            panic!("it is known")
        };
        assert_eq!((known.id, known.opened), (run, 1));
        assert_eq!(store.run_named("nightly").unwrap(), Some(known));
        assert_eq!(store.census().unwrap().score(|_| true).verdicts.failed, 1);
        assert!(store.size().unwrap() > 4096);
    }
}

#[test]
fn runs_are_counted_over_the_scopes_that_may_be_seen() {
    for kept in stores() {
        let store = &kept.store;
        let ours = || Estate::of(&[("logs", [Fail, Pass])]);
        let (first, _) = take(store, 0, &[ours(), other()]);
        let (second, _) = take(store, 1, &[other()]);
        let (third, _) = take(store, 2, &[ours()]);
        let own = BTreeSet::from([number_of(store, ACCOUNT)]);
        let runs = store.runs_of(&own, None, 10).unwrap();
        assert_eq!(runs.iter().map(|run| run.id).collect::<Vec<_>>(), [third, first]);
        assert_eq!((runs[1].scopes, runs[1].resources, runs[1].score.failed), (1, 1, 1));
        assert_eq!(store.runs_of(&own, Some(third), 10).unwrap().len(), 1);
        assert_eq!(store.runs_of(&own, None, 1).unwrap().len(), 1);
        assert!(matches!(store.run_of(&own, second), Err(StoreError::Missing { .. })));
        assert_eq!(store.run_of(&own, first).unwrap(), runs[1]);
        assert_eq!(store.runs_of(&BTreeSet::new(), None, 10).unwrap(), []);
    }
}

#[test]
fn what_a_run_found_can_be_told_long_after() {
    for kept in stores() {
        let store = &kept.store;
        let (first, _) = take(store, 0, &[Estate::of(&[("logs", [Fail, Pass]), ("site", [Pass, Unknown])])]);
        let (second, _) = take(store, 1, &[Estate::of(&[("logs", [Pass, Pass])]), other()]);
        let (third, _) = take(store, 2, &[Estate::of(&[("logs", [Fail, Pass])]).narrow()]);
        let census = store.census().unwrap();
        let told = |run: RunId, scope: Option<i64>| {
            let mut told = Vec::new();
            store
                .each_finding_of_run::<StoreError>(
                    &census,
                    run,
                    |held| scope.is_none_or(|it| it == held),
                    |finding| {
                        let rule = RULES.iter().position(|rule| *rule == finding.rule.as_str()).unwrap();
                        told.push((finding.resource_name, rule, finding.standing));
                        Ok(())
                    },
                )
                .unwrap();
            told.sort();
            told
        };
        let finding = |name: &str, rule, standing| (name.to_owned(), rule, standing);
        assert_eq!(
            told(first, None),
            [
                finding("logs", 0, Failing),
                finding("logs", 1, Passing),
                finding("site", 0, Passing),
                finding("site", 1, Standing::Unknown),
            ]
        );
        assert_eq!(
            told(second, None),
            [
                finding("logs", 0, Passing),
                finding("logs", 1, Passing),
                finding("theirs", 0, Failing),
                finding("theirs", 1, Failing),
            ]
        );
        assert_eq!(told(second, Some(number_of(store, OTHER))).len(), 2);
        // a narrow run tells of the rules that it asked
        assert_eq!(told(third, None), [finding("logs", 0, Failing)]);
        let none = store.each_finding_of_run::<StoreError>(&census, 99.into(), |_| true, |_| Ok(()));
        assert!(matches!(none, Err(StoreError::Missing { .. })));
    }
}

#[test]
fn every_finding_of_a_list_is_shown_once_with_all_that_it_says() {
    for kept in stores() {
        let names: Vec<String> = (0..1_203).map(|number| format!("bucket-{number:04}")).collect();
        let buckets: Vec<_> = names.iter().map(|name| (name.as_str(), [Fail, Pass])).collect();
        take(&kept.store, 0, &[Estate::of(&buckets), other()]);
        let census = kept.store.census().unwrap();
        let cells: Vec<&Cell> = census.cells.iter().collect();
        for (constraints, count) in [
            (Constraints::default(), 2_408),
            (Constraints { text: Some("bucket".into()), ..Constraints::default() }, 2_406),
            (Constraints { text: Some("theirs".into()), ..Constraints::default() }, 2),
            (Constraints { since_from: Some(day(1)), ..Constraints::default() }, 0),
        ] {
            let mut met = Vec::new();
            kept.store
                .each_finding::<StoreError>(&census, &cells, &constraints, |finding| {
                    assert!(finding.said.unwrap().message.contains(&finding.row.resource_name));
                    met.push(finding.row.id);
                    Ok(())
                })
                .unwrap();
            let shown = met.len();
            met.sort();
            met.dedup();
            assert_eq!((shown, met.len()), (count, count), "{constraints:?}");
        }
        let listed =
            kept.store.findings(&census, &cells, &Constraints::default(), Position::Start, 1).unwrap();
        assert_eq!(listed.total, Some(2_408));
    }
}

#[test]
fn how_scopes_were_collected_last_is_told_without_their_listings() {
    for kept in stores() {
        take(&kept.store, 0, &[Estate::of(&[("logs", [Fail, Pass])]), other()]);
        let census = kept.store.census().unwrap();
        let runs = kept.store.collections(&census, |scope| scope.id.as_str() == OTHER).unwrap();
        assert_eq!(runs.len(), 1);
        assert_eq!(
            (runs[0].scope.as_str(), runs[0].partition.as_str(), runs[0].listings.len()),
            (OTHER, "aws", 0)
        );
        let outline = kept.store.outline(1.into()).unwrap().unwrap();
        assert_eq!(outline.rules.len(), 2);
        assert_eq!(kept.store.outline(99.into()).unwrap(), None);
    }
}
