//! Functions that look at the other resources of the scope.

use super::{Answer, Entry, function, take, text_of};
use crate::estate::View;
use cel::ExecutionError;
use cel::common::types::{CelInt, CelOptional};
use cel::common::value::CowVal;

pub(super) const ENTRIES: &[Entry] =
    &[function("resources", 2, resources), function("here", 2, here), function("related", 4, related)];

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
            None => return Ok(CowVal::owned(crate::value::List::of(Vec::new(), None))),
        },
        None => value,
    };
    let value = match value.downcast_ref::<CelInt>() {
        Some(number) => number.inner().to_string(),
        None => text_of(&value, "related")?,
    };
    Ok(CowVal::owned(view.estate.related(&name, &field, &value, &view.region)))
}

fn view_of<'a>(value: &'a CowVal<'_, '_>) -> Result<&'a View, ExecutionError> {
    value
        .downcast_ref::<View>()
        .ok_or_else(|| ExecutionError::function_error("resources", "there are no other resources here"))
}
