//! Builds a service's schemas.

use super::file::{ApiFile, MemberSpec, OperationSpec, ShapeSpec};
use super::{Kind, Member, Node, Operation, Page, Protocol, SchemaRef, Service};
use aws_smithy_schema::traits::{HttpTrait, TimestampFormat};
use aws_smithy_schema::{Schema, ShapeId, ShapeType, intern_header_name};
use std::collections::HashMap;

/// What is wrong with the file.
type Problem = String;

/// Lists of lists and maps of lists are nested schemas; the published models have three levels.
const MAX_NESTING: usize = 16;

/// Wire names and the reading of times depend on the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Direction {
    Input,
    Output,
}

struct Builder<'f> {
    namespace: &'static str,
    protocol: Protocol,
    shapes: &'f HashMap<&'static str, ShapeSpec>,
    nodes: Vec<Option<Node>>,
    index: HashMap<(&'static str, Direction), usize>,
}

fn leak(text: String) -> &'static str {
    text.leak()
}

fn leak_schema(schema: Schema<'static>) -> SchemaRef {
    Box::leak(Box::new(schema))
}

pub(super) fn build(name: &'static str, file: &ApiFile) -> Result<Service, Problem> {
    let meta = &file.meta;
    let protocol = match (meta.proto, meta.json_version) {
        ("json", Some("1.0")) => Protocol::AwsJson10,
        ("json", _) => Protocol::AwsJson11,
        ("rest-json", _) => Protocol::RestJson,
        ("rest-xml", _) => Protocol::RestXml,
        ("query", _) => Protocol::Query,
        ("ec2", _) => Protocol::Ec2,
        (other, _) => return Err(format!("protocol `{other}` is not known")),
    };
    let mut builder = Builder {
        namespace: leak(format!("com.amazonaws.{name}")),
        protocol,
        shapes: &file.shapes,
        nodes: Vec::new(),
        index: HashMap::new(),
    };
    let unit = builder.unit();
    let operations = file
        .ops
        .iter()
        .map(|(name, spec)| Ok((*name, builder.operation(name, spec, unit)?)))
        .collect::<Result<_, Problem>>()?;
    let nodes = builder.nodes.into_iter().collect::<Option<_>>().ok_or("a shape was left unfinished")?;
    Ok(Service {
        name,
        id: meta.id,
        protocol,
        version: meta.version,
        prefix: meta.prefix,
        signing_name: meta.sign,
        target: meta.target.unwrap_or_default(),
        xml_namespace: meta.xml_namespace,
        query_compatible: meta.query_compatible,
        operations,
        nodes,
    })
}

