//! Functions on policy documents.

use super::{Answer, Entry, function, json_of, method, node, take, text_of, texts, truth};
use crate::oracle::document::as_list;
use cel::ExecutionError;
use cel::common::types::Type;
use cel::common::value::{CowVal, StaticVal, Val};
use stance_policy::Policy;
use std::any::Any;
use std::sync::Arc;

pub(super) const ENTRIES: &[Entry] = &[
    function("policy", 1, policy),
    function("policies", 1, policies),
    method("isPublic", 1, is_public),
    method("isPublicFor", 2, is_public_for),
    method("publicActions", 1, public_actions),
    method("deniesInsecureTransport", 1, denies_insecure_transport),
    method("allowsAdministrator", 1, allows_administrator),
    method("allows", 2, allows),
    method("allows", 3, allows_on),
    method("allowsOnAnyResource", 2, allows_on_any_resource),
    method("allowsAllActionsOf", 2, allows_all_actions_of),
    method("externalAccounts", 2, external_accounts),
    method("escalations", 1, escalations),
    method("trustsServiceWithoutSource", 1, trusts_service_without_source),
    method("statements", 1, statements),
];

/// A policy document as a value.
#[derive(Clone, Debug)]
struct PolicyValue(Arc<Policy>);

static POLICY: Type = Type::new_unspecified_type("policy");

impl StaticVal for PolicyValue {}
impl Val for PolicyValue {
    crate::oracle::value::shared_value!(POLICY);
}

fn parse(document: &serde_json::Value) -> Result<Policy, ExecutionError> {
    Policy::parse(document).map_err(|error| ExecutionError::function_error("policy", error))
}

fn policy<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [document] = take(args)?;
    parse(&*json_of(&document)?).map(|policy| CowVal::owned(PolicyValue(Arc::new(policy))))
}

fn policies<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [documents] = take(args)?;
    let list = as_list(documents.as_ref())?;
    if let Some(gap) = list.gap() {
        crate::oracle::touched::note(&gap.0);
        return Err(ExecutionError::function_error("unreadable", &gap.0));
    }
    let parsed: Vec<Policy> = list
        .items()
        .iter()
        .map(|item| crate::oracle::document::to_json(item.val()).and_then(|document| parse(&document)))
        .collect::<Result<_, _>>()?;
    Ok(CowVal::owned(PolicyValue(Arc::new(Policy::together(parsed)))))
}

fn receiver<'a>(value: &'a CowVal<'_, '_>, function: &str) -> Result<&'a Policy, ExecutionError> {
    value.downcast_ref::<PolicyValue>().map(|policy| policy.0.as_ref()).ok_or_else(|| {
        ExecutionError::function_error(
            function,
            format!("call it on policy(…), not on a {}", value.get_type().name()),
        )
    })
}

fn is_public<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [policy] = take(args)?;
    truth(receiver(&policy, "isPublic")?.is_public())
}

fn is_public_for<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [policy, action] = take(args)?;
    truth(receiver(&policy, "isPublicFor")?.is_public_for(&text_of(&action, "isPublicFor")?))
}

fn public_actions<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [policy] = take(args)?;
    texts(receiver(&policy, "publicActions")?.public_actions())
}

fn denies_insecure_transport<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [policy] = take(args)?;
    truth(receiver(&policy, "deniesInsecureTransport")?.denies_insecure_transport())
}

fn allows_administrator<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [policy] = take(args)?;
    truth(receiver(&policy, "allowsAdministrator")?.allows_administrator())
}

fn allows<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [policy, action] = take(args)?;
    truth(receiver(&policy, "allows")?.allows(&text_of(&action, "allows")?, None))
}

fn allows_on<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [policy, action, resource] = take(args)?;
    let (action, resource) = (text_of(&action, "allows")?, text_of(&resource, "allows")?);
    truth(receiver(&policy, "allows")?.allows(&action, Some(&resource)))
}

fn allows_on_any_resource<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [policy, action] = take(args)?;
    truth(
        receiver(&policy, "allowsOnAnyResource")?
            .allows_on_any_resource(&text_of(&action, "allowsOnAnyResource")?),
    )
}

fn allows_all_actions_of<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [policy, service] = take(args)?;
    truth(
        receiver(&policy, "allowsAllActionsOf")?
            .allows_all_actions_of(&text_of(&service, "allowsAllActionsOf")?),
    )
}

fn external_accounts<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [policy, account] = take(args)?;
    texts(receiver(&policy, "externalAccounts")?.external_accounts(&text_of(&account, "externalAccounts")?))
}

fn escalations<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [policy] = take(args)?;
    texts(receiver(&policy, "escalations")?.escalations())
}

fn trusts_service_without_source<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [policy] = take(args)?;
    texts(receiver(&policy, "trustsServiceWithoutSource")?.trusts_service_without_source())
}

fn statements<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [policy] = take(args)?;
    node(&receiver(&policy, "statements")?.statements())
}
