//! Findings, counted by up to three dimensions in order.

use super::findings::number;
use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter, filters, limit};
use super::problem::{Answer, Problem};
use super::words::{Counts, SeverityWord};
use crate::dimension::Dimension;
use crate::facts::Facts;
use crate::filter::Filter;
use crate::grouping::{self, dimensions, groups};
use crate::query::Query;
use crate::{Console, Viewer, Visible};
use axum::Json;
use axum::extract::{RawQuery, State};
use schemars::JsonSchema;
use serde::Serialize;
use stance_model::ScoreBreakdown;
use stance_store::Census;

/// As many groups as a level may have.
const MOST: u64 = 1_000;
/// As many as it has unless told.
const USUAL: u64 = 100;

/// Findings that agree in a dimension.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Group {
    /// What they agree in, as a filter takes it.
    value: String,
    /// The same as people read it.
    name: String,
    /// How they count.
    counts: Counts,
    /// The worst severity that fails.
    worst: Option<SeverityWord>,
    /// The groups within, by the next dimension.
    groups: Vec<Group>,
    /// Groups within that are not told, since there are too many.
    left_out: u64,
}

/// Findings in groups.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Grouped {
    /// What they are grouped by, in order.
    by: Vec<String>,
    /// How all of them count.
    counts: Counts,
    /// The groups: severities and statuses in their own order, all else with the most failed first.
    groups: Vec<Group>,
    /// Groups that are not told, since there are too many.
    left_out: u64,
}

pub(crate) fn operation() -> Operation {
    Operation::get("/api/v1/groups", "groupFindings", Topic::Findings, "Findings, counted by up to three dimensions", show)
        .told("A finding of a rule with several categories, benchmarks or controls counts in each of them. `q`, `tag`, `resource`, `first_seen` and `since` are not taken: no count knows them.")
        .takes(filters().into_iter().take(Dimension::ALL.len()))
        .takes([
            Parameter::query("group", Kind::Dimensions, "up to three dimensions, with commas between, as `account,severity`").required(),
            limit(MOST, "groups on each level; 100 unless given"),
        ])
        .answers::<Grouped>("the groups")
}

async fn show(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> Answer<Json<Grouped>> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let filter = Filter::of(&query, &viewer, console.now()).map_err(Problem::bad)?;
    let by = dimensions(&query);
    let most = usize::try_from(number(&query, "limit").unwrap_or(USUAL)).unwrap_or(usize::MAX);
    let told = console
        .ask(move |_, facts, census| {
            let cells = filter.cells(census, facts, &viewer.visible);
            let mut counts = ScoreBreakdown::default();
            for cell in &cells {
                counts.add(cell.standing, cell.findings);
            }
            let teller = Teller { by: &by, most, census, facts, visible: &viewer.visible };
            let (groups, left_out) = teller.tell(groups(&cells, &by, census, facts), 0);
            let by = by.iter().map(|dimension| dimension.key().to_owned()).collect();
            Ok(Grouped { by, counts: counts.into(), groups, left_out })
        })
        .await?;
    Ok(Json(told))
}

struct Teller<'t> {
    by: &'t [Dimension],
    most: usize,
    census: &'t Census,
    facts: &'t Facts,
    visible: &'t Visible,
}

impl Teller<'_> {
    fn tell(&self, mut groups: Vec<grouping::Group>, depth: usize) -> (Vec<Group>, u64) {
        let left_out = groups.len().saturating_sub(self.most) as u64;
        groups.truncate(self.most);
        let Some(dimension) = self.by.get(depth) else { return (Vec::new(), 0) };
        let told = groups.into_iter().map(|group| {
            let name = dimension.show(&group.value, self.census, self.facts, self.visible).into_owned();
            let (within, left_out) = self.tell(group.within, depth + 1);
            Group {
                value: group.value,
                name,
                counts: group.score.into(),
                worst: group.worst.map(Into::into),
                groups: within,
                left_out,
            }
        });
        (told.collect(), left_out)
    }
}
