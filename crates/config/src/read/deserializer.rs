//! The tree as serde sees it.

use super::error::Misfit;
use super::plain::resolve;
use super::references::{Found, References};
use super::tagged::Halves;
use crate::Origin;
use crate::node::{Content, Entry, Node, Scalar, Step};
use crate::sections::SINK;
use crate::types::{INPUT_PATH, SECRET, SECRET_TEXT};
use serde::de::value::{MapDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// A node to be read. A single value is what the type asks for, quoted or not; so an account id keeps
/// its zeros, and `"100"` is a number.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub node: &'a Node,
    pub references: &'a References<'a>,
}

impl<'a> Reader<'a> {
    fn scalar(self, what: &str) -> Result<&'a Scalar, Misfit> {
        match &self.node.content {
            Content::Scalar(scalar) if scalar.is_null() => {
                Err(Misfit::new(&self.node.origin, format!("there is no value here, but {what} is expected")))
            }
            Content::Scalar(scalar) => Ok(scalar),
            Content::List(_) | Content::Map(_) | Content::Removed => Err(self.unexpected(what)),
        }
    }

    fn unexpected(self, what: &str) -> Misfit {
        Misfit::new(&self.node.origin, format!("this is {}, but {what} is expected", self.node.kind()))
    }

    fn number<N: std::str::FromStr>(self, what: &str) -> Result<N, Misfit> {
        let scalar = self.scalar(what)?;
        scalar.text.trim().parse().map_err(|_| Misfit::expected(&self.node.origin, scalar, what))
    }

    fn items(self, items: &'a [Node]) -> Items<'a> {
        Items { items: items.iter().enumerate(), references: self.references }
    }

    fn members(self, entries: &'a [Entry]) -> Members<'a> {
        Members { entries: entries.iter(), value: None, references: self.references }
    }
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $type:ty,)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            let what = format!("a whole number from {} to {}", <$type>::MIN, <$type>::MAX);
            visitor.$visit::<Misfit>(self.number(&what)?).map_err(|misfit| misfit.at(&self.node.origin))
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let read = match &self.node.content {
            Content::List(items) => visitor.visit_seq(self.items(items)),
            Content::Map(entries) => visitor.visit_map(self.members(entries)),
            Content::Removed => visitor.visit_unit(),
            Content::Scalar(scalar) => match resolve(scalar) {
                Value::Null => visitor.visit_unit(),
                Value::Bool(truth) => visitor.visit_bool(truth),
                Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                    (Some(number), _, _) => visitor.visit_u64(number),
                    (_, Some(number), _) => visitor.visit_i64(number),
                    (_, _, Some(number)) => visitor.visit_f64(number),
                    _ => visitor.visit_str(&scalar.text),
                },
                _ => visitor.visit_str(&scalar.text),
            },
        };
        read.map_err(|misfit| misfit.at(&self.node.origin))
    }

    whole_numbers! {
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_f64::<Misfit>(self.number("a number")?).map_err(|misfit| misfit.at(&self.node.origin))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        const WHAT: &str = "`true` or `false`";
        let scalar = self.scalar(WHAT)?;
        match scalar.text.as_str() {
            "true" | "True" | "TRUE" => visitor.visit_bool(true),
            "false" | "False" | "FALSE" => visitor.visit_bool(false),
            _ => Err(Misfit::expected(&self.node.origin, scalar, WHAT)),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let scalar = self.scalar("a text")?;
        visitor.visit_str(&scalar.text).map_err(|misfit: Misfit| misfit.at(&self.node.origin))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.node.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.node.is_null() { visitor.visit_unit() } else { Err(self.unexpected("nothing")) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let origin = &self.node.origin;
        match name {
            SECRET => match self.references.secret(self.node).map_err(|told| Misfit::new(origin, told))? {
                Found::Plain(text) => visitor.visit_string(text),
                Found::Referred { key, name, text } => {
                    visitor.visit_map(MapDeserializer::new([(key, name), (SECRET_TEXT, text)].into_iter()))
                }
            },
            INPUT_PATH => {
                let path = self.references.path(&self.scalar("a path")?.text, origin);
                let text: StringDeserializer<Misfit> =
                    path.to_string_lossy().into_owned().into_deserializer();
                visitor.visit_newtype_struct(text)
            }
            SINK => visitor.visit_seq(Halves::of(self)),
            _ => visitor.visit_newtype_struct(self),
        }
        .map_err(|misfit: Misfit| misfit.at(origin))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let scalar = self.scalar("a word")?;
        visitor
            .visit_enum(scalar.text.as_str().into_deserializer())
            .map_err(|misfit: Misfit| misfit.at(&self.node.origin))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.node.content {
            Content::List(items) => {
                visitor.visit_seq(self.items(items)).map_err(|misfit| misfit.at(&self.node.origin))
            }
            Content::Scalar(_) | Content::Map(_) | Content::Removed => Err(self.unexpected("a list")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.node.content {
            Content::Map(entries) => {
                visitor.visit_map(self.members(entries)).map_err(|misfit| misfit.at(&self.node.origin))
            }
            Content::Scalar(_) | Content::List(_) | Content::Removed => Err(self.unexpected("a section")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_map(visitor)
    }

    serde::forward_to_deserialize_any! {
        i128 u128 bytes byte_buf unit_struct tuple tuple_struct identifier ignored_any
    }
}

struct Items<'a> {
    items: std::iter::Enumerate<std::slice::Iter<'a, Node>>,
    references: &'a References<'a>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some((index, node)) = self.items.find(|(_, item)| item.content != Content::Removed) else {
            return Ok(None);
        };
        seed.deserialize(Reader { node, references: self.references })
            .map(Some)
            .map_err(|misfit| misfit.within(Step::Index(index), &node.origin))
    }
}

struct Members<'a> {
    entries: std::slice::Iter<'a, Entry>,
    value: Option<&'a Entry>,
    references: &'a References<'a>,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some(entry) = self.entries.next() else { return Ok(None) };
        self.value = Some(entry);
        seed.deserialize(entry.key.as_str().into_deserializer())
            .map(Some)
            .map_err(|misfit: Misfit| misfit.within(Step::Key(entry.key.clone()), &entry.origin))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let Some(entry) = self.value.take() else {
            return Err(Misfit::new(&Origin::Default, "a value was asked for before its key"));
        };
        seed.deserialize(Reader { node: &entry.value, references: self.references })
            .map_err(|misfit| misfit.within(Step::Key(entry.key.clone()), &entry.value.origin))
    }
}
