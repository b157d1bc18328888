//! Functions that look at the other resources of the scope.

use super::{Answer, Entry, function, take, text_of};
use crate::oracle::estate::View;
use cel::ExecutionError;
use cel::common::types::{CelInt, CelOptional, CelString};
use cel::common::value::CowVal;
use stance_catalog::SupportEnd;

pub(super) const ENTRIES: &[Entry] = &[
    function("resources", 2, resources),
    function("here", 2, here),
    function("related", 4, related),
    function("supportEnds", 3, support_ends),
];

fn resources<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [name, view] = take(args)?;
    let name = text_of(&name, "resources")?;
    Ok(CowVal::owned(view_of(&view)?.estate.all(&name)))
}

fn here<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [name, view] = take(args)?;
    let name = text_of(&name, "here")?;
    let view = view_of(&view)?;
    Ok(CowVal::owned(view.estate.here(&name, &view.region)))
}

fn related<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [name, field, value, view] = take(args)?;
    let (name, field) = (text_of(&name, "related")?, text_of(&field, "related")?);
    let view = view_of(&view)?;
    // an optional without a value relates to nothing
    let value = match value.downcast_ref::<CelOptional>() {
        Some(optional) => match optional.inner() {
            Some(inner) => CowVal::Borrowed(inner),
            None => return Ok(CowVal::owned(crate::oracle::value::List::of(Vec::new(), None))),
        },
        None => value,
    };
    let value = match value.downcast_ref::<CelInt>() {
        Some(number) => number.inner().to_string(),
        None => text_of(&value, "related")?,
    };
    Ok(CowVal::owned(view.estate.related(&name, &field, &value, &view.region)))
}

/// Support of a version that has no last day yet ends on this one.
const FAR_AWAY: &str = "9999-12-31";

fn support_ends<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [kind, version, view] = take(args)?;
    let (kind, version) = (text_of(&kind, "supportEnds")?, text_of(&version, "supportEnds")?);
    let failed = |message: String| ExecutionError::function_error("supportEnds", message);
    let day = match view_of(&view)?.estate.support().end(&kind, &version) {
        SupportEnd::On(day) => day,
        SupportEnd::NotNamed => FAR_AWAY,
        SupportEnd::UnknownVersion => {
            return Err(failed(format!("it is not known until when `{version}` of `{kind}` is supported")));
        }
        SupportEnd::UnknownKind => return Err(failed(format!("there is no table of support for `{kind}`"))),
    };
    Ok(CowVal::owned(CelString::from(day.to_owned())))
}

fn view_of<'a>(value: &'a CowVal<'_, '_>) -> Result<&'a View, ExecutionError> {
    value
        .downcast_ref::<View>()
        .ok_or_else(|| ExecutionError::function_error("resources", "there are no other resources here"))
}
