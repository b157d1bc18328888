//! Findings: what a judgement says, in words, with identity and evidence.

use crate::evaluator::Ready;
use crate::evidence::{EvidenceOf, message};
use crate::judge::Judgement;
use stance_catalog::ResourceTypeDefinition;
use stance_model::{
    Finding, FindingId, Listing, Resource, ResourceReference, ScopeDetails, Snapshot, UnknownCause, Verdict,
    VerdictStatus,
};
use std::cmp::Ordering;
use std::sync::Arc;

/// The finding that a judgement makes.
pub(crate) fn finding<'r>(
    ready: &'r Ready<'_>,
    resource: &Resource,
    scope_details: &Arc<ScopeDetails>,
    evidence: &mut EvidenceOf<'r>,
    judgement: Judgement,
) -> Finding {
    let rule = ready.rule;
    let item = judgement.item.as_ref();
    let (causes, text) = match &judgement.verdict {
        Verdict::Fail => {
            let text = rule.text.fail_message.as_ref().map_or_else(
                || format!("not so: {}", rule.text.title),
                |template| message(template, resource, item),
            );
            let because = judgement
                .escalated
                .as_ref()
                .map(|(severity, because)| format!(" ({severity} because {because})"));
            (Vec::new(), text + because.as_deref().unwrap_or_default())
        }
        Verdict::Unknown(causes) => (causes.clone(), told(causes)),
        Verdict::Pass | Verdict::NotApplicable => (Vec::new(), rule.text.title.clone()),
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
        status: judgement.verdict.status(),
        severity: judgement.escalated.map_or(rule.text.severity, |(severity, _)| severity),
        resource: resource.reference.clone(),
        scope_details: Arc::clone(scope_details),
        evidence: evidence.at(&ready.evidence_paths, item),
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
        resource: ResourceReference {
            id: id.into(),
            resource_type: definition.name.clone(),
            name: "*".into(),
            region: listing.region.clone(),
            scope: run.scope.clone(),
            provider: run.provider,
        },
        scope_details: Arc::clone(&run.scope_details),
        sub_key: None,
        message: cause.to_string(),
        evidence: Vec::new(),
        causes: vec![cause],
        controls: Arc::clone(&ready.controls),
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
