//! Alerts: what their messages say, where they go, and when they are tried again.
//!
//! People choose a channel among the names that whoever runs the server has set up, and never an address: so nobody
//! can have the server ask addresses of its own network.

mod compose;
mod deliver;
mod filter;
mod options;
mod overdue;
mod places;
mod sight;
mod wanted;

pub use deliver::Delivery;
pub use options::AlertOptions;
pub use overdue::Overdue;

pub(crate) use deliver::keep_delivering;
pub(crate) use filter::{kept as kept_filter, words as filter_words};
pub(crate) use places::name as place_name;
pub(crate) use sight::{found, may_see};
pub(crate) use wanted::{checked, send_test};
