//! What people do about a finding: accept it, give it to somebody, write a note.

use super::exceptions::{accounts_of, last_day, may_write, read_until, why};
use super::finding::finding_id;
use super::layout::form_token;
use crate::Console;
use crate::access::{Form, Writer};
use crate::error::{PageError, PageResult};
use crate::facts::named_rules;
use crate::handling::{self, seen};
use crate::parts::time;
use crate::viewer::Viewer;
use axum::extract::{Path, State};
use axum::response::Redirect;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use stance_exceptions::{Criteria, Exception, Pattern};
use stance_store::{
    Accounts, FindingRow, Handling, KeptException, Note, Person, PersonId, Scope, Store, StoreError,
};

/// What people did and may do about a finding.
pub(super) struct Acts {
    handling: Handling,
    /// The exception of this store that covers it, where whoever looks may see it.
    exception: Option<KeptException>,
    /// Who may look after it; nobody where whoever looks may not give it to anybody.
    people: Vec<Person>,
}

impl Acts {
    pub(super) fn of(
        store: &Store,
        row: &FindingRow,
        scope: &Scope,
        viewer: &Viewer,
    ) -> stance_store::Result<Self> {
        let seen = |number| match store.exception(number, &accounts_of(&viewer.visible)) {
            Err(StoreError::Missing { .. }) => Ok(None),
            other => other.map(Some),
        };
        let exception = row.exception.map(seen).transpose()?.flatten();
        let mut people = if may_write(viewer).is_some() { store.people()? } else { Vec::new() };
        people.retain(|person| {
            let sees = match &person.accounts {
                Accounts::All => true,
                Accounts::Only(accounts) => accounts.contains(&scope.id),
            };
            sees && !person.disabled
        });
        Ok(Self { handling: store.handling(&row.id)?, exception, people })
    }

    /// Who looks after it, as a line of facts.
    pub(super) fn assignee(&self) -> Markup {
        html! {
            dt { "Assigned" } dd.name { @match &self.handling.assignee { Some((_, name)) => (name), None => span.soft { "to nobody" } } }
        }
    }

    /// The exception of this store that covers it.
    pub(super) fn exception(&self) -> Markup {
        html! {
            @if let Some(kept) = &self.exception { " " a href={ "/exceptions/" (kept.number) } { "Exception " (kept.number) } }
        }
    }

    /// What whoever looks may do, and what was written.
    pub(super) fn show(&self, row: &FindingRow, viewer: &Viewer, now: DateTime<Utc>) -> Markup {
        let token = may_write(viewer);
        html! {
            @if let Some(token) = token { section #actions { h2 { "Actions" } (self.forms(row, token)) } }
            @if token.is_some() || !self.handling.notes.is_empty() {
                section #notes {
                    h2 { "Notes" }
                    @for note in &self.handling.notes { (told(note, now)) }
                    @if self.handling.notes.is_empty() { p.soft { "There is none." } }
                    @if let Some(token) = token {
                        form.stack method="post" action={ "/findings/" (row.id) "/notes" } {
                            (form_token(token))
                            label { span { "A note, for everybody who sees the finding; it cannot be changed" } textarea name="text" rows="3" maxlength="4000" required {} }
                            div.buttons { button type="submit" { "Write it" } }
                        }
                    }
                }
            }
        }
    }

    fn forms(&self, row: &FindingRow, token: &str) -> Markup {
        let is_open =
            matches!(row.standing, stance_model::Standing::Failing | stance_model::Standing::Unknown);
        let assignee = self.handling.assignee.as_ref().map(|(id, _)| *id);
        html! {
            @if is_open {
                details.part.act {
                    summary { span { "Accept it" } }
                    form.stack method="post" action={ "/findings/" (row.id) "/accept" } {
                        (form_token(token))
                        label { span { "What" } select name="extent" {
                            @for extent in Extent::ALL { option value=(extent.key()) { (extent.title()) } }
                        } }
                        (why(""))
                        (last_day(""))
                        div.buttons { button type="submit" { "Accept" } }
                    }
                }
            }
            details.part.act {
                summary { span { "Assign it" } }
                form.stack method="post" action={ "/findings/" (row.id) "/assign" } {
                    (form_token(token))
                    label { span { "To" } select name="person" {
                        option value="" selected[assignee.is_none()] { "nobody" }
                        @for person in &self.people {
                            option value=(person.id.number()) selected[assignee == Some(person.id)] {
                                (person.display_name) @if person.display_name != person.name { " (" (person.name) ")" }
                            }
                        }
                    } }
                    div.buttons { button type="submit" { "Assign" } }
                }
            }
        }
    }
}

