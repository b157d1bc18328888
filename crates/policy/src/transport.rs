//! Whether plain HTTP is refused.

use crate::condition::{Comparison, Test};
use crate::document::Policy;
use crate::pattern::covers;
use crate::principal::Principals;
use crate::statement::{Part, Statement};

impl Policy {
    /// Whether everyone is denied every action on everything that the policy
    /// guards unless the request is encrypted in transit.
    ///
    /// That takes denies for all principals, of `*` or of all actions of the
    /// service, under `aws:SecureTransport` false and nothing else. In a bucket
    /// policy they must together name the bucket and its objects; in others,
    /// everything that the policy allows something on. A lower bound on the TLS
    /// version is not enough: plain HTTP has no TLS version to compare. Allowing
    /// encrypted requests only is not either: who is allowed by other policies
    /// is not held by that.
    pub fn denies_insecure_transport(&self) -> bool {
        let denied: Vec<&str> = self
            .deny_statements()
            .filter(|deny| denies_plain_http(deny))
            .flat_map(Statement::resource_parts)
            .filter_map(|part| match part {
                Part::Pattern(pattern) => Some(pattern),
                Part::Except(_) => None,
            })
            .collect();
        let is_denied = |wanted: &str| denied.iter().any(|pattern| covers(pattern, wanted));
        !denied.is_empty()
            && denied.iter().all(|pattern| match bucket(pattern) {
                Some(arn) => is_denied(arn) && is_denied(&format!("{arn}/*")),
                None => true,
            })
            && self
                .allow_statements()
                .filter(|allow| allow.resources.is_some())
                .flat_map(Statement::resource_parts)
                .all(|part| match part {
                    // an allow on `*` in a resource policy means what is guarded
                    Part::Pattern("*") | Part::Except(_) => true,
                    Part::Pattern(pattern) => is_denied(pattern),
                })
    }
}

/// The bucket's ARN, where the pattern is about a bucket or its objects.
fn bucket(pattern: &str) -> Option<&str> {
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let ["arn", _, "s3", "", "", _] = parts.as_slice() else {
        return None;
    };
    Some(pattern.split('/').next().unwrap_or(pattern))
}

fn denies_plain_http(deny: &Statement) -> bool {
    deny.principals.as_ref().is_some_and(Principals::are_all)
        && deny.conditions.iter().all(is_plain_http)
        && deny
            .actions
            .parts()
            .iter()
            .any(|part| matches!(part, Part::Pattern(action) if is_whole_service(deny, action)))
}

/// The key is there in every request, so quantifiers and `IfExists` change
/// nothing.
fn is_plain_http(test: &Test) -> bool {
    test.comparison == Comparison::Bool
        && test.key == "aws:securetransport"
        && test.values.iter().any(|v| v.eq_ignore_ascii_case("false"))
}

/// `*`, or all actions of the service that the resources belong to.
fn is_whole_service(deny: &Statement, action: &str) -> bool {
    if covers(action, "?*:?*") {
        return true;
    }
    let Some((service, _)) = action.split_once(':') else {
        return false;
    };
    !service.contains(['*', '?'])
        && covers(action, &format!("{service}:?*"))
        && deny.resource_parts().iter().all(|part| match part {
            Part::Pattern(resource) => {
                resource.split(':').nth(2).is_none_or(|named| named == service || named.contains('*'))
            }
            Part::Except(_) => true,
        })
}

#[cfg(test)]
mod tests;
