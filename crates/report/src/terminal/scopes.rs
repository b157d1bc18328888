//! Scopes that were not scanned.

use super::layout::{name, prose};
use super::{Page, Style};
use crate::{overview, words};
use stance_model::{Findings, Report, UnscannedScope};
use std::io;

/// More than these are counted, not named.
const NAMED: usize = 12;

pub(super) fn unscanned(page: &mut Page<'_>, report: &Report<dyn Findings>) -> io::Result<()> {
    let (failed, left_out): (Vec<_>, Vec<_>) = report.unscanned.iter().partition(|scope| scope.is_failure());
    for (heading, scopes) in
        [("Accounts that could not be scanned", failed), ("Accounts that were left out", left_out)]
    {
        if !scopes.is_empty() {
            page.heading(heading)?;
            list(page, &scopes)?;
        }
    }
    Ok(())
}

fn list(page: &mut Page<'_>, scopes: &[&UnscannedScope]) -> io::Result<()> {
    for scope in scopes.iter().take(NAMED) {
        let whose = name(&overview::named(scope.scope.as_str(), &scope.scope_details));
        page.indented(2, &format!("{whose}: {}", prose(&overview::why(&scope.reason))), Style::Unsure)?;
    }
    if scopes.len() > NAMED {
        let rest = words::count(scopes.len() - NAMED, "account", "accounts");
        page.indented(2, &format!("and {rest} more"), Style::Dim)?;
    }
    Ok(())
}