fn told(note: &Note, now: DateTime<Utc>) -> Markup {
    html! {
        article.note {
            p.soft { b { (note.name) } " " (time::ago(note.at, now)) }
            p.text { (note.text) }
        }
    }
}

/// How much is accepted with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Finding,
    Resource,
    Account,
}

impl Extent {
    const ALL: [Self; 3] = [Self::Finding, Self::Resource, Self::Account];

    fn key(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Resource => "resource",
            Self::Account => "account",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Finding => "this finding",
            Self::Resource => "this rule on this resource",
            Self::Account => "this rule in this account",
        }
    }

    /// What is accepted; always in the finding's account alone.
    fn covers(self, row: &FindingRow, scope: &Scope) -> PageResult<Criteria> {
        let pattern = |text: &str| -> PageResult<Vec<Pattern>> {
            Ok(vec![
                text.parse()
                    .map_err(|error: stance_exceptions::PatternError| PageError::Bad(error.to_string()))?,
            ])
        };
        let rule = || pattern(row.rule.as_str());
        let id = || finding_id(row, scope);
        let account = pattern(scope.id.as_str())?;
        Ok(match self {
            Self::Finding => Criteria { finding: vec![id()], account, ..Criteria::default() },
            Self::Resource => Criteria {
                rule: rule()?,
                resource: pattern(&row.resource_id)?,
                account,
                ..Criteria::default()
            },
            Self::Account => Criteria { rule: rule()?, account, ..Criteria::default() },
        })
    }
}

/// Accepts a finding, with as much around it as was chosen.
pub(crate) async fn accept(
    State(console): State<Console>,
    Path(id): Path<String>,
    viewer: Viewer,
    writer: Writer,
    Form(form): Form,
) -> PageResult<Redirect> {
    let (asked, visible) = (id.clone(), viewer.visible.clone());
    let (row, scope) = console.ask(move |store, _, census| seen(store, census, &asked, &visible)).await?;
    let chosen = form.text("extent");
    let extent = Extent::ALL.into_iter().find(|extent| extent.key() == chosen);
    let extent = extent
        .ok_or_else(|| PageError::Bad(format!("`{chosen}` cannot be accepted; choose one of the list")))?;
    let exception = Exception {
        covers: extent.covers(&row, &scope)?,
        reason: form.text("reason").to_owned(),
        owner: writer.person.name.clone(),
        until: read_until(form.text("until"))?,
        ..Exception::default()
    };
    let now = console.now();
    console
        .ask(move |store, facts, _| {
            store.learn_rules(named_rules(facts.catalog()))?;
            store.make_exception(&exception, &writer.author, now)
        })
        .await?;
    Ok(Redirect::to(&format!("/findings/{}", row.id)))
}

/// Gives a finding to somebody, or to nobody.
pub(crate) async fn assign(
    State(console): State<Console>,
    Path(id): Path<String>,
    viewer: Viewer,
    writer: Writer,
    Form(form): Form,
) -> PageResult<Redirect> {
    let chosen = form.text("person");
    let to = match chosen {
        "" => None,
        _ => {
            let number = chosen.parse::<i64>();
            let number = number
                .map_err(|_| PageError::Bad(format!("`{chosen}` is nobody; choose one of the list")))?;
            Some(PersonId::from(number))
        }
    };
    let id = handling::assign(&console, id, &viewer, writer.author.actor, move |_| Ok(to)).await?;
    Ok(Redirect::to(&format!("/findings/{id}")))
}

/// Writes a note.
pub(crate) async fn write_note(
    State(console): State<Console>,
    Path(id): Path<String>,
    viewer: Viewer,
    writer: Writer,
    Form(form): Form,
) -> PageResult<Redirect> {
    let text = form.text("text").to_owned();
    let id = handling::write_note(&console, id, &viewer, writer.author.actor, text).await?;
    Ok(Redirect::to(&format!("/findings/{id}#notes")))
}
