//! Filling the resource's own values into remediation text.
//!
//! Known placeholders are `{Name}` and `{name}` (the resource's name), `{id}`, `{region}` and
//! `{account}` (the scope). All others stay as they are, for people to fill. Names are hostile, so
//! a value that could change what a command does is not filled in either: a placeholder that is
//! left is a question, a value in the wrong place an accident.

use stance_model::{Finding, Remediation, printable};
use std::borrow::Cow;

/// Fills placeholders in prose.
pub fn fill(text: &str, finding: &Finding) -> String {
    replace(text, finding, |value, _| Some(value.to_owned()))
}

/// Fills placeholders in a command, quoted for a POSIX shell.
///
/// Left unfilled are values that start with `-` (an option to the command), and values that need
/// quotes but stand inside quotes that they would break, or in a command with nested quoting
/// (`$(…)`, backticks, a here-document).
pub fn fill_cli(text: &str, finding: &Finding) -> String {
    let nested = ["$(", "`", "<<", "$'"].iter().any(|mark| text.contains(mark));
    replace(text, finding, |value, before| {
        if value.starts_with('-') {
            return None;
        }
        if !value.is_empty() && value.chars().all(is_plain) {
            return Some(value.to_owned());
        }
        if nested {
            return None;
        }
        match Quoting::after(before) {
            Quoting::None => Some(format!("'{}'", value.replace('\'', r"'\''"))),
            Quoting::Inside => value
                .chars()
                .all(|c| !matches!(c, '\'' | '"' | '\\' | '$' | '`' | '!'))
                .then(|| value.to_owned()),
            Quoting::Escape => None,
        }
    })
}

/// Fills placeholders in Terraform; values that would end a string or start a template are left
/// unfilled.
pub fn fill_terraform(text: &str, finding: &Finding) -> String {
    replace(text, finding, |value, _| {
        (!value.contains(['"', '\\']) && !value.contains("${") && !value.contains("%{"))
            .then(|| value.to_owned())
    })
}

/// Fills every part of a remediation in the way that suits it.
pub fn fill_all(remediation: &Remediation, finding: &Finding) -> Remediation {
    Remediation {
        text: fill(&remediation.text, finding),
        cli: remediation.cli.as_deref().map(|text| fill_cli(text, finding)),
        terraform: remediation.terraform.as_deref().map(|text| fill_terraform(text, finding)),
        console: remediation.console.as_deref().map(|text| fill(text, finding)),
    }
}

/// Whether the character means nothing to a shell, wherever it stands.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '%' | '+' | '=' | ':' | ',' | '.' | '/' | '-')
}

/// What a shell takes the next character for.
enum Quoting {
    None,
    Inside,
    Escape,
}

impl Quoting {
    fn after(text: &str) -> Self {
        let mut open = None;
        let mut escaped = false;
        for c in text.chars() {
            match (open, c) {
                _ if escaped => escaped = false,
                (None | Some('"'), '\\') => escaped = true,
                (None, '"' | '\'') => open = Some(c),
                (Some(quote), c) if quote == c => open = None,
                _ => {}
            }
        }
        match open {
            _ if escaped => Self::Escape,
            Some(_) => Self::Inside,
            None => Self::None,
        }
    }
}

fn value_of<'a>(placeholder: &str, finding: &'a Finding) -> Option<Cow<'a, str>> {
    let resource = &finding.resource;
    let value = match placeholder {
        "Name" | "name" => resource.name.as_str(),
        "id" => resource.id.as_str(),
        "region" => resource.region.as_str(),
        "account" => resource.scope.as_str(),
        _ => return None,
    };
    Some(printable(value))
}

/// Replaces each known placeholder by what `write` makes of its value and the text before it.
fn replace(text: &str, finding: &Finding, write: impl Fn(&str, &str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut from = 0;
    for (start, _) in text.match_indices('{') {
        let (Some(before), Some(rest)) = (text.get(..start), text.get(start + 1..)) else { continue };
        let Some((placeholder, _)) = rest.split_once('}') else { break };
        if let Some(value) = value_of(placeholder, finding).and_then(|value| write(&value, before)) {
            filled.push_str(text.get(from..start).unwrap_or_default());
            filled.push_str(&value);
            from = start + placeholder.len() + 2;
        }
    }
    filled.push_str(text.get(from..).unwrap_or_default());
    filled
}
