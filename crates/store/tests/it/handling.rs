//! What people do about findings and rules: assignments, notes, rules that are off, parameters.

use crate::estate::{ACCOUNT, Estate, Fail, Pass, RULES, day, stores, take};
use serde_json::json;
use stance_store::{
    Accounts, Actor, Assigned, Constraints, Level, PersonChange, PersonId, PersonName, Position, Store,
    StoreError,
};

fn by() -> Actor {
    Actor { name: "ada".to_owned(), address: "192.0.2.1".to_owned() }
}

fn person(store: &Store, name: &str, accounts: &Accounts) -> PersonId {
    store.invite(&PersonName::of(name).unwrap(), Level::Read, accounts, &by(), day(0)).unwrap().0
}

fn finding(bucket: &str, rule: &str) -> String {
    stance_model::FindingId::of(rule, ACCOUNT, &format!("arn:aws:s3:::{bucket}"), None).to_string()
}

fn listed(store: &Store, assigned: Assigned) -> Vec<String> {
    let census = store.census().unwrap();
    let cells: Vec<_> = census.cells.iter().collect();
    let wanted = Constraints { assigned: Some(assigned), ..Constraints::default() };
    let page = store.findings(&census, &cells, &wanted, Position::Start, 50).unwrap();
    page.findings.into_iter().map(|finding| finding.id).collect()
}

#[test]
fn a_finding_is_given_to_somebody_who_may_see_it() {
    for kept in stores() {
        let store = &kept.store;
        take(store, 0, &[Estate::of(&[("site", [Fail, Fail])])]);
        let census = store.census().unwrap();
        let (bob, eve) = (
            person(store, "bob", &Accounts::All),
            person(store, "eve", &Accounts::Only(["999".into()].into())),
        );
        let id = finding("site", RULES[0]);
        let assign = |to| store.assign(&census, &id, to, &by(), day(1));
        assign(Some(bob)).unwrap();
        assert_eq!(store.handling(&id).unwrap().assignee, Some((bob, "bob".to_owned())));
        assert_eq!(listed(store, Assigned::To(bob)), std::slice::from_ref(&id));
        assert_eq!(listed(store, Assigned::Named("bob".to_owned())), std::slice::from_ref(&id));
        assert!(listed(store, Assigned::Named("' OR 1=1 --".to_owned())).is_empty());
        assert_eq!(listed(store, Assigned::ToNobody), [finding("site", RULES[1])]);
        assert!(matches!(assign(Some(eve)), Err(StoreError::Unfit(_))));
        assert!(matches!(assign(Some(99.into())), Err(StoreError::Missing { .. })));
        assert_eq!(listed(store, Assigned::To(bob)).len(), 1, "what is refused changes nothing");
        let out = PersonChange { level: Level::Read, accounts: Accounts::All, disabled: true };
        store.change_person(bob, &out, &by(), day(1)).unwrap();
        assert!(matches!(assign(Some(bob)), Err(StoreError::Unfit(_))));
        assign(None).unwrap();
        assert_eq!(store.handling(&id).unwrap().assignee, None);
        assert_eq!(listed(store, Assigned::ToNobody).len(), 2);
        let audit = store.audit(None, 1).unwrap();
        assert_eq!(
            (audit[0].action.as_str(), audit[0].subject.clone()),
            ("assigned", format!("{id} to nobody"))
        );
    }
}

#[test]
fn notes_are_kept_in_their_order_and_outlive_what_becomes_of_the_finding() {
    for kept in stores() {
        let store = &kept.store;
        take(store, 0, &[Estate::of(&[("site", [Fail, Fail])])]);
        let id = finding("site", RULES[0]);
        let hostile = "<script>alert(1)</script>\r\n'; DROP TABLE note; --";
        store.write_note(&id, hostile, &by(), day(1)).unwrap();
        store.write_note(&id, " second ", &by(), day(2)).unwrap();
        for unfit in ["", " \n ", "a\u{0}b", "\u{1b}[31m", &"x".repeat(4_001)] {
            assert!(
                matches!(store.write_note(&id, unfit, &by(), day(2)), Err(StoreError::Unfit(_))),
                "{unfit:?}"
            );
        }
        assert!(matches!(
            store.write_note(&"0".repeat(32), "x", &by(), day(2)),
            Err(StoreError::Missing { .. })
        ));
        take(store, 3, &[Estate::of(&[("site", [Pass, Fail])])]);
        let notes = store.handling(&id).unwrap().notes;
        let told: Vec<_> =
            notes.iter().map(|note| (note.text.as_str(), note.name.as_str(), note.at)).collect();
        assert_eq!(
            told,
            [(hostile.replace("\r\n", "\n").as_str(), "ada", day(1)), ("second", "ada", day(2))]
        );
    }
}

