//! Findings: what a judgement says, in words, with identity and evidence.

use crate::evaluator::Ready;
use crate::evidence::{EvidenceOf, message, shown};
use crate::judge::Judgement;
use stance_catalog::ResourceTypeDefinition;
use stance_model::{
    Finding, FindingId, Listing, Resource, ResourceReference, ScopeDetails, Snapshot, UnknownCause, Verdict,
    VerdictStatus,
};
use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::sync::Arc;

/// The finding that a judgement makes.
pub(crate) fn finding(
    ready: &Ready<'_>,
    resource: &Resource,
    scope_details: &Arc<ScopeDetails>,
    evidence: &mut EvidenceOf<'_>,
    judgement: Judgement<'_>,
) -> Finding {
    let rule = ready.rule;
    let item = judgement.item.as_ref().and_then(shown);
    let item = item.as_ref();
    let status = judgement.verdict.status();
    let (causes, text) = match judgement.verdict {
        Verdict::Fail => {
            let mut text = rule.text.fail_message.as_ref().map_or_else(
                || format!("not so: {}", rule.text.title),
                |template| message(template, resource, item),
            );
            if let Some((severity, because)) = judgement.escalated {
                text = format!("{text} ({severity} because {because})");
            }
            (Vec::new(), text.into())
        }
        Verdict::Unknown(causes) => {
            let text = told(&causes).into();
            (causes, text)
        }
        Verdict::Pass | Verdict::NotApplicable => (Vec::new(), Arc::clone(&ready.title)),
    };
    Finding {
        exception: None,
        id: FindingId::of(
            rule.id.as_str(),
            resource.reference.scope.as_str(),
            resource.reference.id.as_str(),
            judgement.key.as_deref(),
        ),
        rule: rule.id.clone(),
        status,
        severity: judgement.escalated.map_or(rule.text.severity, |(severity, _)| severity),
        resource: Arc::clone(&resource.reference),
        scope_details: Arc::clone(scope_details),
        evidence: evidence.at(ready.evidence, item),
        sub_key: judgement.key,
        message: text,
        causes,
        controls: Arc::clone(&ready.controls),
    }
}

fn told(causes: &[UnknownCause]) -> String {
    causes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A finding about a type that could not be listed: it stands for the resources that may be there.
pub(crate) fn unlisted(
    ready: &Ready<'_>,
    definition: &ResourceTypeDefinition,
    listing: &Listing,
    snapshot: &Snapshot,
    cause: UnknownCause,
) -> Finding {
    let run = &snapshot.run;
    let id = format!("{}/{}/{}/*", run.scope, listing.region, definition.name);
    Finding {
        exception: None,
        id: FindingId::of(ready.rule.id.as_str(), run.scope.as_str(), &id, None),
        rule: ready.rule.id.clone(),
        status: VerdictStatus::Unknown,
        severity: ready.rule.text.severity,
        resource: Arc::new(ResourceReference {
            id: id.into(),
            resource_type: definition.name.clone(),
            name: "*".into(),
            region: listing.region.clone(),
            scope: run.scope.clone(),
            provider: run.provider,
        }),
        scope_details: Arc::clone(&run.scope_details),
        sub_key: None,
        message: cause.to_string().into(),
        evidence: Arc::default(),
        causes: vec![cause],
        controls: Arc::clone(&ready.controls),
    }
}

/// Puts findings into the [order] of a report. There may be millions, and they come resource by
/// resource: so they are dealt out by what comes first in the order, and then little is left to sort.
pub(crate) fn put_in_order(findings: &mut [Finding]) {
    // all findings of a rule share its name
    let pile_of =
        |finding: &Finding| (finding.rule.as_str().as_ptr().addr(), finding.status, finding.severity);
    let mut piles = HashMap::new();
    for finding in &*findings {
        piles.entry(pile_of(finding)).or_insert((finding.rule.clone(), 0_u32));
    }
    let mut ranked: Vec<_> =
        piles.iter_mut().map(|((_, status, severity), pile)| (status, Reverse(severity), pile)).collect();
    ranked.sort_by(|left, right| (left.0, left.1, &left.2.0).cmp(&(right.0, right.1, &right.2.0)));
    for (rank, (_, _, pile)) in (0..).zip(ranked) {
        pile.1 = rank;
    }
    findings.sort_by_cached_key(|finding| piles.get(&pile_of(finding)).map(|(_, rank)| *rank));
    let is_same_pile = |left: &Finding, right: &Finding| pile_of(left) == pile_of(right);
    for pile in findings.chunk_by_mut(is_same_pile) {
        if !pile.is_sorted_by(|left, right| order(left, right).is_le()) {
            pile.sort_by(order);
        }
    }
}

/// The order of findings in a report: failing first, worst first; then by rule and resource.
pub fn order(left: &Finding, right: &Finding) -> Ordering {
    left.status
        .cmp(&right.status)
        .then_with(|| right.severity.cmp(&left.severity))
        .then_with(|| left.rule.cmp(&right.rule))
        .then_with(|| left.resource.id.cmp(&right.resource.id))
        .then_with(|| left.sub_key.cmp(&right.sub_key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use stance_model::{Provider, RuleId, Severity};

    fn finding(rule: &RuleId, resource: &str, status: VerdictStatus, severity: Severity) -> Finding {
        Finding {
            exception: None,
            id: FindingId::of(rule.as_str(), "1", resource, None),
            rule: rule.clone(),
            status,
            severity,
            resource: Arc::new(ResourceReference {
                id: resource.into(),
                resource_type: "T".into(),
                name: String::new(),
                region: "global".into(),
                scope: "1".into(),
                provider: Provider::Aws,
            }),
            scope_details: Arc::default(),
            sub_key: None,
            message: Arc::default(),
            evidence: Arc::default(),
            causes: Vec::new(),
            controls: Arc::new([]),
        }
    }

    proptest! {
        #[test]
        fn dealing_out_and_sorting_give_the_same_order(made in prop::collection::vec((0_usize..3, "[a-c]", 0_usize..3, 0_usize..2), 0..40)) {
            let rules: Vec<RuleId> = ["b", "a", "c"].map(RuleId::from).to_vec();
            let statuses = [VerdictStatus::Pass, VerdictStatus::Fail, VerdictStatus::Unknown];
            let severities = [Severity::Low, Severity::Critical];
            let mut findings: Vec<Finding> = made
                .iter()
                .map(|(rule, resource, status, severity)| finding(&rules[*rule], resource, statuses[*status], severities[*severity]))
                .collect();
            let mut sorted = findings.clone();
            sorted.sort_by(order);
            put_in_order(&mut findings);
            prop_assert_eq!(findings, sorted);
        }
    }
}
