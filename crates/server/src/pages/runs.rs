//! Runs, the latest first.

use super::layout::{Part, empty, page};
use crate::Console;
use crate::error::PageResult;
use crate::parts::score::{bar, count};
use crate::parts::time;
use crate::viewer::{Viewer, Visible};
use axum::extract::State;
use maud::{Markup, html};
use stance_store::{RunState, RunSummary};

/// Runs on the page.
const RUNS: u32 = 100;

pub(crate) async fn show(State(console): State<Console>, viewer: Viewer) -> PageResult<Markup> {
    let visible = viewer.visible.clone();
    let runs = console
        .ask(move |store, _, census| store.runs_among(visible.numbers(census).as_ref(), None, RUNS))
        .await?;
    let now = console.now();
    let content = html! {
        header.title { h1 { "Runs" } }
        @if viewer.visible != Visible::All {
            p.notice { "Runs and numbers are about the accounts that you may see." }
        }
        @if runs.is_empty() { (empty("There was no run yet", &html! { code { "stance scan aws --database FILE" } " makes the first." })) } @else {
            div.scroll { table {
                thead { tr { th { "Run" } th { "Began" } th { "Took" } th.n { "Accounts" } th.n { "Resources" } th.bars { "Verdicts" } th.n { "Opened" } th.n { "Resolved" } } }
                tbody { @for run in &runs {
                    @let href = format!("/runs/{}", run.id.number());
                    tr data-href=(href) {
                        td { a href=(href) { "#" (run.id.number()) } " " (state(run)) }
                        td { (time::ago(run.started_at, now)) }
                        td { @if let Some(ended) = run.ended_at { (time::length(ended - run.started_at)) } }
                        td.n { (count(run.scopes)) }
                        td.n { (count(run.resources)) }
                        td.bars { @if run.state == RunState::Done { (bar(&run.score)) } }
                        td.n { (count(run.opened)) }
                        td.n { (count(run.resolved)) }
                    }
                } }
            } }
        }
    };
    Ok(page(Part::Runs, "Runs", &viewer, &content))
}

/// How far a run is.
pub(crate) fn state(run: &RunSummary) -> Markup {
    let (class, word) = match run.state {
        RunState::UnderWay => ("none", "under way"),
        RunState::Done => ("passed", "done"),
        RunState::Failed => ("failed", "failed"),
        RunState::Abandoned => ("unknown", "ended with its process"),
    };
    html! { span class={ "state " (class) } { (word) } }
}