impl Builder<'_> {
    fn id(&self, shape: &'static str, member: Option<&str>) -> ShapeId<'static> {
        let full = match member {
            Some(member) => format!("{}#{shape}${member}", self.namespace),
            None => format!("{}#{shape}", self.namespace),
        };
        ShapeId::from_parts(leak(full), self.namespace, shape)
    }

    fn shape(&self, name: &str) -> Result<&ShapeSpec, Problem> {
        self.shapes.get(name).ok_or_else(|| format!("shape `{name}` is missing"))
    }

    fn push(&mut self, schema: Schema<'static>, kind: Kind) -> usize {
        self.nodes.push(Some(Node { schema: leak_schema(schema), kind, sensitive: false }));
        self.nodes.len() - 1
    }

    /// The structure of nothing, for operations without input or output.
    fn unit(&mut self) -> usize {
        let schema = Schema::new_struct(self.id("Unit", None), ShapeType::Structure, &[]);
        self.push(schema, Kind::Structure(Vec::new()))
    }

    fn operation(
        &mut self,
        name: &'static str,
        spec: &OperationSpec,
        unit: usize,
    ) -> Result<Operation, Problem> {
        let mut uri = spec.uri.to_string();
        let (input, input_schema) = if let Some(shape) = spec.input {
            let members = &self.shape(shape)?.members;
            // botocore's labels are the names on the wire, Smithy's are the members'
            for (member, reference) in members {
                if reference.location == Some("uri") {
                    let wire = reference.name.unwrap_or(member);
                    uri = uri
                        .replace(&format!("{{{wire}}}"), &format!("{{{member}}}"))
                        .replace(&format!("{{{wire}+}}"), &format!("{{{member}+}}"));
                }
            }
            let has_body = members.iter().any(|(_, reference)| reference.location.is_none());
            let (schemas, _) = self.members(shape, Direction::Input)?;
            let mut schema = Schema::new_struct(self.id(shape, None), ShapeType::Structure, schemas)
                .with_original_name(spec.input_name.unwrap_or(shape));
            if let Some(namespace) = spec.input_namespace {
                schema = schema.with_xml_namespace(namespace, None);
            }
            if !has_body {
                schema = schema.with_no_body_members();
            }
            (self.node(shape, Direction::Input)?, schema)
        } else {
            let schema = Schema::new_struct(self.id("Unit", None), ShapeType::Structure, &[]);
            (unit, schema.with_no_body_members())
        };
        let output = match spec.output {
            None => unit,
            Some(shape) if spec.unwrapped => {
                let (schemas, members) = self.members(shape, Direction::Output)?;
                let schema = Schema::new_struct(self.id(shape, None), ShapeType::Structure, schemas);
                self.push(schema.with_xml_unwrapped_output(), Kind::Structure(members))
            }
            Some(shape) => self.node(shape, Direction::Output)?,
        };
        let http = HttpTrait::new(spec.method, leak(uri), None);
        Ok(Operation {
            name,
            input,
            output,
            input_schema: leak_schema(input_schema.with_http(http)),
            host_prefix: spec.host,
            page: spec.page.as_ref().map(|page| Page {
                input_tokens: (&page.input_token).into(),
                output_tokens: (&page.output_token).into(),
                results: (&page.result_key).into(),
                more: page.more_results,
            }),
        })
    }

    /// The node of a shape, made if it is not there yet.
    fn node(&mut self, name: &'static str, direction: Direction) -> Result<usize, Problem> {
        if let Some(at) = self.index.get(&(name, direction)) {
            return Ok(*at);
        }
        // taken before the members, which may refer back to it
        let at = self.nodes.len();
        self.nodes.push(None);
        self.index.insert((name, direction), at);
        let spec = self.shape(name)?;
        let sensitive = spec.sensitive;
        let kind_of_shape = shape_type(spec)?;
        let (schema, kind) = match kind_of_shape {
            ShapeType::Structure | ShapeType::Union => {
                let (wire_name, namespace) = (spec.name, spec.namespace);
                let (schemas, members) = self.members(name, direction)?;
                let mut schema = Schema::new_struct(self.id(name, None), kind_of_shape, schemas);
                if let Some(wire_name) = wire_name {
                    schema = schema.with_xml_name(wire_name);
                }
                if let Some(namespace) = namespace {
                    schema = schema.with_xml_namespace(namespace, None);
                }
                (schema, Kind::Structure(members))
            }
            ShapeType::List => {
                let reference = element(name, spec)?;
                let target = reference.target;
                let member =
                    leak_schema(self.member(name, "member", 0, reference, direction, MAX_NESTING)?);
                (Schema::new_list(self.id(name, None), member), Kind::List(self.node(target, direction)?))
            }
            ShapeType::Map => {
                let (key, value) = key_and_value(name, spec)?;
                let target = value.target;
                let key = leak_schema(self.member(name, "key", 0, key, direction, MAX_NESTING)?);
                let value = leak_schema(self.member(name, "value", 1, value, direction, MAX_NESTING)?);
                (Schema::new_map(self.id(name, None), key, value), Kind::Map(self.node(target, direction)?))
            }
            ShapeType::Timestamp if direction == Direction::Output => {
                (Schema::new(self.id(name, None), self.answered_time(None)), Kind::AnsweredTime)
            }
            _ => {
                let mut schema = Schema::new(self.id(name, None), kind_of_shape);
                if let Some(format) = spec.time_format {
                    schema = schema.with_timestamp_format(time_format(format)?);
                }
                (schema, Kind::Scalar)
            }
        };
        let node = Node { schema: leak_schema(schema), kind, sensitive };
        if let Some(place) = self.nodes.get_mut(at) {
            *place = Some(node);
        }
        Ok(at)
    }

    /// As what the time of an answer is read: XML and headers have texts, JSON has texts or numbers.
    fn answered_time(&self, location: Option<&str>) -> ShapeType {
        if self.protocol.is_xml() || location.is_some() { ShapeType::String } else { ShapeType::Document }
    }

    fn members(
        &mut self,
        name: &'static str,
        direction: Direction,
    ) -> Result<(&'static [SchemaRef], Vec<Member>), Problem> {
        let shapes = self.shapes;
        let spec = shapes.get(name).ok_or_else(|| format!("shape `{name}` is missing"))?;
        let mut schemas = Vec::with_capacity(spec.members.len());
        let mut members = Vec::with_capacity(spec.members.len());
        for (at, (member, reference)) in spec.members.iter().enumerate() {
            let mut schema = self.member(name, member, at, reference, direction, MAX_NESTING)?;
            if spec.payload == Some(*member) {
                schema = schema.with_http_payload();
            }
            let schema = leak_schema(schema);
            schemas.push(schema);
            members.push(Member {
                name: member,
                schema,
                target: self.node(reference.target, direction)?,
                required: spec.required.contains(member),
            });
        }
        Ok((schemas.leak(), members))
    }

    /// The schema of a member: traits of its own and of the shape that it refers to.
    fn member(
        &self,
        owner: &'static str,
        name: &'static str,
        at: usize,
        reference: &MemberSpec,
        direction: Direction,
        nesting: usize,
    ) -> Result<Schema<'static>, Problem> {
        if nesting == 0 {
            return Err(format!("shape `{owner}` is nested too deeply"));
        }
        let target = self.shape(reference.target)?;
        let mut kind = shape_type(target)?;
        if kind == ShapeType::Timestamp && direction == Direction::Output {
            kind = self.answered_time(reference.location);
        }
        let ec2_input = self.protocol == Protocol::Ec2 && direction == Direction::Input;
        let is_list = kind == ShapeType::List;
        let flattened = reference.flattened || target.flattened || (ec2_input && is_list);
        let wire = reference.name;
        let mut schema = Schema::new_member(self.id(owner, Some(name)), kind, name, at);
        schema = match reference.location {
            Some("header") => schema.with_http_header(intern_header_name(wire.unwrap_or(name))),
            Some("headers") => schema.with_http_prefix_headers(wire.unwrap_or_default()),
            Some("uri") => schema.with_http_label(),
            Some("querystring") if kind == ShapeType::Map => schema.with_http_query_params(),
            Some("querystring") => schema.with_http_query(wire.unwrap_or(name)),
            Some("statusCode") => schema.with_http_response_code(),
            Some(other) => return Err(format!("location `{other}` of `{owner}${name}` is not known")),
            None if ec2_input => schema.with_xml_name(
                reference.query_name.unwrap_or_else(|| leak(capitalized(wire.unwrap_or(name)))),
            ),
            None if self.protocol.is_xml() => {
                // a flattened list goes by its element's name, as in botocore
                let of_element =
                    target.element.as_ref().filter(|_| flattened && is_list).and_then(|e| e.name);
                match of_element.or(wire) {
                    Some(wire) => schema.with_xml_name(wire),
                    None => schema,
                }
            }
            None => match wire {
                Some(wire) => schema.with_json_name(wire),
                None => schema,
            },
        };
        if flattened {
            schema = schema.with_xml_flattened();
        }
        if reference.attribute {
            schema = schema.with_xml_attribute();
        }
        if let Some(namespace) = reference.namespace {
            schema = schema.with_xml_namespace(namespace, reference.namespace_prefix);
        }
        if let Some(format) = reference.time_format.or(target.time_format) {
            schema = schema.with_timestamp_format(time_format(format)?);
        }
        Ok(match kind {
            ShapeType::List => {
                let reference_name = reference.target;
                let inner = element(reference_name, target)?;
                let inner = self.member(reference_name, "member", 0, inner, direction, nesting - 1)?;
                schema.with_list_member(leak_schema(inner))
            }
            ShapeType::Map => {
                let reference_name = reference.target;
                let (key, value) = key_and_value(reference_name, target)?;
                let key = self.member(reference_name, "key", 0, key, direction, nesting - 1)?;
                let value = self.member(reference_name, "value", 1, value, direction, nesting - 1)?;
                schema.with_map_members(leak_schema(key), leak_schema(value))
            }
            _ => schema,
        })
    }
}

