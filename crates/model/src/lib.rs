//! What Stance speaks of: resources and their attributes, verdicts, findings, runs and reports.
//!
//! Plain types with their serialised form and no input or output of their own.

mod attribute;
mod finding;
mod findings;
mod identity;
mod report;
mod resource;
mod run;
mod scan;
mod severity;
mod snapshot;
mod text;
mod verdict;

pub use attribute::{Attribute, AttributeState, ReadFailure, Source};
pub use finding::{Evidence, ExceptionMark, Finding, FindingId, NotAFindingId, Standing};
pub use findings::Findings;
pub use identity::{Provider, Region, ResourceId, ResourceType, RuleId, ScopeId};
pub use report::{
    Assessment, BenchmarkResult, ControlReference, ControlResult, KeptRun, REPORT_VERSION, Remediation,
    Report, RuleSummary, Score, ScoreBreakdown,
};
pub use resource::{Resource, ResourceReference};
pub use run::{CallCount, Completion, Listing, ListingState, Run, SkippedRegion};
pub use scan::{RegionChoice, Scan, ScopeDetails, ScopeUnit, Traffic, UnscannedReason, UnscannedScope};
pub use severity::{Severity, UnknownSeverity};
pub use snapshot::Snapshot;
pub use text::printable;
pub use verdict::{UnknownCause, Verdict, VerdictStatus};
