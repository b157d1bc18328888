//! Documents as values of the expression language, shared rather than copied.
//!
//! The language's own maps and lists are cloned at every step; these are shared. Nulls are left out:
//! a member that is null is a member that is missing. What could not be read is a value too, and
//! every operation on it fails.

use crate::oracle::touched::{note, note_undecidable};
use cel::ExecutionError;
use cel::common::traits::{self, Adder, Container, Indexer, Iterable, Sizer};
use cel::common::types::{
    CelBool, CelDouble, CelInt, CelString, CelUInt, DYN_TYPE, Kind, LIST_TYPE, MAP_TYPE, Type,
};
use cel::common::value::{CowVal, StaticVal, Val};
use serde_json::Value;
use stance_model::UnknownCause;
use std::any::Any;
use std::sync::{Arc, OnceLock};

/// Name under which reading what could not be read fails.
const UNREADABLE: &str = "unreadable";

/// A value of a document.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Bool(CelBool),
    Int(CelInt),
    UInt(CelUInt),
    Double(CelDouble),
    Text(CelString<'static>),
    List(List),
    Map(Map),
    Unreadable(Unreadable),
}

/// A list, possibly known only in part.
#[derive(Clone, Debug)]
pub(crate) struct List(Arc<ListContent>);

#[derive(Debug)]
struct ListContent {
    items: Vec<Node>,
    /// Why there may be more.
    gap: Option<Unreadable>,
}

/// A map with text keys.
#[derive(Clone, Debug)]
pub(crate) struct Map(Arc<MapContent>);

#[derive(Debug)]
struct MapContent {
    members: Box<[(CelString<'static>, Node)]>,
    /// The whole as JSON, made when a function first asks for it: rules ask again and again.
    json: OnceLock<Value>,
    /// Whether it is a network permission that admits the internet, which takes long to find out.
    from_internet: OnceLock<bool>,
}

/// What could not be read.
#[derive(Clone, Debug)]
pub(crate) struct Unreadable(pub Arc<UnknownCause>);

impl Node {
    /// The value of a JSON document; nothing for null.
    pub fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(value) => Self::Bool((*value).into()),
            Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => Self::Int(value.into()),
                (None, Some(value)) => Self::UInt(value.into()),
                (None, None) => Self::Double(number.as_f64().unwrap_or(f64::NAN).into()),
            },
            Value::String(text) => Self::text(text),
            Value::Array(items) => Self::List(List::of(items.iter().filter_map(Self::of).collect(), None)),
            Value::Object(members) => Self::Map(Map::of(
                members.iter().filter_map(|(key, value)| Some((key.as_str(), Self::of(value)?))),
            )),
        })
    }

    pub fn text(text: &str) -> Self {
        Self::Text(CelString::from(text.to_owned()))
    }

    /// The value as the language sees it.
    pub fn val(&self) -> &(dyn Val + 'static) {
        match self {
            Self::Bool(value) => value,
            Self::Int(value) => value,
            Self::UInt(value) => value,
            Self::Double(value) => value,
            Self::Text(value) => value,
            Self::List(value) => value,
            Self::Map(value) => value,
            Self::Unreadable(value) => value,
        }
    }
}

impl List {
    /// A list; with a gap there may be more items that could not be read.
    pub fn of(items: Vec<Node>, gap: Option<Unreadable>) -> Self {
        Self(Arc::new(ListContent { items, gap }))
    }

    /// The items that are known.
    pub fn items(&self) -> &[Node] {
        &self.0.items
    }

    /// Why there may be more.
    pub fn gap(&self) -> Option<&Unreadable> {
        self.0.gap.as_ref()
    }
}

