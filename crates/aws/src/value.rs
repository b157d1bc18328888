//! JSON values to and from the official codecs, by schema.

use crate::model::{Kind, Service};
use crate::timestamp;
use aws_smithy_schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer, ShapeSerializer};
use aws_smithy_schema::{Schema, ShapeType, prelude};
use aws_smithy_types::{Blob, DateTime, Document, Number as SmithyNumber, base64};
use serde_json::{Map, Number, Value};

/// A JSON object as the input that a schema describes.
pub(crate) struct Input<'v> {
    pub service: &'static Service,
    /// Position of the structure's node.
    pub node: usize,
    pub value: &'v Value,
}

impl SerializableStruct for Input<'_> {
    fn schema(&self) -> &Schema<'_> {
        self.service.node(self.node).schema
    }

    fn serialize_members(&self, serializer: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        let (Kind::Structure(members), Value::Object(fields)) =
            (&self.service.node(self.node).kind, self.value)
        else {
            return Err(mismatch("an object", self.value));
        };
        if let Some(unknown) =
            fields.keys().find(|key| !members.iter().any(|member| member.name == key.as_str()))
        {
            return Err(SerdeError::invalid_input(format!("there is no input `{unknown}`")));
        }
        for member in members {
            match fields.get(member.name) {
                None | Some(Value::Null) if member.required => {
                    return Err(SerdeError::invalid_input(format!("input `{}` is missing", member.name)));
                }
                None | Some(Value::Null) => {}
                Some(value) => write(self.service, member.target, member.schema, value, serializer)?,
            }
        }
        Ok(())
    }
}

fn mismatch(wanted: &str, got: &Value) -> SerdeError {
    SerdeError::type_mismatch(format!("`{got}` is not {wanted}"))
}

fn write(
    service: &'static Service,
    at: usize,
    schema: &Schema<'_>,
    value: &Value,
    serializer: &mut dyn ShapeSerializer,
) -> Result<(), SerdeError> {
    match &service.node(at).kind {
        Kind::Structure(_) => serializer.write_struct(schema, &Input { service, node: at, value }),
        Kind::List(element) => {
            let items = value.as_array().ok_or_else(|| mismatch("a list", value))?;
            let of_element = service.node(*element).schema;
            serializer.write_list_with_length(schema, items.len(), &|serializer| {
                items.iter().try_for_each(|item| write(service, *element, of_element, item, serializer))
            })
        }
        Kind::Map(target) => {
            let fields = value.as_object().ok_or_else(|| mismatch("an object", value))?;
            let of_value = service.node(*target).schema;
            serializer.write_map_with_length(schema, fields.len(), &|serializer| {
                fields.iter().try_for_each(|(key, field)| {
                    serializer.write_string(&prelude::STRING, key)?;
                    write(service, *target, of_value, field, serializer)
                })
            })
        }
        Kind::Scalar | Kind::AnsweredTime => write_scalar(schema, value, serializer),
    }
}

fn write_scalar(
    schema: &Schema<'_>,
    value: &Value,
    serializer: &mut dyn ShapeSerializer,
) -> Result<(), SerdeError> {
    let whole = || value.as_i64().ok_or_else(|| mismatch("a whole number", value));
    let number = || value.as_f64().ok_or_else(|| mismatch("a number", value));
    let text = || value.as_str().ok_or_else(|| mismatch("a text", value));
    match schema.shape_type() {
        ShapeType::String => serializer.write_string(schema, text()?),
        ShapeType::Boolean => {
            serializer.write_boolean(schema, value.as_bool().ok_or_else(|| mismatch("true or false", value))?)
        }
        ShapeType::Byte => serializer.write_byte(schema, narrow(whole()?, value)?),
        ShapeType::Short => serializer.write_short(schema, narrow(whole()?, value)?),
        ShapeType::Integer => serializer.write_integer(schema, narrow(whole()?, value)?),
        ShapeType::Long => serializer.write_long(schema, whole()?),
        #[allow(clippy::cast_possible_truncation)]
        ShapeType::Float => serializer.write_float(schema, number()? as f32),
        ShapeType::Double => serializer.write_double(schema, number()?),
        ShapeType::Blob => {
            let bytes = base64::decode(text()?).map_err(|_| mismatch("base64", value))?;
            serializer.write_blob(schema, Blob::new(bytes))
        }
        ShapeType::Timestamp => {
            let time = match value {
                Value::String(text) => timestamp::parse(text),
                _ => value.as_f64().map(DateTime::from_secs_f64),
            };
            serializer.write_timestamp(schema, &time.ok_or_else(|| mismatch("a time", value))?)
        }
        ShapeType::Document => serializer.write_document(schema, &to_document(value)),
        other => Err(SerdeError::unsupported(format!("an input of type `{other:?}` cannot be written"))),
    }
}

fn narrow<N: TryFrom<i64>>(number: i64, value: &Value) -> Result<N, SerdeError> {
    N::try_from(number).map_err(|_| mismatch("in range", value))
}

