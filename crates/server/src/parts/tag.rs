//! Words that carry a colour and a shape, so that neither is needed alone.

use crate::dimension::{standing_key, standing_word};
use maud::{Markup, html};
use stance_model::{Assessment, Severity, Standing, VerdictStatus};

/// How bad something is.
pub(crate) fn severity(severity: Severity) -> Markup {
    html! { span class={ "tag " (severity.as_str()) } { (severity.as_str()) } }
}

/// How a finding counts.
pub(crate) fn standing(standing: Standing) -> Markup {
    html! { span class={ "state " (standing_key(standing)) } { (standing_word(standing)) } }
}

/// What was said at a time.
pub(crate) fn status(status: Option<VerdictStatus>, is_excepted: bool) -> Markup {
    match (status, is_excepted) {
        (None, _) => html! { span class="state gone" { "Gone" } },
        (Some(_), true) => standing(Standing::Excepted),
        (Some(VerdictStatus::Fail), false) => standing(Standing::Failing),
        (Some(VerdictStatus::Unknown), false) => standing(Standing::Unknown),
        (Some(VerdictStatus::Pass | VerdictStatus::NotApplicable), false) => standing(Standing::Passing),
    }
}

/// How a control stands.
pub(crate) fn assessment(assessment: Assessment) -> Markup {
    let class = match assessment {
        Assessment::Pass => "passed",
        Assessment::Fail => "failed",
        Assessment::Unknown => "unknown",
        Assessment::Excepted => "excepted",
        Assessment::Manual | Assessment::NothingToAssess | Assessment::NotAssessed => "none",
    };
    html! { span class={ "state " (class) } { (assessment.as_str()) } }
}