fn element<'s>(name: &str, spec: &'s ShapeSpec) -> Result<&'s MemberSpec, Problem> {
    spec.element.as_ref().ok_or_else(|| format!("list `{name}` has no element"))
}

fn key_and_value<'s>(name: &str, spec: &'s ShapeSpec) -> Result<(&'s MemberSpec, &'s MemberSpec), Problem> {
    spec.key.as_ref().zip(spec.value.as_ref()).ok_or_else(|| format!("map `{name}` has no key or no value"))
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn shape_type(spec: &ShapeSpec) -> Result<ShapeType, Problem> {
    Ok(match spec.kind {
        "structure" => ShapeType::Structure,
        "union" => ShapeType::Union,
        "document" => ShapeType::Document,
        "list" => ShapeType::List,
        "map" => ShapeType::Map,
        "string" | "character" => ShapeType::String,
        "integer" => ShapeType::Integer,
        "long" => ShapeType::Long,
        "short" => ShapeType::Short,
        "byte" => ShapeType::Byte,
        "float" => ShapeType::Float,
        "double" => ShapeType::Double,
        "boolean" => ShapeType::Boolean,
        "timestamp" => ShapeType::Timestamp,
        "blob" => ShapeType::Blob,
        other => return Err(format!("kind of shape `{other}` is not known")),
    })
}

fn time_format(format: &str) -> Result<TimestampFormat, Problem> {
    Ok(match format {
        "iso8601" => TimestampFormat::DateTime,
        "unixTimestamp" => TimestampFormat::EpochSeconds,
        "rfc822" => TimestampFormat::HttpDate,
        other => return Err(format!("time format `{other}` is not known")),
    })
}
