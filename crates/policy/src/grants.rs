//! What a policy allows, whoever it is granted to.

use crate::document::Policy;
use crate::pattern::covers;
use crate::statement::{Part, Statement};
use crate::takeback::Who;

impl Policy {
    /// Whether some statement allows the action, on some resource or on that
    /// one, and no unconditional deny for the same principals takes it back.
    /// Both may have wildcards: then it is whether anything that matches is
    /// allowed. An allow under conditions counts; variables in resources are
    /// left as text.
    pub fn allows(&self, action: &str, resource: Option<&str>) -> bool {
        let action = action.to_ascii_lowercase();
        self.granting(&action, resource.unwrap_or("*"), |_| true).next().is_some()
    }

    /// Whether the action is allowed on resource `*` or an equal pattern, with
    /// no condition.
    ///
    /// A pattern is equal if every part that tells things of one kind apart is a
    /// wildcard: `arn:aws:kms:*:*:key/*`. An account spelt out makes no
    /// difference, as that is all there is for its identities. `NotResource`
    /// counts as well: it grants all but what it names.
    pub fn allows_on_any_resource(&self, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        self.granting(&action, "*", |allow| allow.is_unconditional() && is_about_any_resource(allow))
            .next()
            .is_some()
    }

    /// Whether every action on every resource is allowed by one statement. A
    /// condition on it says when, not how much, so it does not count.
    ///
    /// Denying single actions does not make an administrator something else;
    /// only a deny of everything, or of everything in IAM, takes this back.
    pub fn allows_administrator(&self) -> bool {
        self.allows_all("?*:?*", "iam:?*", |resource| is_any(resource) && names_no_service(resource))
    }

    /// Whether every action of the service is allowed on every resource by one
    /// statement. As with `allows_administrator`, conditions do not count, and
    /// only a deny of the whole service takes it back.
    pub fn allows_all_actions_of(&self, service: &str) -> bool {
        let actions = format!("{}:?*", service.to_ascii_lowercase());
        self.allows_all(&actions, &actions, is_any)
    }

    /// Allow statements that grant something matching, and that a deny leaves.
    pub(crate) fn granting<'a>(
        &'a self,
        action: &'a str,
        resource: &'a str,
        keep: impl Fn(&Statement) -> bool + 'a,
    ) -> impl Iterator<Item = &'a Statement> {
        self.allow_statements().filter(move |allow| {
            keep(allow)
                && allow.touches_resource(resource)
                && allow.actions.parts().into_iter().filter(|part| part.touches(action)).any(|part| {
                    let who = Who::Grantees(allow.principals.as_ref());
                    self.leaves(allow, part, action, resource, who)
                })
        })
    }

    /// Whether one statement allows all these actions on any resource, and those
    /// that matter are not denied as a whole.
    fn allows_all(&self, actions: &str, that_matter: &str, any: impl Fn(&str) -> bool) -> bool {
        self.allow_statements().any(|allow| {
            allow.actions.takes_in(Part::Pattern(actions), actions)
                && match allow.resource_parts().as_slice() {
                    [Part::Except(left_out)] => left_out.is_empty(),
                    parts => parts.iter().any(|part| matches!(part, Part::Pattern(p) if any(p))),
                }
                && !self.denies_for(allow, that_matter)
        })
    }

    /// Whether whoever is granted something by that statement is denied all of
    /// these actions on everything.
    fn denies_for(&self, allow: &Statement, actions: &str) -> bool {
        let grant = crate::takeback::Grant {
            action: Part::Pattern(actions),
            wanted_action: actions,
            resource: Part::Pattern("*"),
            wanted_resource: "*",
        };
        self.takes_back(grant, Who::Grantees(allow.principals.as_ref()))
    }
}

fn is_about_any_resource(allow: &Statement) -> bool {
    allow.resource_parts().iter().any(|part| match part {
        Part::Pattern(pattern) => is_any(pattern),
        Part::Except(_) => true,
    })
}

/// Whether a resource pattern leaves open everything that tells things of one
/// kind apart.
fn is_any(pattern: &str) -> bool {
    if covers(pattern, "arn:*") {
        return true;
    }
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    match parts.as_slice() {
        [arn, _, service, region, account, resource] => {
            let open_region = region.is_empty() || is_open(region);
            is_arn(arn) && open_region && is_any_name(*service == "s3" && account.is_empty(), resource)
        }
        // fewer parts: a wildcard at the end stands for all of the rest
        [arn, _, _, region, last] => is_arn(arn) && is_open(region) && is_open(last),
        [arn, _, _, last] | [arn, _, last] => is_arn(arn) && is_open(last),
        _ => false,
    }
}

/// The last part of an ARN: `*`, or a kind and a wildcard (`key/*`). In that of a
/// bucket there is no kind: its name stands before the slash.
fn is_any_name(bucket: bool, resource: &str) -> bool {
    let name = match resource.split_once(['/', ':']) {
        Some((kind, name)) if !bucket && !kind.contains('*') => name,
        _ => resource,
    };
    name.split(['/', ':']).all(is_open)
}

fn names_no_service(pattern: &str) -> bool {
    pattern.split(':').nth(2).is_none_or(is_open)
        && pattern.splitn(6, ':').nth(5).is_none_or(|resource| resource.split(['/', ':']).all(is_open))
}

fn is_open(part: &str) -> bool {
    !part.is_empty() && part.chars().all(|symbol| symbol == '*')
}

fn is_arn(part: &str) -> bool {
    part == "arn" || is_open(part)
}

#[cfg(test)]
mod pattern_tests {
    use super::{is_any, names_no_service};

    #[test]
    fn patterns_as_wide_as_a_star_are_any_resource() {
        for any in [
            "*",
            "**",
            "arn:*",
            "arn:aws:*",
            "arn:aws:kms:*",
            "arn:aws:kms:*:*:*",
            "arn:aws:kms:*:*:key/*",
            "arn:aws:kms:*:123456789012:key/*",
            "arn:aws:iam::*:role/*",
            "arn:aws:s3:::*",
            "arn:aws:s3:::*/*",
            "arn:aws:route53:::hostedzone/*",
            "arn:aws:lambda:*:*:function:*",
        ] {
            assert!(is_any(any), "{any}");
        }
        for some in [
            "",
            "arn",
            "arn:aws:kms:eu-west-1:*:key/*",
            "arn:aws:kms:*:*:key/1234",
            "arn:aws:kms:*:*:alias/app-*",
            "arn:aws:s3:::logs*",
            "arn:aws:s3:::logs/*",
            "arn:aws:iam::*:role/app/*",
            "arn:aws:iam::*:ro*/x*",
        ] {
            assert!(!is_any(some), "{some}");
        }
        assert!(names_no_service("arn:aws:*:*:*:*"));
        assert!(!names_no_service("arn:aws:s3:::*"));
    }
}

#[cfg(test)]
mod tests;
