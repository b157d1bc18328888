//! Rules as the store knows them: what catalogs call them, and what people have set.

mod known;
mod settings;

pub use known::NamedRule;
pub use settings::{Off, RuleSettings, SetParameter};

pub(crate) use settings::load;
