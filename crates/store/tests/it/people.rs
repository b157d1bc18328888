//! People: what they can do, and what must not be possible.

use crate::estate::{day, stores};
use chrono::TimeDelta;
use stance_store::{
    Accounts, Act, Actor, Level, LinkFor, NewToken, PasswordHash, PersonChange, PersonId, PersonName, Secret,
    Store, StoreError, password_matches,
};

const PASSWORD: &str = "correct horse battery";

fn by() -> Actor {
    Actor { name: "root".to_owned(), address: "192.0.2.1".to_owned() }
}

fn name(text: &str) -> PersonName {
    PersonName::of(text).unwrap()
}

fn only(ids: &[&str]) -> Accounts {
    Accounts::Only(ids.iter().map(|id| (*id).into()).collect())
}

fn administrator(store: &Store) -> PersonId {
    let link = store.administrator_link(day(0)).unwrap();
    let hash = PasswordHash::of(PASSWORD).unwrap();
    store.use_administrator_link(&link, &name("root"), &hash, "192.0.2.1", day(0)).unwrap()
}

fn invited(store: &Store, called: &str, level: Level, accounts: &Accounts) -> PersonId {
    let (id, link) = store.invite(&name(called), level, accounts, &by(), day(0)).unwrap();
    let hash = PasswordHash::of(PASSWORD).unwrap();
    store.use_link(&link, called, &hash, "192.0.2.2", day(0)).unwrap();
    id
}

#[test]
fn the_first_administrator_comes_by_a_link_that_works_once_and_for_an_hour() {
    for kept in stores() {
        let store = &kept.store;
        let hash = PasswordHash::of(PASSWORD).unwrap();
        let first = store.first_administrator_link(day(0)).unwrap().unwrap();
        // a restart makes a new one, and the old one ends
        let link = store.first_administrator_link(day(0)).unwrap().unwrap();
        let with = |link: &Secret, at| store.use_administrator_link(link, &name("root"), &hash, "::1", at);
        assert!(matches!(with(&first, day(0)), Err(StoreError::LinkEnded)));
        assert!(matches!(with(&Secret::random().unwrap(), day(0)), Err(StoreError::LinkEnded)));
        assert!(matches!(with(&link, day(0) + TimeDelta::hours(1)), Err(StoreError::LinkEnded)));
        assert_eq!(store.link(&link, day(0)).unwrap(), Some(LinkFor::Administrator));
        let id = with(&link, day(0)).unwrap();
        assert!(matches!(with(&link, day(0)), Err(StoreError::LinkEnded)), "a link was used twice");
        assert_eq!(store.first_administrator_link(day(0)).unwrap(), None);
        let person = store.person(id).unwrap();
        assert_eq!((person.level, person.accounts), (Level::Manage, Accounts::All));
        let (found, kept) = store.credentials(&name("ROOT")).unwrap().unwrap();
        assert_eq!(found, id);
        assert!(password_matches(PASSWORD, Some(&kept)).unwrap());
    }
}

#[test]
fn a_persons_link_cannot_make_an_administrator_and_the_other_way_round() {
    for kept in stores() {
        let store = &kept.store;
        administrator(store);
        let hash = PasswordHash::of(PASSWORD).unwrap();
        let (id, link) = store.invite(&name("ada"), Level::Read, &Accounts::All, &by(), day(0)).unwrap();
        let refused = store.use_administrator_link(&link, &name("eve"), &hash, "", day(0));
        assert!(matches!(refused, Err(StoreError::LinkEnded)));
        let other = store.administrator_link(day(0)).unwrap();
        assert!(matches!(store.use_link(&other, "Eve", &hash, "", day(0)), Err(StoreError::LinkEnded)));
        // a new link ends the one before it, and an unfit name uses none
        let new = store.new_link(id, &by(), day(0)).unwrap();
        assert!(matches!(store.use_link(&link, "Ada", &hash, "", day(0)), Err(StoreError::LinkEnded)));
        assert!(matches!(store.use_link(&new, "\n", &hash, "", day(0)), Err(StoreError::Unfit(_))));
        assert!(matches!(store.use_link(&new, "Ada", &hash, "", day(3)), Err(StoreError::LinkEnded)));
        assert_eq!(store.use_link(&new, "Ada", &hash, "", day(2)).unwrap().display_name, "Ada");
        assert!(matches!(
            store.invite(&name("ada"), Level::Read, &Accounts::All, &by(), day(0)),
            Err(StoreError::Unfit(_))
        ));
    }
}

