//! People who ask with a token.

use chrono::{DateTime, TimeDelta, Utc};
use stance_server::Level;
use stance_store::{Accounts, Actor, NewToken, PersonName, Store};

/// Somebody who asks.
#[derive(Clone)]
pub struct Somebody {
    pub name: &'static str,
    pub level: Level,
    pub accounts: Accounts,
}

/// Makes somebody known, and a token of theirs.
pub fn token(store: &Store, somebody: &Somebody, now: DateTime<Utc>) -> String {
    let root = Actor { name: "root".to_owned(), address: "::1".to_owned() };
    let Somebody { name, level, accounts } = somebody.clone();
    let name = PersonName::of(name).unwrap();
    let (owner, _) = store.invite(&name, level, &accounts, &root, now).unwrap();
    let new = NewToken { name: "test".to_owned(), level, accounts, ends_at: now + TimeDelta::days(30) };
    store.make_token(owner, &new, &root, now).unwrap().1
}
