//! Sections of several kinds, told by their `type`: each type that is read from one sees its own keys only.

use super::deserializer::Reader;
use super::error::Misfit;
use crate::node::{Content, Node};
use crate::sections::TYPE;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, SeqAccess, VariantAccess, Visitor,
};

/// A section that is read again and again, by one type after the other.
pub(super) struct Halves<'a>(Reader<'a>);

impl<'a> Halves<'a> {
    pub fn of(section: Reader<'a>) -> Self {
        Self(section)
    }
}

impl<'de> SeqAccess<'de> for Halves<'_> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        seed.deserialize(Part(self.0)).map(Some)
    }
}

/// The part of a section that concerns the type that reads it.
#[derive(Clone, Copy)]
struct Part<'a>(Reader<'a>);

impl<'de> Deserializer<'de> for Part<'_> {
    type Error = Misfit;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let Reader { node, references } = self.0;
        let Content::Map(entries) = &node.content else {
            return self.0.deserialize_struct(name, fields, visitor);
        };
        let own = entries.iter().filter(|entry| fields.contains(&entry.key.as_str())).cloned().collect();
        let node = Node { origin: node.origin.clone(), content: Content::Map(own) };
        Reader { node: &node, references }.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_enum(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.0.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Part<'_> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Misfit> {
        let origin = &self.0.node.origin;
        let Some(entry) = self.0.node.entry(TYPE) else {
            return Err(<Misfit as serde::de::Error>::missing_field(TYPE).at(origin));
        };
        let Content::Scalar(scalar) = &entry.value.content else {
            return Err(Misfit::new(&entry.origin, format!("`{TYPE}` is a word")));
        };
        let kind = seed.deserialize(scalar.text.as_str().into_deserializer());
        Ok((kind.map_err(|misfit: Misfit| misfit.at(&entry.value.origin))?, self))
    }
}

impl<'de> VariantAccess<'de> for Part<'_> {
    type Error = Misfit;

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misfit> {
        seed.deserialize(self)
    }

    fn unit_variant(self) -> Result<(), Misfit> {
        Ok(())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_struct("", fields, visitor)
    }
}
