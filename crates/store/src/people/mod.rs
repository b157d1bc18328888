//! People: who they are, how they prove it, what they may do, and what they did.

pub(crate) mod audit;
mod links;
mod password;
mod person;
mod roster;
mod secret;
mod sessions;
mod tokens;

pub(crate) use audit::log;
pub use audit::{Act, Actor, AuditEntry};
pub use links::LinkFor;
pub use password::{PasswordHash, password_matches};
pub use person::{Accounts, Level, Person, PersonChange, PersonId, PersonName};
pub(crate) use roster::find;
pub use secret::Secret;
pub use sessions::{SessionId, SessionInfo, SignedIn};
pub use tokens::{NewToken, TokenBearer, TokenId, TokenInfo};
