//! Who looks, and what they may see and do.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use stance_model::ScopeId;
use stance_store::{Census, PersonId};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

pub use stance_store::Level;

/// Which accounts somebody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visible {
    /// Every one.
    All,
    /// These.
    Only(Arc<BTreeSet<ScopeId>>),
}

impl Visible {
    /// The numbers of those scopes that may be seen; nothing where all may.
    pub(crate) fn numbers(&self, census: &Census) -> Option<BTreeSet<i64>> {
        let seen = || census.scopes.values().filter(|scope| self.holds(&scope.id)).map(|scope| scope.number);
        (*self != Self::All).then(|| seen().collect())
    }

    /// Whether the scope of that number is among them.
    pub(crate) fn holds_numbered(&self, scope: i64, census: &Census) -> bool {
        census.scope(scope).is_some_and(|scope| self.holds(&scope.id))
    }

    /// Whether an account is among them.
    pub fn holds(&self, scope: &ScopeId) -> bool {
        match self {
            Self::All => true,
            Self::Only(scopes) => scopes.contains(scope),
        }
    }
}

/// Who looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// What they are called.
    pub name: String,
    /// What they may do.
    pub level: Level,
    /// What they may see.
    pub visible: Visible,
    /// Their number among people; nothing where nobody asks who looks.
    pub person: Option<PersonId>,
    /// What forms of theirs must bear; nothing where they are not in a session, and can change nothing by pages.
    pub form_token: Option<String>,
}

impl Viewer {
    /// Whether they manage people and see the audit log.
    pub(crate) fn is_administrator(&self) -> bool {
        self.level == Level::Manage && self.visible == Visible::All && self.form_token.is_some()
    }
}

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        // whoever is not known sees nothing
        let nobody = Self {
            name: "nobody".to_owned(),
            level: Level::Read,
            visible: Visible::Only(Arc::default()),
            person: None,
            form_token: None,
        };
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or(nobody))
    }
}
