//! Whoever changes something, by a session or a token, and the accounts that they may see.

use super::identity::{Caller, Identity};
use crate::error::PageError;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use stance_store::{Accounts, Actor, Author, Person};

/// Whoever changes something.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    pub(crate) person: Person,
    pub(crate) author: Author,
}

impl Writer {
    fn of(person: &Person, accounts: &Accounts, caller: &Caller) -> Self {
        let actor = Actor { name: person.name.clone(), address: caller.0.clone() };
        Self { person: person.clone(), author: Author { actor, accounts: accounts.clone() } }
    }
}

impl<S: Sync> FromRequestParts<S> for Writer {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let held = &parts.extensions;
        match (held.get(), held.get::<Caller>()) {
            (Some(Identity::Session(signed_in)), Some(caller)) => {
                Ok(Self::of(&signed_in.person, &signed_in.person.accounts, caller))
            }
            (Some(Identity::Token(bearer)), Some(caller)) => {
                Ok(Self::of(&bearer.person, &bearer.accounts, caller))
            }
            _ => Err(PageError::Unauthorized),
        }
    }
}
