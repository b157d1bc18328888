//! Lists, possibly known only in part.

use super::{Json, Map, Text, Value};
use crate::touched::Cause;
use crate::view::View;
use std::rc::Rc;
use std::sync::Arc;

/// A list. With a gap there may be more items that could not be read.
#[derive(Clone, Debug)]
pub(crate) enum List<'v> {
    /// A list of a document.
    Document(&'v Json),
    /// Resources of the scope.
    Resources(Rc<Resources<'v>>),
    /// A list that an expression made.
    Made(Rc<Made<'v>>),
}

/// Resources of a type: all, or those at these places.
#[derive(Debug)]
pub(crate) struct Resources<'v> {
    pub all: &'v [View<'v>],
    pub places: Option<Arc<[u32]>>,
    pub gap: Option<Cause<'v>>,
}

/// A list that an expression made.
#[derive(Debug)]
pub(crate) struct Made<'v> {
    items: Vec<Value<'v>>,
    gap: Option<Cause<'v>>,
}

impl<'v> List<'v> {
    /// A list of these items; one that holds something unreadable is known only in part.
    pub fn made(items: Vec<Value<'v>>) -> Self {
        Self::in_part(items, None)
    }

    /// A list of these items, and perhaps more.
    pub fn in_part(mut items: Vec<Value<'v>>, mut gap: Option<Cause<'v>>) -> Self {
        items.retain(|item| match item {
            Value::Unreadable(cause) => {
                gap.get_or_insert(*cause);
                false
            }
            _ => true,
        });
        Self::Made(Rc::new(Made { items, gap }))
    }

    /// Why there may be more.
    pub fn gap(&self) -> Option<Cause<'v>> {
        match self {
            Self::Document(_) => None,
            Self::Resources(resources) => resources.gap,
            Self::Made(made) => made.gap,
        }
    }

    /// How many items are known.
    pub fn len(&self) -> usize {
        match self {
            Self::Document(json) => items_of(json).len(),
            Self::Resources(resources) => match &resources.places {
                Some(places) => places.len(),
                None => resources.all.len(),
            },
            Self::Made(made) => made.items.len(),
        }
    }

    /// The known item at a place.
    pub fn get(&self, index: usize) -> Option<Value<'v>> {
        match self {
            Self::Document(json) => items_of(json).get(index).map(Value::of),
            Self::Resources(resources) => {
                let index = match &resources.places {
                    Some(places) => usize::try_from(*places.get(index)?).ok()?,
                    None => index,
                };
                resources.all.get(index).map(|view| Value::Map(Map::Resource(view)))
            }
            Self::Made(made) => made.items.get(index).cloned(),
        }
    }

    /// The known items.
    pub fn iter(&self) -> impl Iterator<Item = Value<'v>> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

fn items_of(json: &Json) -> &[Json] {
    match json {
        Json::Array(items) => items,
        _ => &[],
    }
}

/// What a comprehension goes through: the items of a list, and then its gap, on which everything
/// fails, so that `exists` is still true where a known item decides, and `all` still false; or the
/// keys of a map.
pub(crate) struct Items<'v> {
    of: Range<'v>,
    next: usize,
    gap: Option<Cause<'v>>,
}

enum Range<'v> {
    Document(&'v [Json]),
    List(List<'v>),
    Keys(Vec<Value<'v>>),
}

impl<'v> Items<'v> {
    /// What can be gone through in a value.
    pub fn of(value: &Value<'v>) -> Option<Self> {
        match value {
            Value::List(List::Document(json)) => {
                Some(Self { of: Range::Document(items_of(json)), next: 0, gap: None })
            }
            Value::List(list) => Some(Self { gap: list.gap(), of: Range::List(list.clone()), next: 0 }),
            Value::Map(map) => Some(Self { of: Range::Keys(map.keys()), next: 0, gap: None }),
            _ => None,
        }
    }
}

impl<'v> Iterator for Items<'v> {
    type Item = Value<'v>;

    fn next(&mut self) -> Option<Value<'v>> {
        let at = self.next;
        self.next += 1;
        let known = match &self.of {
            Range::Document(items) => items.get(at).map(Value::of),
            Range::List(list) => list.get(at),
            Range::Keys(keys) => keys.get(at).cloned(),
        };
        known.or_else(|| self.gap.take().map(Value::Unreadable))
    }
}

impl<'v> From<Vec<&'v str>> for List<'v> {
    fn from(texts: Vec<&'v str>) -> Self {
        Self::made(texts.into_iter().map(|text| Value::Text(Text::Borrowed(text))).collect())
    }
}
