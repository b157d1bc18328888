//! Who looks, and what they may see and do.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use stance_model::ScopeId;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

/// What somebody may do; each level may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// See.
    Read,
    /// Also make exceptions and alerts, and switch rules.
    Write,
    /// Also set up integrations, users and settings.
    Manage,
}

/// Which accounts somebody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visible {
    /// Every one.
    All,
    /// These.
    Only(Arc<BTreeSet<ScopeId>>),
}

impl Visible {
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
}

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        // whoever is not known sees nothing
        let nobody =
            Self { name: "nobody".to_owned(), level: Level::Read, visible: Visible::Only(Arc::default()) };
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or(nobody))
    }
}