/// Reads what a node describes. `schema` is the member's, or the node's own at the top.
pub(crate) fn read(
    service: &'static Service,
    at: usize,
    schema: &Schema<'_>,
    deserializer: &mut dyn ShapeDeserializer,
) -> Result<Value, SerdeError> {
    let node = service.node(at);
    let nullable = |at: usize, schema: &Schema<'_>, deserializer: &mut dyn ShapeDeserializer| {
        if deserializer.is_null() {
            deserializer.read_null().map(|()| Value::Null)
        } else {
            read(service, at, schema, deserializer)
        }
    };
    Ok(match &node.kind {
        Kind::Structure(members) => {
            let mut fields = Map::new();
            deserializer.read_struct(node.schema, &mut |schema, deserializer| {
                let Some(member) = schema.member_index().and_then(|at| members.get(at)) else {
                    return Ok(());
                };
                if deserializer.is_null() {
                    return deserializer.read_null();
                }
                fields.insert(member.name.to_string(), read(service, member.target, schema, deserializer)?);
                Ok(())
            })?;
            if node.schema.xml_unwrapped_output() {
                // such a body is there even where it says nothing
                fields.retain(|_, value| value.as_str() != Some(""));
            }
            Value::Object(fields)
        }
        Kind::List(element) => {
            let mut items = Vec::new();
            let of_element = schema.member().unwrap_or(service.node(*element).schema);
            deserializer.read_list(schema, &mut |deserializer| {
                items.push(nullable(*element, of_element, deserializer)?);
                Ok(())
            })?;
            Value::Array(items)
        }
        Kind::Map(target) => {
            let mut fields = Map::new();
            let of_value = schema.member().unwrap_or(service.node(*target).schema);
            deserializer.read_map(schema, &mut |key, deserializer| {
                fields.insert(key, nullable(*target, of_value, deserializer)?);
                Ok(())
            })?;
            Value::Object(fields)
        }
        Kind::AnsweredTime if schema.shape_type() == ShapeType::Document => {
            match from_document(&deserializer.read_document(schema)?) {
                Value::String(text) => timestamp::from_text(&text).into(),
                Value::Number(number) => {
                    number.as_f64().map_or(Value::Null, |n| timestamp::from_seconds(n).into())
                }
                other => other,
            }
        }
        Kind::AnsweredTime => timestamp::from_text(&deserializer.read_string(schema)?).into(),
        Kind::Scalar => read_scalar(schema, deserializer)?,
    })
}

fn read_scalar(schema: &Schema<'_>, deserializer: &mut dyn ShapeDeserializer) -> Result<Value, SerdeError> {
    Ok(match schema.shape_type() {
        ShapeType::String => deserializer.read_string(schema)?.into(),
        ShapeType::Boolean => deserializer.read_boolean(schema)?.into(),
        ShapeType::Byte => deserializer.read_byte(schema)?.into(),
        ShapeType::Short => deserializer.read_short(schema)?.into(),
        ShapeType::Integer => deserializer.read_integer(schema)?.into(),
        ShapeType::Long => deserializer.read_long(schema)?.into(),
        // through text, so that a single-precision 0.05 stays 0.05
        ShapeType::Float => float(deserializer.read_float(schema)?.to_string().parse().unwrap_or(f64::NAN)),
        ShapeType::Double => float(deserializer.read_double(schema)?),
        ShapeType::Blob => base64::encode(deserializer.read_blob(schema)?).into(),
        ShapeType::Document => from_document(&deserializer.read_document(schema)?),
        other => {
            return Err(SerdeError::unsupported(format!("an answer of type `{other:?}` cannot be read")));
        }
    })
}

/// JSON has no word for infinity and no number; they become texts.
fn float(number: f64) -> Value {
    Number::from_f64(number).map_or_else(|| number.to_string().into(), Value::Number)
}

fn to_document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(value) => Document::Bool(*value),
        Value::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => SmithyNumber::PosInt(number),
            (_, Some(number)) => SmithyNumber::NegInt(number),
            _ => SmithyNumber::Float(number.as_f64().unwrap_or(f64::NAN)),
        }),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(to_document).collect()),
        Value::Object(fields) => {
            Document::Object(fields.iter().map(|(key, field)| (key.clone(), to_document(field))).collect())
        }
    }
}

fn from_document(document: &Document) -> Value {
    match document {
        Document::Bool(value) => (*value).into(),
        Document::Number(SmithyNumber::PosInt(number)) => (*number).into(),
        Document::Number(SmithyNumber::NegInt(number)) => (*number).into(),
        Document::Number(SmithyNumber::Float(number)) => float(*number),
        Document::String(text) => text.clone().into(),
        Document::Array(items) => items.iter().map(from_document).collect(),
        Document::Object(fields) => {
            // the run time keeps no order; sorted, the same answer is the same text
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(key, _)| key.as_str());
            Value::Object(
                sorted.into_iter().map(|(key, field)| (key.clone(), from_document(field))).collect(),
            )
        }
        _ => Value::Null,
    }
}