#[test]
fn a_session_ends_by_rest_by_age_by_its_owner_and_with_the_password() {
    for kept in stores() {
        let store = &kept.store;
        let id = administrator(store);
        let begin = || store.begin_session(id, "::1", &"x".repeat(900), day(1)).unwrap();
        let (number, secret) = begin();
        let person = |secret: &Secret, at| store.session(secret, at).unwrap().map(|found| found.person.id);
        assert_eq!(person(&secret, day(1)), Some(id));
        assert_eq!(person(&Secret::random().unwrap(), day(1)), None);
        let later = day(1) + TimeDelta::hours(12);
        assert_eq!(person(&secret, later), None, "an idle session lives on");
        // used every few hours, it lives for a week and no longer
        for hours in (0..24 * 7).step_by(6) {
            let now = day(1) + TimeDelta::hours(hours);
            assert_eq!(person(&secret, now), Some(id), "after {hours} hours");
            store.touch_session(number, now).unwrap();
        }
        assert_eq!(person(&secret, day(8)), None, "a session lives for ever");

        let ((first, one), (_, two)) = (begin(), begin());
        assert_eq!(store.sessions(id, day(1)).unwrap()[0].browser.len(), 200);
        let eve = invited(store, "eve", Level::Read, &Accounts::All);
        let stolen = store.end_session(eve, first, Act::EndedSession, &by(), day(1));
        assert!(matches!(stolen, Err(StoreError::Missing { .. })), "somebody else's session was ended");
        assert_eq!(person(&one, day(1)), Some(id));
        store.end_session(id, first, Act::EndedSession, &by(), day(1)).unwrap();
        assert_eq!((person(&one, day(1)), person(&two, day(1))), (None, Some(id)));
        store.change_password(id, &PasswordHash::of("another password").unwrap(), &by(), day(1)).unwrap();
        assert_eq!(person(&two, day(1)), None, "a session outlived the password");
    }
}

#[test]
fn a_token_never_does_more_than_its_owner_even_when_the_owner_loses_rights() {
    for kept in stores() {
        let store = &kept.store;
        administrator(store);
        let ada = invited(store, "ada", Level::Write, &only(&["1", "2"]));
        let token = |level, accounts: Accounts, days| NewToken {
            name: "ci".to_owned(),
            level,
            accounts,
            ends_at: day(days),
        };
        for refused in [
            token(Level::Manage, only(&["1"]), 9),
            token(Level::Read, Accounts::All, 9),
            token(Level::Read, only(&["1", "3"]), 9),
            token(Level::Read, only(&["1"]), 0),
            token(Level::Read, only(&["1"]), 400),
        ] {
            let made = store.make_token(ada, &refused, &by(), day(0));
            assert!(matches!(made, Err(StoreError::Unfit(_))), "{refused:?}");
        }
        let wanted = token(Level::Write, only(&["1", "2"]), 9);
        let (id, text) = store.make_token(ada, &wanted, &by(), day(0)).unwrap();
        let found = store.token(&text, day(8)).unwrap().unwrap();
        assert_eq!((found.person.id, found.level, found.accounts), (ada, Level::Write, only(&["1", "2"])));
        assert_eq!(store.token(&text, day(9)).unwrap(), None, "a token outlived its end");
        let secret = text.strip_prefix("stance_").unwrap();
        for forged in [secret, "stance_", "", &format!("stance_{}", "0".repeat(64)), &format!("{text} ")] {
            assert_eq!(store.token(forged, day(1)).unwrap(), None, "{forged}");
        }
        // a token opens no session, and a session's secret is no token
        assert_eq!(store.session(&Secret::shown(secret).unwrap(), day(1)).unwrap(), None);
        let (_, session) = store.begin_session(ada, "", "", day(1)).unwrap();
        assert_eq!(store.token(&format!("stance_{}", session.reveal()), day(1)).unwrap(), None);

        let change = |level, accounts, disabled| PersonChange { level, accounts, disabled };
        store.change_person(ada, &change(Level::Read, only(&["2", "3"]), false), &by(), day(1)).unwrap();
        let found = store.token(&text, day(1)).unwrap().unwrap();
        assert_eq!((found.level, found.accounts), (Level::Read, only(&["2"])));
        store.change_person(ada, &change(Level::Read, Accounts::All, true), &by(), day(1)).unwrap();
        assert_eq!(store.token(&text, day(1)).unwrap(), None, "the token of somebody kept out works");
        assert_eq!(store.session(&session, day(1)).unwrap(), None, "the session of somebody kept out works");
        assert!(store.credentials(&name("ada")).unwrap().is_none());
        store.begin_session(ada, "", "", day(1)).unwrap_err();
        store.change_person(ada, &change(Level::Read, Accounts::All, false), &by(), day(1)).unwrap();
        assert_eq!(store.session(&session, day(1)).unwrap(), None, "a session came back to life");

        let eve = invited(store, "eve", Level::Read, &Accounts::All);
        assert!(matches!(store.end_token(eve, id, &by(), day(1)), Err(StoreError::Missing { .. })));
        store.end_token(ada, id, &by(), day(1)).unwrap();
        assert_eq!(store.token(&text, day(1)).unwrap(), None, "an ended token works");
    }
}

