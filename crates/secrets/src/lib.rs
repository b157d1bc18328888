//! Finds secrets in what a cloud returned and puts a marker in their place, before anything is kept.
//!
//! A secret is recognised by its form (`known_format`), or by the name that it is given
//! (`named_value`). The marker `[secret: kind]` tells rules what was found; the secret itself is gone.

mod conceal;
mod encoded;
mod known_format;
mod marker;
mod named_value;

pub use conceal::{conceal, conceal_sensitive, conceal_text};
pub use marker::{Found, SENSITIVE, found};