impl Map {
    /// A map of members; the last of equal keys wins.
    pub fn of<'k>(members: impl IntoIterator<Item = (&'k str, Node)>) -> Self {
        let mut members: Vec<(CelString<'static>, Node)> =
            members.into_iter().map(|(key, node)| (CelString::from(key.to_owned()), node)).collect();
        members.reverse();
        members.sort_by(|(left, _), (right, _)| left.inner().cmp(right.inner()));
        members.dedup_by(|(left, _), (right, _)| left.inner() == right.inner());
        Self(Arc::new(MapContent {
            members: members.into(),
            json: OnceLock::new(),
            from_internet: OnceLock::new(),
        }))
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.members.is_empty()
    }

    /// The map as JSON.
    ///
    /// # Errors
    /// If a part of it could not be read.
    pub fn json(&self) -> Result<&Value, ExecutionError> {
        if let Some(known) = self.0.json.get() {
            return Ok(known);
        }
        let made = crate::oracle::document::to_json(self)?;
        Ok(self.0.json.get_or_init(|| made))
    }

    /// Whether the map, taken as a network permission, admits the internet.
    ///
    /// # Errors
    /// If a part of it could not be read.
    pub fn is_from_internet(&self) -> Result<bool, ExecutionError> {
        let json = self.json()?;
        Ok(*self.0.from_internet.get_or_init(|| stance_policy::network::from_internet(json)))
    }

    /// The member of that name.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let members = &self.0.members;
        members
            .binary_search_by(|(known, _)| known.inner().cmp(key))
            .ok()
            .and_then(|at| members.get(at))
            .map(|(_, node)| node)
    }
}

impl Unreadable {
    fn fail<T>(&self) -> Result<T, ExecutionError> {
        note(&self.0);
        Err(ExecutionError::function_error(UNREADABLE, &self.0))
    }
}

/// What every value that is shared rather than copied tells the language of itself.
macro_rules! shared_value {
    ($type:expr) => {
        fn get_type(&self) -> &Type {
            &$type
        }
        fn cel_type() -> &'static Type {
            &$type
        }
        fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
        where
            Self: 'v,
        {
            Box::new(self.clone())
        }
        fn as_any(&self) -> Option<&dyn Any> {
            Some(self)
        }
    };
}

pub(crate) use shared_value;

impl StaticVal for Map {}
impl Val for Map {
    shared_value!(MAP_TYPE);

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }
    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }
    fn equals(&self, other: &dyn Val) -> bool {
        let key_of = |key: &dyn Val| key.downcast_ref::<CelString>().map(|key| key.inner().to_owned());
        let (Some(keys), Some(members)) = (other.as_iterable(), other.as_indexer()) else { return false };
        if other.get_type().kind() != Kind::Map {
            return false;
        }
        let mut count = 0;
        let mut keys = keys.iter();
        while let Some(key) = keys.next() {
            count += 1;
            let same = key_of(key)
                .and_then(|name| self.get(&name))
                .is_some_and(|node| members.get(key).is_ok_and(|value| node.val().equals(value.as_ref())));
            if !same {
                return false;
            }
        }
        count == self.0.members.len()
    }
}

impl Container for Map {
    fn contains(&self, key: &dyn Val) -> Result<bool, ExecutionError> {
        match key.downcast_ref::<CelString>().and_then(|key| self.get(key.inner())) {
            Some(Node::Unreadable(unreadable)) => unreadable.fail(),
            Some(_) => Ok(true),
            None => Ok(false),
        }
    }
}

impl Indexer for Map {
    fn get<'b, 'v>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let Some(key) = key.downcast_ref::<CelString>() else {
            return Err(ExecutionError::no_such_key("a key that is no text"));
        };
        match Map::get(self, key.inner()) {
            Some(Node::Unreadable(unreadable)) => unreadable.fail(),
            Some(node) => Ok(CowVal::Borrowed(node.val())),
            None => Err(ExecutionError::no_such_key(key.inner())),
        }
    }
    fn steal<'v>(self: Box<Self>, key: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Indexer::get(&*self, key).map(CowVal::into_owned)
    }
}

impl Sizer for Map {
    fn size(&self) -> CelInt {
        count(self.0.members.len())
    }
}

struct Keys<'b>(std::slice::Iter<'b, (CelString<'static>, Node)>);
impl<'b, 'v> traits::Iterator<'b, 'v> for Keys<'b> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        self.0.next().map(|(key, _)| key as &'b (dyn Val + 'v))
    }
}
impl Iterable for Map {
    fn iter<'b, 'v>(&'b self) -> Box<dyn traits::Iterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        Box::new(Keys(self.0.members.iter()))
    }
}

impl StaticVal for List {}
impl Val for List {
    shared_value!(LIST_TYPE);

