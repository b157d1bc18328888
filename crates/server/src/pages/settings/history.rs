//! How long history is kept.

use super::{Place, top};
use crate::Console;
use crate::access::{Form, Session};
use crate::error::PageResult;
use crate::pages::layout::{Part, form_token, page};
use crate::viewer::Viewer;
use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};
use stance_store::Retention;

pub(crate) async fn show(
    State(console): State<Console>,
    session: Session,
    viewer: Viewer,
) -> PageResult<Markup> {
    let (retention, size) = console.look(|store| Ok((store.retention()?, store.size()?))).await?;
    let days = match retention {
        Retention::Forever => String::new(),
        Retention::Days(days) => days.to_string(),
    };
    let content = html! {
        (top(Place::History))
        section {
            h2 { "History" }
            p { "The store takes " (megabytes(size)) ". What is so now is always kept, and since when it is so. Earlier verdicts and configurations, what is gone, and what runs read can be forgotten after a while; the numbers of each run stay." }
            form.stack method="post" action="/settings/history" {
                (form_token(&session.form_token))
                label { span { "Days for which history is kept; everything, where this is empty" } input name="days" inputmode="numeric" value=(days) placeholder="everything"; }
                div.buttons { button type="submit" { "Save" } }
            }
        }
    };
    Ok(page(Part::Settings, "History", &viewer, &content))
}

fn megabytes(bytes: u64) -> String {
    match bytes >> 20 {
        0 => "less than a megabyte".to_owned(),
        megabytes => format!("{megabytes} MB"),
    }
}

/// Sets it.
pub(crate) async fn change(
    State(console): State<Console>,
    session: Session,
    Form(form): Form,
) -> PageResult<Redirect> {
    let retention = Retention::of(form.text("days"))?;
    let (actor, now) = (session.actor(), console.now());
    console.look(move |store| store.set_retention(retention, &actor, now)).await?;
    Ok(Redirect::to("/settings/history"))
}
