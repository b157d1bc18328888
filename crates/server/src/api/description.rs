//! The description of the API in OpenAPI 3.1, made from the operations.

use super::operation::{Content, Operation, Success, Topic, Verb};
use super::parameter::{Parameter, Place};
use super::problem::{MEDIA_TYPE, Problem};
use axum::http::StatusCode;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

const ABOUT: &str = "What the console shows, for programs. Times are RFC 3339. Lists are read page by page: ask \
    again with `next` as `cursor` until there is none. Who may see some accounts only is answered as if there \
    were no others.";

/// The description.
pub(crate) fn description(operations: &[Operation]) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut outgoing = settings.clone().for_serialize().into_generator();
    let mut incoming = settings.for_deserialize().into_generator();
    let problem = outgoing.subschema_for::<Problem>();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations {
        let told = tell(operation, &problem.clone().to_value(), &mut outgoing, &mut incoming);
        let verb = match operation.verb {
            Verb::Get => "get",
            Verb::Post => "post",
            Verb::Delete => "delete",
        };
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(verb.to_owned(), told);
        }
    }
    let mut schemas = outgoing.take_definitions(true);
    schemas.append(&mut incoming.take_definitions(true));
    let topics: Vec<Value> = Topic::ALL.map(|topic| json!({ "name": topic.title() })).into();
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Stance", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "tags": topics,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "a token of the console" },
            },
        },
    })
}

fn tell(
    operation: &Operation,
    problem: &Value,
    outgoing: &mut SchemaGenerator,
    incoming: &mut SchemaGenerator,
) -> Value {
    let (level, more) = operation.demand();
    let level = format!("It takes the level `{}`{more}.", level.as_str());
    let text = [operation.text, &level].map(str::trim).join(" ");
    let mut told = json!({
        "operationId": operation.id,
        "tags": [operation.topic.title()],
        "summary": operation.summary,
        "description": text.trim(),
    });
    let parameters: Vec<Value> = operation.parameters.iter().map(parameter).collect();
    let mut answers: Map<String, Value> = Map::new();
    for Success { status, text, content } in &operation.successes {
        let mut told = body(text, *content, outgoing);
        // the same answer may come in several forms
        if let Some(others) = answers.get(status.as_str()).and_then(|answer| answer["content"].as_object())
            && let Some(content) = told.get_mut("content").and_then(Value::as_object_mut)
        {
            content.extend(others.clone());
        }
        answers.insert(status.as_str().to_owned(), told);
    }
    let usual = [
        (StatusCode::BAD_REQUEST, "the request cannot be understood"),
        (StatusCode::UNAUTHORIZED, "who asks is not known"),
        (StatusCode::FORBIDDEN, "whoever asks may not do that"),
        (StatusCode::INTERNAL_SERVER_ERROR, "the store does not answer as it should"),
        (StatusCode::SERVICE_UNAVAILABLE, "too much is asked at once; try again in a while"),
    ];
    for (status, text) in operation.refusals.iter().chain(&usual) {
        let content = json!({ MEDIA_TYPE: { "schema": problem } });
        answers.insert(status.as_u16().to_string(), json!({ "description": text, "content": content }));
    }
    answers.sort_keys();
    if let Some(told) = told.as_object_mut() {
        if !parameters.is_empty() {
            told.insert("parameters".to_owned(), parameters.into());
        }
        if let Some(content) = operation.body {
            let mut request = body("", content, incoming);
            if let Some(request) = request.as_object_mut() {
                request.shift_remove("description");
                request.insert(
                    "required".to_owned(),
                    (operation.is_body_required || matches!(content, Content::Raw(_))).into(),
                );
            }
            told.insert("requestBody".to_owned(), request);
        }
        told.insert("responses".to_owned(), answers.into());
    }
    told
}

fn body(text: &str, content: Content, generator: &mut SchemaGenerator) -> Value {
    let content = match content {
        Content::Json(schema) => json!({ "application/json": { "schema": schema(generator) } }),
        Content::Raw(media_type) => json!({ media_type: {} }),
        Content::Nothing => return json!({ "description": text }),
    };
    json!({ "description": text, "content": content })
}

fn parameter(parameter: &Parameter) -> Value {
    let place = match parameter.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
    };
    let mut told = json!({
        "name": parameter.name,
        "in": place,
        "description": parameter.text,
        "required": parameter.is_required,
        "schema": parameter.schema(),
    });
    if let (true, Some(told)) = (parameter.is_list, told.as_object_mut()) {
        told.insert("style".to_owned(), "form".into());
        told.insert("explode".to_owned(), true.into());
    }
    told
}
