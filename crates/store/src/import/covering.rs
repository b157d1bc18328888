//! Exceptions of the store over a run that comes in: whoever judged it may not have known of them.

use crate::bundle::{BundledFinding, ScopeBundle};
use crate::exceptions::{Asked, Force};
use crate::hex::hexed;
use std::collections::{BTreeMap, HashMap};

/// The exceptions of the store over the findings of a run.
pub(super) struct Covering<'c> {
    force: &'c Force,
    bundle: &'c ScopeBundle,
    tags: HashMap<(&'c str, &'c str), &'c BTreeMap<String, String>>,
    none: BTreeMap<String, String>,
}

impl<'c> Covering<'c> {
    pub(super) fn of(bundle: &'c ScopeBundle, force: &'c Force) -> Self {
        let mut tags = HashMap::new();
        if !force.is_empty() {
            for resource in &bundle.resources {
                let reference = &resource.reference;
                tags.insert((reference.resource_type.as_str(), reference.id.as_str()), &resource.tags);
            }
        }
        Self { force, bundle, tags, none: BTreeMap::new() }
    }

    /// The number of the exception that covers a finding, where the run tells of none itself.
    pub(super) fn exception(&self, finding: &BundledFinding, uid: &[u8]) -> Option<i64> {
        if self.force.is_empty() || finding.exception.is_some() {
            return None;
        }
        let of = (finding.resource_type.as_str(), finding.resource.as_str());
        let asked = Asked {
            finding: &hexed(uid),
            rule: finding.rule.as_str(),
            resource_id: finding.resource.as_str(),
            resource_name: &finding.name,
            tags: self.tags.get(&of).copied().unwrap_or(&self.none),
            account: self.bundle.run.scope.as_str(),
            region: finding.region.as_str(),
            status: finding.status,
        };
        self.force.covering(&asked, self.force.moment_of(self.bundle.run.as_of))
    }
}
