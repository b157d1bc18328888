//! The small world, and how a request fares in it.

use serde_json::Value;

use super::{FRIEND, OWN, STRANGER};

pub(super) const ACTIONS: &[&str] = &["s3:GetObject", "s3:PutObject", "s3:ListBucket", "iam:PassRole"];
pub(super) const RESOURCES: &[&str] =
    &["arn:aws:s3:::b", "arn:aws:s3:::b/x", "arn:aws:s3:::b/y/z", "arn:aws:s3:::c"];

#[derive(Debug, Clone, Copy)]
pub(super) struct Request {
    /// None is anonymous.
    pub(super) account: Option<&'static str>,
    pub(super) action: &'static str,
    pub(super) resource: &'static str,
    pub(super) secure: bool,
    pub(super) ip: &'static str,
    pub(super) endpoint: Option<&'static str>,
}

pub(super) fn requests() -> impl Iterator<Item = Request> {
    let accounts = [Some(OWN), Some(FRIEND), Some(STRANGER), None];
    let endpoints = [None, Some("vpce-11111111"), Some("vpce-99999999")];
    let mut all = Vec::new();
    for account in accounts {
        for action in ACTIONS {
            for resource in RESOURCES {
                for secure in [true, false] {
                    for ip in ["8.8.8.8", "10.0.0.1"] {
                        for endpoint in endpoints {
                            all.push(Request { account, action, resource, secure, ip, endpoint });
                        }
                    }
                }
            }
        }
    }
    all.into_iter()
}

pub(super) fn allowed(statements: &[Value], request: &Request) -> bool {
    statements.iter().any(|s| s["Effect"] == "Allow" && applies(s, request)) && !denied(statements, request)
}

pub(super) fn denied(statements: &[Value], request: &Request) -> bool {
    statements.iter().any(|s| s["Effect"] == "Deny" && applies(s, request))
}

fn applies(statement: &Value, request: &Request) -> bool {
    let action = request.action.to_lowercase();
    let lower = |pattern: &str| matches(&action, &pattern.to_lowercase());
    selected(statement, "Action", "NotAction", lower)
        && selected(statement, "Resource", "NotResource", |p| matches(request.resource, p))
        && principal_matches(statement, request)
        && conditions_hold(statement, request)
}

fn selected(statement: &Value, only: &str, except: &str, matches: impl Fn(&str) -> bool) -> bool {
    let any = |list: &Value| list.as_array().unwrap().iter().any(|p| matches(p.as_str().unwrap()));
    match (statement.get(only), statement.get(except)) {
        (Some(list), _) => any(list),
        (None, Some(list)) => !any(list),
        (None, None) => true,
    }
}

fn principal_matches(statement: &Value, request: &Request) -> bool {
    let any = |principals: &Value| {
        principals["AWS"].as_array().unwrap().iter().any(|id| {
            let id = id.as_str().unwrap();
            id == "*" || request.account.is_some_and(|account| id.contains(account))
        })
    };
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principals), _) => any(principals),
        (None, Some(principals)) => !any(principals),
        (None, None) => true,
    }
}

fn conditions_hold(statement: &Value, request: &Request) -> bool {
    let Some(block) = statement.get("Condition") else {
        return true;
    };
    block.as_object().unwrap().iter().all(|(operator, keys)| {
        keys.as_object().unwrap().iter().all(|(key, values)| {
            let values: Vec<&str> = values.as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
            holds(operator, context(key, request).as_deref(), &values)
        })
    })
}

fn context(key: &str, request: &Request) -> Option<String> {
    match key {
        "aws:PrincipalAccount" => request.account.map(str::to_owned),
        "aws:SecureTransport" => Some(request.secure.to_string()),
        "aws:SourceVpce" => request.endpoint.map(str::to_owned),
        // AWS does not tell the address of who comes through an endpoint
        "aws:SourceIp" => request.endpoint.is_none().then(|| request.ip.to_owned()),
        "aws:PrincipalTag/team" => request.account.map(|_| "red".to_owned()),
        other => unreachable!("{other}"),
    }
}

fn holds(operator: &str, found: Option<&str>, values: &[&str]) -> bool {
    if operator == "Null" {
        return found.is_none() == (values == ["true"]);
    }
    let (quantifier, rest) = operator.split_once(':').unwrap_or(("", operator));
    let base = rest.trim_end_matches("IfExists");
    let negated = base.contains("Not");
    let Some(found) = found else {
        return match quantifier {
            "ForAllValues" => true,
            "ForAnyValue" => false,
            _ => negated || rest.ends_with("IfExists"),
        };
    };
    let one = values.iter().any(|value| match base {
        "StringLike" | "StringNotLike" => matches(found, value),
        "IpAddress" | "NotIpAddress" => match *value {
            "0.0.0.0/0" => true,
            "10.0.0.0/8" => found.starts_with("10."),
            other => unreachable!("{other}"),
        },
        _ => found == *value,
    });
    one != negated
}

fn matches(text: &str, pattern: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            (0..=text.len()).any(|skip| matches(&text[skip..], rest))
        }
        Some(wanted) => text
            .chars()
            .next()
            .is_some_and(|found| (wanted == '?' || wanted == found) && matches(&text[1..], &pattern[1..])),
    }
}
