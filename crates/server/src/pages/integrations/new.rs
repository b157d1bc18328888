//! The guided form that adds an integration, and its plain twin.

use super::{draft, schedule_fields, wanted};
use crate::Console;
use crate::access::{Form, Session};
use crate::error::{PageError, PageResult};
use crate::integrations::check;
use crate::pages::layout::{Part, form_token, page};
use crate::query::Query;
use crate::viewer::Viewer;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use stance_store::Schedule;

/// What a configuration begins as, for whoever writes it by hand.
const BEGINNING: &str = "aws:\n  region: eu-west-1\n  iam_role: arn:aws:iam::111122223333:role/stance\n";

/// The form.
pub(crate) async fn show(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    session: Session,
    viewer: Viewer,
) -> PageResult<Markup> {
    let query = Query::parse(&query.unwrap_or_default());
    let configuration = match query.first("like") {
        Some(number) => {
            let number: i64 = number
                .parse()
                .map_err(|_| PageError::Bad(format!("`{number}` is not the number of an integration")))?;
            Some(console.look(move |store| store.integration(number.into())).await?.configuration)
        }
        None if query.first("as") == Some("text") => Some(BEGINNING.to_owned()),
        None => None,
    };
    Ok(shown(&query, configuration.as_deref(), None, &session, &viewer))
}

fn shown(
    form: &Query,
    configuration: Option<&str>,
    problem: Option<&str>,
    session: &Session,
    viewer: &Viewer,
) -> Markup {
    let namespace = form.first("namespace").unwrap_or("default");
    let content = html! {
        nav.crumbs aria-label="Path" { a href="/integrations" { "Integrations" } }
        header.title {
            h1 { "Add an integration" }
            p.soft { "If Stance may not read there yet, " a href="/integrations/onboarding" { "prepare AWS" } " first." }
        }
        @if let Some(problem) = problem { div.notice role="alert" { p { "It was not saved:" } pre { (problem) } } }
        form.stack.long method="post" action="/integrations" {
            (form_token(&session.form_token))
            label { span { "Name" } input name="name" value=(form.text("name")) maxlength="64" required; }
            label { span { "Namespace, under which results are filed elsewhere" } input name="namespace" value=(namespace) maxlength="64" required; }
            @match configuration {
                Some(text) => {
                    label { span { "Configuration, as in a file; secrets by reference only: " code { "{ env: VARIABLE }" } " or " code { "{ file: PATH }" } } textarea.code name="configuration" rows="14" spellcheck="false" required { (text) } }
                }
                None => { (guided(form)) p.soft { a href="/integrations/new?as=text" { "Write the configuration by hand" } " instead." } }
            }
            fieldset { legend { "When" } (schedule_fields(&Schedule::default())) }
            div.buttons {
                button type="submit" name="then" value="scan" { "Save and scan" }
                button type="submit" name="then" value="wait" { "Save, switched off" }
            }
        }
    };
    page(Part::Integrations, "Add an integration", viewer, &content)
}

/// A field of text.
fn field(form: &Query, name: &str, title: &str, example: &str) -> Markup {
    html! { label { span { (title) } input name=(name) value=(form.text(name)) placeholder=(example) autocomplete="off" spellcheck="false" maxlength="2000"; } }
}

/// One of several ways, with what it takes.
fn way(form: &Query, group: &str, value: &str, is_first: bool, title: &str, more: &Markup) -> Markup {
    let chosen = form.first(group);
    html! {
        div.way {
            label.choice { input type="radio" name=(group) value=(value) checked[chosen == Some(value) || (chosen.is_none() && is_first)]; " " (title) }
            div.more { (more) }
        }
    }
}

fn guided(form: &Query) -> Markup {
    html! {
        fieldset {
            legend { "What is scanned" }
            (way(form, "scope", "account", true, "One account of AWS", &html! {}))
            (way(form, "scope", "organization", false, "A whole organization of AWS", &html! {
                (field(form, "member_role", "Name of the role in each account", "cloudbeat-securityaudit"))
                (field(form, "management_role", "Role that lists the accounts, if it is another", "cloudbeat-root"))
                (field(form, "include_ous", "Only these organizational units", "ou-ab12-cdefghij"))
                (field(form, "exclude_ous", "Not these units", ""))
                (field(form, "include_accounts", "Only these accounts", ""))
                (field(form, "exclude_accounts", "Not these accounts", ""))
                label.choice { input type="checkbox" name="management_account" value="yes" checked; " the management account too" }
            }))
            p.soft { "Google Cloud, Azure and GitHub cannot be scanned yet." }
        }
        fieldset {
            legend { "How this server signs in" }
            (way(form, "access", "own", true, "As it is already: by its instance, container or environment", &html! {}))
            (way(form, "access", "keys", false, "With an access key", &html! {
                p.soft { "The key stays outside of Stance: name the variables of this server's environment that hold it." }
                (field(form, "key_id_variable", "Variable with the key's id", "AUDIT_ACCESS_KEY_ID"))
                (field(form, "key_secret_variable", "Variable with its secret", "AUDIT_SECRET_ACCESS_KEY"))
                (field(form, "key_token_variable", "Variable with the session token, for a temporary key", ""))
            }))
            (way(form, "access", "profile", false, "With a profile of this server's AWS configuration", &html! {
                (field(form, "profile", "Profile", "audit"))
                (field(form, "credentials_file", "Credentials file, if it is not the usual one", "~/.aws/credentials"))
            }))
            (way(form, "access", "web-identity", false, "With the token of a web identity", &html! {
                (field(form, "token_file", "File with the token", "/var/run/secrets/token"))
                (field(form, "identity_role", "Role that trusts it", "arn:aws:iam::111122223333:role/stance"))
            }))
            (field(form, "role", "Then it assumes this role, if any", "arn:aws:iam::111122223333:role/stance"))
            (field(form, "external_id", "External id that the role asks for", ""))
        }
        fieldset {
            legend { "How much" }
            (field(form, "regions", "Only these regions; all that are enabled unless named", "eu-west-1, us-east-1"))
            (field(form, "exclude_regions", "Not these regions", ""))
            (field(form, "benchmarks", "Only what these benchmarks ask", "aws-cis-3.0"))
            (field(form, "services", "Only these services", "s3, iam"))
        }
    }
}

/// Adds what the form says.
pub(crate) async fn add(
    State(console): State<Console>,
    session: Session,
    viewer: Viewer,
    Form(form): Form,
) -> PageResult<Response> {
    let is_text = form.first("configuration").is_some();
    let configuration = match form.first("configuration") {
        Some(text) => text.replace("\r\n", "\n"),
        None => draft::configuration(&form),
    };
    let checked = check(&console, configuration.clone()).await;
    let wanted = checked.and_then(|()| wanted(&form, configuration.clone(), form.text("then") == "scan"));
    let new = match wanted {
        Ok(new) => new,
        Err(error) => {
            let (status, _, message) = error.told();
            let text = is_text.then_some(configuration.as_str());
            return Ok((status, shown(&form, text, Some(&message), &session, &viewer)).into_response());
        }
    };
    let (actor, now) = (session.actor(), console.now());
    let id = console.look(move |store| store.add_integration(&new, &actor, now)).await?;
    Ok(Redirect::to(&format!("/integrations/{}", id.number())).into_response())
}
