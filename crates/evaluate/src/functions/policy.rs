//! Functions on policy documents.

use super::{Function, Memory, function, json_of, made_texts, method, text_of, truth};
use crate::document::as_list;
use crate::failure::{Answer, Failure};
use crate::program::Run;
use crate::value::{Json, Value};
use stance_policy::Policy;
use std::rc::Rc;

pub(super) const FUNCTIONS: &[Function] = &[
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

fn parse<'v>(document: &Json) -> Result<Policy, Failure<'v>> {
    Policy::parse(document).map_err(|error| Failure::of("policy", error))
}

fn policy<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [document] = arguments else { return Err(Failure::Mismatch) };
    let place = Memory::place_of(document);
    if let Some(known) = run.memory.policy_at(place) {
        return Ok(Value::Policy(known));
    }
    let policy = Rc::new(parse(&*json_of(run, document)?)?);
    run.memory.keep_policy(place, &policy);
    Ok(Value::Policy(policy))
}

fn policies<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [documents] = arguments else { return Err(Failure::Mismatch) };
    let list = as_list(documents, &mut run.touched)?;
    if let Some(gap) = list.gap() {
        return Err(run.unreadable(gap));
    }
    let parsed: Vec<Policy> = list
        .iter()
        .map(|item| json_of(run, &item).and_then(|document| parse(&document)))
        .collect::<Result<_, _>>()?;
    Ok(Value::Policy(Rc::new(Policy::together(parsed))))
}

fn receiver<'a>(value: &'a Value<'_>, function: &str) -> Result<&'a Policy, Failure<'static>> {
    match value {
        Value::Policy(policy) => Ok(policy),
        other => {
            let message = format!("call it on policy(…), not on a {}", other.type_name());
            Err(Failure::of(function, message))
        }
    }
}

fn is_public<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [policy] = arguments else { return Err(Failure::Mismatch) };
    truth(receiver(policy, "isPublic")?.is_public())
}

fn is_public_for<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [policy, action] = arguments else { return Err(Failure::Mismatch) };
    truth(receiver(policy, "isPublicFor")?.is_public_for(text_of(action, "isPublicFor")?))
}

fn public_actions<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [policy] = arguments else { return Err(Failure::Mismatch) };
    made_texts(receiver(policy, "publicActions")?.public_actions())
}

fn denies_insecure_transport<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [policy] = arguments else { return Err(Failure::Mismatch) };
    truth(receiver(policy, "deniesInsecureTransport")?.denies_insecure_transport())
}

fn allows_administrator<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [policy] = arguments else { return Err(Failure::Mismatch) };
    truth(receiver(policy, "allowsAdministrator")?.allows_administrator())
}

fn allows<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [policy, action] = arguments else { return Err(Failure::Mismatch) };
    truth(receiver(policy, "allows")?.allows(text_of(action, "allows")?, None))
}

fn allows_on<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [policy, action, resource] = arguments else { return Err(Failure::Mismatch) };
    let (action, resource) = (text_of(action, "allows")?, text_of(resource, "allows")?);
    truth(receiver(policy, "allows")?.allows(action, Some(resource)))
}

fn allows_on_any_resource<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [policy, action] = arguments else { return Err(Failure::Mismatch) };
    let action = text_of(action, "allowsOnAnyResource")?;
    truth(receiver(policy, "allowsOnAnyResource")?.allows_on_any_resource(action))
}

fn allows_all_actions_of<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [policy, service] = arguments else { return Err(Failure::Mismatch) };
    let service = text_of(service, "allowsAllActionsOf")?;
    truth(receiver(policy, "allowsAllActionsOf")?.allows_all_actions_of(service))
}

fn external_accounts<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [policy, account] = arguments else { return Err(Failure::Mismatch) };
    let account = text_of(account, "externalAccounts")?;
    made_texts(receiver(policy, "externalAccounts")?.external_accounts(account))
}

fn escalations<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [policy] = arguments else { return Err(Failure::Mismatch) };
    made_texts(receiver(policy, "escalations")?.escalations())
}

fn trusts_service_without_source<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [policy] = arguments else { return Err(Failure::Mismatch) };
    made_texts(receiver(policy, "trustsServiceWithoutSource")?.trusts_service_without_source())
}

fn statements<'v>(_: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [policy] = arguments else { return Err(Failure::Mismatch) };
    let statements = receiver(policy, "statements")?.statements();
    Ok(Value::made(statements))
}
