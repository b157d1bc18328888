//! What a run found, as it is handed over: all of it, and what changed.

use stance_model::{Finding, Findings, Report, VerdictStatus};
use std::io;

/// How a finding differs from the run before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// It was not there.
    New,
    /// It had another status.
    StatusChanged {
        /// The status that it had.
        from: VerdictStatus,
    },
    /// It is there no more, as its resource or its rule is gone; the finding is that of the run before.
    Resolved,
}

impl Change {
    /// The word for it, as in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::StatusChanged { .. } => "status-changed",
            Self::Resolved => "resolved",
        }
    }
}

/// Changed findings, wherever they are kept; those that did not change are not among them.
pub trait Changes {
    /// Shows each to `visit`, in order, until it fails.
    ///
    /// # Errors
    /// What `visit` returns, or why a finding cannot be read.
    fn each(&self, visit: &mut dyn FnMut(Change, &Finding) -> io::Result<()>) -> io::Result<()>;
}

impl Changes for Vec<(Change, Finding)> {
    fn each(&self, visit: &mut dyn FnMut(Change, &Finding) -> io::Result<()>) -> io::Result<()> {
        self.iter().try_for_each(|(change, finding)| visit(*change, finding))
    }
}

/// What a run found.
#[derive(Clone, Copy)]
pub struct Results<'a> {
    /// All of it, with the words around it.
    pub report: &'a Report<dyn Findings>,
    /// What differs from the run before; nothing where no run before it is known.
    pub changes: Option<&'a dyn Changes>,
}

impl<'a> Results<'a> {
    /// The results of a run of which no run before is known.
    pub fn of(report: &'a Report<dyn Findings>) -> Self {
        Self { report, changes: None }
    }
}
