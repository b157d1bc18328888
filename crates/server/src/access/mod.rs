//! Who may come in, and how far: names of the host, sessions, tokens, levels, forms.

mod author;
mod cookie;
mod doors;
mod entrance;
mod form;
mod guard;
mod host;
mod identity;
mod target;
mod throttle;

pub use entrance::{Access, Entrance};

pub(crate) use author::Writer;
pub(crate) use cookie::{ended, set};
pub(crate) use doors::{Doors, Needs};
pub(crate) use form::{FIELD, Form};
pub(crate) use guard::{Asker, Guard, guard};
pub(crate) use identity::{Caller, Identity, Peer, Session, Visit};
pub(crate) use target::safe_target;
pub(crate) use throttle::{Throttle, Try};

#[cfg(test)]
pub(crate) mod tests;
