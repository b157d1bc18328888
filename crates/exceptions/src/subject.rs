//! What an exception may cover.

use stance_model::VerdictStatus;
use std::collections::BTreeMap;

/// A finding, as far as exceptions look at it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'s> {
    /// The finding's id.
    pub finding: &'s str,
    /// The rule that speaks.
    pub rule: &'s str,
    /// The catalog's name of the rule's service, `s3`.
    pub service: &'s str,
    /// The resource's canonical id, an ARN.
    pub resource_id: &'s str,
    /// The name that people know the resource by.
    pub resource_name: &'s str,
    /// The resource's tags by key.
    pub tags: &'s BTreeMap<String, String>,
    /// The account that holds the resource.
    pub account: &'s str,
    /// Where the resource lives; `global` where that has no meaning.
    pub region: &'s str,
}

impl<'s> Subject<'s> {
    /// The id without what stands before it in an ARN: `sg-0a1b` of
    /// `arn:aws:ec2:eu-central-1:123456789012:security-group/sg-0a1b`.
    pub(crate) fn short_id(&self) -> &'s str {
        // arn:partition:service:region:account:resource
        let Some(resource) =
            self.resource_id.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4))
        else {
            return self.resource_id.rsplit('/').next().unwrap_or_default();
        };
        match resource.split_once([':', '/']) {
            Some((_, id)) if !id.is_empty() => id,
            _ => resource,
        }
    }
}

/// Which verdicts an exception may cover. A pass is never marked: there is nothing to accept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acceptable {
    /// What failed, and what could not be read: people also accept that a permission is not granted.
    #[default]
    FailingAndUnknown,
    /// Only what failed; what could not be read stays open.
    Failing,
}

impl Acceptable {
    /// Whether a verdict of that status may be covered.
    pub fn takes(self, status: VerdictStatus) -> bool {
        match status {
            VerdictStatus::Fail => true,
            VerdictStatus::Unknown => self == Self::FailingAndUnknown,
            VerdictStatus::Pass | VerdictStatus::NotApplicable => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(id: &str) -> String {
        let tags = BTreeMap::new();
        let subject = Subject {
            finding: "",
            rule: "",
            service: "",
            resource_id: id,
            resource_name: "",
            tags: &tags,
            account: "",
            region: "",
        };
        subject.short_id().to_owned()
    }

    #[test]
    fn the_short_id_is_what_people_see_in_the_console() {
        assert_eq!(short("arn:aws:s3:::logs"), "logs");
        assert_eq!(short("arn:aws:ec2:eu-central-1:1:security-group/sg-0a1b"), "sg-0a1b");
        assert_eq!(short("arn:aws:iam::1:role/service-role/admin"), "service-role/admin");
        assert_eq!(short("arn:aws:logs:eu-central-1:1:log-group:/aws/x"), "/aws/x");
        assert_eq!(short("/subscriptions/1/virtualMachines/web"), "web");
        assert_eq!(short(""), "");
    }

    #[test]
    fn a_pass_is_never_accepted() {
        for acceptable in [Acceptable::Failing, Acceptable::FailingAndUnknown] {
            assert!(acceptable.takes(VerdictStatus::Fail));
            assert!(!acceptable.takes(VerdictStatus::Pass));
            assert!(!acceptable.takes(VerdictStatus::NotApplicable));
        }
        assert!(Acceptable::default().takes(VerdictStatus::Unknown));
        assert!(!Acceptable::Failing.takes(VerdictStatus::Unknown));
    }
}
