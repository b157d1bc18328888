//! How long history is kept.

use crate::estate::{Estate, Fail, Pass, day, stores, take};
use stance_store::{Actor, Constraints, Position, Retention};

fn root() -> Actor {
    Actor { name: "root".into(), address: "::1".into() }
}

#[test]
fn what_is_so_now_stays_and_what_was_before_the_days_that_are_kept_goes() {
    for kept in stores() {
        let store = &kept.store;
        take(store, 0, &[Estate::of(&[("logs", [Fail, Pass]), ("gone", [Fail, Fail])])]);
        take(store, 1, &[Estate::of(&[("logs", [Pass, Pass])])]);
        take(store, 30, &[Estate::of(&[("logs", [Fail, Pass])])]);
        take(store, 31, &[Estate::of(&[("logs", [Fail, Pass]), ("site", [Fail, Fail])])]);
        assert_eq!(
            store.forget_old(day(40)).unwrap(),
            stance_store::Forgotten::default(),
            "nobody asked for it"
        );
        store.set_retention(Retention::Days(20), &root(), day(40)).unwrap();
        assert_eq!(store.retention().unwrap(), Retention::Days(20));
        let before = store.census().unwrap();
        let forgotten = store.forget_old(day(40)).unwrap();
        assert_eq!((forgotten.runs, forgotten.resources), (2, 1));
        assert!(forgotten.verdicts > 0, "{forgotten:?}");
        let census = store.census().unwrap();
        assert_eq!(census.cells, before.cells);
        let cells: Vec<_> = census.cells.iter().collect();
        let found = |text: &str| {
            let constraints = Constraints { text: Some(text.into()), ..Constraints::default() };
            store.findings(&census, &cells, &constraints, Position::Start, 9).unwrap().findings
        };
        assert!(found("gone").is_empty());
        let logs = found("logs");
        assert_eq!(logs.len(), 2);
        let fails = logs.iter().find(|row| row.status == Some(stance_model::VerdictStatus::Fail)).unwrap();
        assert_eq!((fails.first_seen, fails.since), (day(0), day(30)), "since when it fails is known still");
        // the runs that are left tell all, the others their numbers
        assert!(store.run(4.into()).unwrap().1.is_some());
        let (summary, report) = store.run(1.into()).unwrap();
        assert!(report.is_none() && summary.score.failed == 3);
        let trend = store.trend(&census, 9, |_| true).unwrap();
        assert_eq!(trend.len(), 2, "a trend over what is forgotten would be wrong: {trend:?}");
        // once is enough, and the store is whole
        assert_eq!(store.forget_old(day(40)).unwrap(), stance_store::Forgotten::default());
        store.check().unwrap();
        take(store, 41, &[Estate::of(&[("logs", [Pass, Pass]), ("gone", [Fail, Pass])])]);
        store.set_retention(Retention::Forever, &root(), day(42)).unwrap();
        assert_eq!(store.forget_old(day(400)).unwrap(), stance_store::Forgotten::default());
    }
}

#[test]
fn days_are_understood_and_too_few_refused() {
    assert_eq!(Retention::of(" 90 ").unwrap(), Retention::Days(90));
    assert_eq!(Retention::of("").unwrap(), Retention::Forever);
    for text in ["0", "6", "-1", "x", "99999999"] {
        assert!(Retention::of(text).is_err(), "{text}");
    }
}