#[test]
fn the_last_administrator_stays_one() {
    for kept in stores() {
        let store = &kept.store;
        let root = administrator(store);
        // neither somebody without a password nor somebody limited to accounts can take the place
        store.invite(&name("new"), Level::Manage, &Accounts::All, &by(), day(0)).unwrap();
        invited(store, "limited", Level::Manage, &only(&["1"]));
        let change = |level, accounts, disabled| PersonChange { level, accounts, disabled };
        for last in [
            change(Level::Write, Accounts::All, false),
            change(Level::Manage, Accounts::All, true),
            change(Level::Manage, only(&["1"]), false),
        ] {
            let refused = store.change_person(root, &last, &by(), day(0));
            assert!(matches!(refused, Err(StoreError::LastAdministrator { .. })), "{last:?}");
        }
        let person = store.person(root).unwrap();
        assert_eq!((person.level, person.disabled), (Level::Manage, false));
        invited(store, "second", Level::Manage, &Accounts::All);
        store.change_person(root, &change(Level::Read, Accounts::All, true), &by(), day(0)).unwrap();
    }
}

#[test]
fn the_log_tells_who_did_what_and_nothing_that_failed_or_is_secret() {
    for kept in stores() {
        let store = &kept.store;
        let root = administrator(store);
        let (id, _) = store.invite(&name("ada"), Level::Read, &only(&["1"]), &by(), day(1)).unwrap();
        let nobody = PersonChange { level: Level::Read, accounts: Accounts::All, disabled: false };
        store.change_person(root, &nobody, &by(), day(2)).unwrap_err();
        let (_, secret) = store.begin_session(root, "192.0.2.1", "browser", day(3)).unwrap();
        let told: Vec<(String, String, String)> = store
            .audit(None, 10)
            .unwrap()
            .into_iter()
            .map(|entry| (entry.name, entry.action, entry.subject))
            .collect();
        let line = |name: &str, action: &str, subject: &str| (name.into(), action.into(), subject.into());
        assert_eq!(
            told,
            [
                line("root", "signed in", ""),
                line("root", "invited", "ada: read, accounts 1"),
                line("root", "became administrator", ""),
                line("command line", "made a link for an administrator", ""),
            ]
        );
        assert!(store.has_signed_in_from(&by()).unwrap());
        assert!(!store.has_signed_in_from(&Actor { address: "192.0.2.9".to_owned(), ..by() }).unwrap());
        let last = store.audit(None, 1).unwrap()[0].number;
        assert_eq!(store.audit(Some(last), 10).unwrap().len(), 3);
        assert!(!format!("{told:?}").contains(secret.reveal()));
        assert!(store.link(&secret, day(0)).unwrap().is_none());
        store.new_link(id, &by(), day(3)).unwrap();
    }
}

#[test]
fn a_copy_of_the_store_holds_nothing_that_opens_it() {
    let kept = stores().remove(0);
    let store = &kept.store;
    let root = administrator(store);
    let (_, session) = store.begin_session(root, "", "", day(0)).unwrap();
    let new = NewToken { name: "ci".into(), level: Level::Read, accounts: Accounts::All, ends_at: day(9) };
    let (_, token) = store.make_token(root, &new, &by(), day(0)).unwrap();
    let link = store.new_link(root, &by(), day(0)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    store.backup(&copy).unwrap();
    let bytes = std::fs::read(&copy).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("argon2id") && holds("root"), "the copy does not hold what it should");
    for secret in [session.reveal(), token.trim_start_matches("stance_"), link.reveal(), PASSWORD] {
        assert!(!holds(secret), "the store holds a secret");
    }
}
