//! What a customer applies in AWS so that Stance may read: template, Terraform or commands, ready to copy.

use crate::Console;
use crate::access::Session;
use crate::error::PageResult;
use crate::integrations::{Onboarding, onboarding};
use crate::pages::layout::{Part, page};
use crate::parts::prose::prose;
use crate::query::Query;
use crate::viewer::Viewer;
use axum::extract::{RawQuery, State};
use maud::{Markup, html};
use stance_onboard::INLINE_TEMPLATE_LIMIT;

pub(crate) async fn show(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    _: Session,
    viewer: Viewer,
) -> PageResult<Markup> {
    let query = Query::parse(&query.unwrap_or_default());
    let made =
        if query.first("access").is_some() { Some(onboarding(&query, console.facts())?) } else { None };
    let content = html! {
        nav.crumbs aria-label="Path" { a href="/integrations" { "Integrations" } }
        header.title {
            h1 { "Prepare AWS" }
            p.soft { "A role or a user that may read what the rules need, and nothing else. Stance writes nothing in AWS: you apply this yourself." }
        }
        (choice(&query))
        @if let Some(made) = &made { (shown(made)) }
    };
    Ok(page(Part::Integrations, "Prepare AWS", &viewer, &content))
}

fn options(query: &Query, name: &str, title: &str, all: &[(&str, &str)]) -> Markup {
    html! {
        label { span { (title) } select name=(name) {
            @for (value, words) in all { option value=(value) selected[query.first(name) == Some(value)] { (words) } }
        } }
    }
}

fn choice(query: &Query) -> Markup {
    html! {
        form.stack.long method="get" action="/integrations/onboarding" {
            (options(query, "scope", "What is to be read", &[("account", "one account"), ("organization", "a whole organization")]))
            (options(query, "access", "How Stance comes in", &[
                ("account-role", "a role that an identity in the same account assumes"),
                ("cloud-connector", "a role that another account assumes, with an external id"),
                ("instance-role", "a role of the EC2 instance on which Stance runs"),
                ("direct-keys", "a user with an access key"),
            ]))
            label { span { "Who assumes the role: an account's number or the ARN of a role or user (needed from another account)" } input name="principal" value=(query.text("principal")) placeholder="arn:aws:iam::111122223333:role/stance-server" spellcheck="false"; }
            (options(query, "form", "As what", &[("cloudformation", "a CloudFormation template"), ("terraform", "Terraform"), ("commands", "commands of the AWS CLI")]))
            (options(query, "policy", "What it may read", &[("least", "what the rules need, action by action"), ("managed", "AWS's policy SecurityAudit, and what it lacks")]))
            div.buttons { button type="submit" { "Show it" } }
        }
    }
}

fn shown(made: &Onboarding) -> Markup {
    html! {
        section {
            h2 { "What to do" }
            ol {
                @for step in &made.steps { li { (prose(step)) } }
                li { "then " a href=(next(made)) { "add the integration" }
                    @if made.role.is_some() { ", with the account's number in the place of " code { "ACCOUNT_ID" } }
                    @if let Some(id) = &made.external_id { ", and with the external id " code { (id) } ", which was made for this page" } }
            }
        }
        @for (name, text) in &made.texts {
            section {
                h2 { (name) @if text.len() > INLINE_TEMPLATE_LIMIT { " " span.soft { "longer than CloudFormation takes without a bucket" } } }
                pre.command { code { (text) } }
            }
        }
    }
}

/// The form, with what is known already.
fn next(made: &Onboarding) -> String {
    let known = [("role", &made.role), ("external_id", &made.external_id)];
    let query = known.into_iter().fold(Query::default(), |query, (name, value)| match value {
        Some(value) => query.with(name, value.as_str()),
        None => query,
    });
    query.address("/integrations/new")
}