    fn as_adder<'b, 'v>(&'b self) -> Option<&'b (dyn Adder + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }
    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }
    fn equals(&self, other: &dyn Val) -> bool {
        if let Some(gap) = self.gap() {
            note_undecidable(&gap.0);
        }
        let Some(others) = other.as_iterable().filter(|_| other.get_type().kind() == Kind::List) else {
            return false;
        };
        let mut others = others.iter();
        self.items().iter().all(|node| others.next().is_some_and(|other| node.val().equals(other)))
            && others.next().is_none()
    }
}

impl Adder for List {
    fn add<'b, 'v>(&'b self, other: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let mut items = self.items().to_vec();
        let mut gap = self.gap().cloned();
        if let Some(other) = other.downcast_ref::<Self>() {
            items.extend_from_slice(other.items());
            gap = gap.or_else(|| other.gap().cloned());
        } else {
            let Value::Array(others) = crate::oracle::document::to_json(other)? else {
                return Err(ExecutionError::function_error("_+_", "only a list can be added to a list"));
            };
            items.extend(others.iter().filter_map(Node::of));
        }
        Ok(CowVal::owned(Self::of(items, gap)))
    }
}

impl Container for List {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        if self.items().iter().any(|node| node.val().equals(value)) {
            return Ok(true);
        }
        self.gap().map_or(Ok(false), Unreadable::fail)
    }
}

impl Indexer for List {
    fn get<'b, 'v>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let index = if let Some(index) = key.downcast_ref::<CelInt>() {
            *index.inner()
        } else if let Some(index) = key.downcast_ref::<CelUInt>() {
            i64::try_from(*index.inner()).unwrap_or(-1)
        } else {
            let index = key.downcast_ref::<CelDouble>().map_or(-1.0, |index| *index.inner());
            if index.fract() == 0.0 { index as i64 } else { -1 }
        };
        match usize::try_from(index).ok().and_then(|index| self.items().get(index)) {
            Some(node) => Ok(CowVal::Borrowed(node.val())),
            None => match self.gap() {
                Some(gap) => gap.fail(),
                // a missing element is a missing key to `list[?0]`
                None => Err(ExecutionError::no_such_key(&match key.downcast_ref::<CelString>() {
                    Some(text) => text.inner().to_owned(),
                    None => index.to_string(),
                })),
            },
        }
    }
    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Indexer::get(&*self, index).map(CowVal::into_owned)
    }
}

impl Sizer for List {
    fn size(&self) -> CelInt {
        if let Some(gap) = self.gap() {
            note_undecidable(&gap.0);
        }
        count(self.items().len())
    }
}

/// The known items, and then the gap: whatever is asked of it fails, so that `exists` is still true
/// where a known item decides, and `all` still false.
struct Items<'b> {
    items: std::slice::Iter<'b, Node>,
    gap: Option<&'b Unreadable>,
}
impl<'b, 'v> traits::Iterator<'b, 'v> for Items<'b> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        match self.items.next() {
            Some(node) => Some(node.val()),
            None => self.gap.take().map(|gap| gap as &'b (dyn Val + 'v)),
        }
    }
}
impl Iterable for List {
    fn iter<'b, 'v>(&'b self) -> Box<dyn traits::Iterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        Box::new(Items { items: self.items().iter(), gap: self.gap() })
    }
}

impl StaticVal for Unreadable {}
impl Val for Unreadable {
    fn get_type(&self) -> &Type {
        // every failing operation asks for the type to tell what failed
        note(&self.0);
        &DYN_TYPE
    }
    fn cel_type() -> &'static Type {
        &DYN_TYPE
    }
    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        note(&self.0);
        Box::new(self.clone())
    }
    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }
    fn equals(&self, _other: &dyn Val) -> bool {
        note_undecidable(&self.0);
        false
    }
}
impl Indexer for Unreadable {
    fn get<'b, 'v>(&'b self, _key: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.fail()
    }
    fn steal<'v>(self: Box<Self>, _key: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.fail()
    }
}
impl Container for Unreadable {
    fn contains(&self, _value: &dyn Val) -> Result<bool, ExecutionError> {
        self.fail()
    }
}

fn count(length: usize) -> CelInt {
    i64::try_from(length).unwrap_or(i64::MAX).into()
}
