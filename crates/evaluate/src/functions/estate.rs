//! Functions that look at the other resources of the scope.

use super::{Function, function, text_of};
use crate::failure::{Answer, Failure};
use crate::program::Run;
use crate::value::{List, Value};
use stance_catalog::SupportEnd;

pub(super) const FUNCTIONS: &[Function] = &[
    function("resources", 1, resources),
    function("here", 1, here),
    function("related", 3, related),
    function("supportEnds", 2, support_ends),
];

fn resources<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [name] = arguments else { return Err(Failure::Mismatch) };
    Ok(Value::List(run.estate.all(text_of(name, "resources")?)))
}

fn here<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [name] = arguments else { return Err(Failure::Mismatch) };
    Ok(Value::List(run.estate.here(text_of(name, "here")?, run.region_name())))
}

fn related<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [name, field, value] = arguments else { return Err(Failure::Mismatch) };
    let (name, field) = (text_of(name, "related")?, text_of(field, "related")?);
    let value = match value {
        // an optional without a value relates to nothing
        Value::Optional(None) => return Ok(Value::List(List::made(Vec::new()))),
        Value::Optional(Some(inner)) => inner,
        value => value,
    };
    let found = match value {
        Value::Int(number) => run.estate.related(name, field, &number.to_string(), run.region_name()),
        value => run.estate.related(name, field, text_of(value, "related")?, run.region_name()),
    };
    Ok(Value::List(found))
}

/// Support of a version that has no last day yet ends on this one.
const FAR_AWAY: &str = "9999-12-31";

fn support_ends<'v>(run: &mut Run<'v>, arguments: &[Value<'v>]) -> Answer<'v> {
    let [kind, version] = arguments else { return Err(Failure::Mismatch) };
    let (kind, version) = (text_of(kind, "supportEnds")?, text_of(version, "supportEnds")?);
    let failed = |message: String| Failure::of("supportEnds", message);
    match run.estate.support().end(kind, version) {
        SupportEnd::On(day) => Ok(Value::text(day)),
        SupportEnd::NotNamed => Ok(Value::text(FAR_AWAY)),
        SupportEnd::UnknownVersion => {
            Err(failed(format!("it is not known until when `{version}` of `{kind}` is supported")))
        }
        SupportEnd::UnknownKind => Err(failed(format!("there is no table of support for `{kind}`"))),
    }
}
