//! Findings that people accept: which, why, who answers for it, and until when.
//!
//! An exception never hides a finding; it marks it. What counts is the moment that a run takes for
//! "now", never this machine's clock. Prowler's mutelists are read too ([`import_mutelist`]).

mod criteria;
mod exception;
mod file;
mod index;
mod mutelist;
mod names;
mod notice;
mod pattern;
mod problem;
mod set;
mod subject;
mod text;

pub use criteria::Criteria;
pub use exception::Exception;
pub use file::read_exceptions;
pub use mutelist::{FillIn, ImportNote, Imported, MutelistError, import_mutelist};
pub use names::RuleNames;
pub use notice::{ExceptionNotice, Regions, Reviewed};
pub use pattern::{Pattern, PatternError};
pub use problem::{ExceptionProblem, ExceptionsError};
pub use set::Exceptions;
pub use subject::{Acceptable, Subject};