#[test]
fn what_a_rule_said_that_is_off_for_all_counts_nowhere_until_it_is_on_again() {
    for kept in stores() {
        let store = &kept.store;
        take(store, 0, &[Estate::of(&[("site", [Fail, Fail])])]);
        let failed = || store.census().unwrap().score(|_| true).verdicts.failed;
        let judged = || store.census().unwrap().judged.len();
        assert_eq!((failed(), judged()), (2, 2));
        assert!(matches!(store.switch_off(RULES[0], None, " ", &by(), day(1)), Err(StoreError::Unfit(_))));
        store.switch_off(RULES[0], None, "we have another tool", &by(), day(1)).unwrap();
        assert_eq!((failed(), judged()), (1, 1));
        let census = store.census().unwrap();
        let trend = store.trend(&census, 10, |_| true).unwrap();
        assert_eq!(trend[0].score.verdicts.failed, 1);
        let cells: Vec<_> = census.cells.iter().collect();
        let page = store.findings(&census, &cells, &Constraints::default(), Position::Start, 10).unwrap();
        assert_eq!((page.total, page.findings.len()), (Some(1), 1));
        // whoever has its address still sees what was said last
        let detail = store.finding(&census, &finding("site", RULES[0]), |_| true).unwrap();
        assert_eq!(detail.row.standing, stance_model::Standing::Failing);
        assert_eq!(census.settings.off_for_all(), [RULES[0]].into());
        // a run that leaves it out, as it is to, changes nothing of it
        let mut narrow = Estate::of(&[("site", [Fail, Pass])]);
        narrow.rules.remove(RULES[0]);
        narrow.buckets.get_mut("site").unwrap().retain(|(rule, _)| *rule != RULES[0]);
        take(store, 1, &[narrow]);
        assert_eq!(failed(), 0);
        store.switch_on(RULES[0], None, &by(), day(2)).unwrap();
        store.switch_on(RULES[0], None, &by(), day(2)).unwrap();
        assert_eq!(failed(), 1);
        let audit = store.audit(None, 10).unwrap();
        let told: Vec<_> =
            audit.iter().map(|entry| (entry.action.as_str(), entry.subject.as_str())).collect();
        let off = format!("{}: we have another tool", RULES[0]);
        assert_eq!(told, [("switched on", RULES[0]), ("switched off", off.as_str())]);
    }
}

#[test]
fn a_rule_is_off_in_one_benchmark_only_and_parameters_are_set_and_left_again() {
    for kept in stores() {
        let store = &kept.store;
        take(store, 0, &[Estate::of(&[("site", [Fail, Fail])])]);
        store.switch_off(RULES[0], Some("cis"), "not for us", &by(), day(1)).unwrap();
        let census = store.census().unwrap();
        assert_eq!(census.score(|_| true).verdicts.failed, 2, "elsewhere it counts");
        assert!(census.settings.is_off_in(RULES[0], "cis") && !census.settings.is_off_in(RULES[0], "soc"));
        assert!(!census.settings.is_off(RULES[0]) && census.settings.off_for_all().is_empty());
        let set = |value: Option<serde_json::Value>| {
            store.set_parameter(RULES[0], "days", value.as_ref(), &by(), day(2)).unwrap();
        };
        set(Some(json!(30)));
        set(Some(json!(30)));
        set(Some(json!(["a", "b"])));
        let settings = store.rule_settings().unwrap();
        let all: Vec<_> = settings.all_parameters().collect();
        assert_eq!(all, [(RULES[0], "days", &json!(["a", "b"]))]);
        set(None);
        assert_eq!(store.rule_settings().unwrap().all_parameters().count(), 0);
        let logged = store.audit(None, 10).unwrap();
        assert_eq!(logged.iter().filter(|entry| entry.action == "set the parameter").count(), 3);
    }
}
