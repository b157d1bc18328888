//! The published schema describes what is written.

use crate::formats::text;
use crate::sample::{self, Names};
use crate::schema_check::problems;
use serde_json::{Value, json};
use stance_report::{Format, TerminalOptions};

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../../docs/schema/report.schema.json")).unwrap()
}

fn written() -> Value {
    let report = sample::report(&Names::default());
    serde_json::from_str(&text(&report, Format::Json, &TerminalOptions::default())).unwrap()
}

fn check(value: &Value) -> Vec<String> {
    let schema = schema();
    problems(&schema, &schema, value, "")
}

#[test]
fn a_report_is_as_the_schema_says() {
    assert_eq!(check(&written()), Vec::<String>::new());
}

#[test]
fn a_report_of_an_organization_is_as_the_schema_says() {
    let report = sample::organization(&sample::Names::default());
    assert_eq!(check(&serde_json::to_value(&report).unwrap()), Vec::<String>::new());
}

#[test]
fn the_schema_notices_what_is_wrong() {
    let breakages: [(&str, Value); 7] = [
        ("/version", json!(1)),
        ("/runs/0/started_at", json!("yesterday")),
        ("/runs/0/completion", json!("done")),
        ("/findings/0/id", json!("x")),
        ("/findings/0/severity", json!("urgent")),
        ("/runs/0/listings/0/state", json!("unreadable")),
        ("/findings/5/causes/0/kind", json!("not-read")),
    ];
    for (pointer, value) in breakages {
        let mut report = written();
        *report.pointer_mut(pointer).unwrap() = value;
        assert!(!check(&report).is_empty(), "{pointer}");
    }
    let mut report = written();
    report["findings"][0].as_object_mut().unwrap().insert("more".into(), json!(1));
    assert_eq!(check(&report), ["/findings/0/more: is not foreseen"]);
}

#[test]
fn everything_in_the_schema_is_described() {
    fn walk(schema: &Value, place: &str) {
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (name, property) in properties {
                assert!(
                    property.get("description").is_some() || property.get("const").is_some(),
                    "{place}/{name} has no description"
                );
            }
        }
        match schema {
            Value::Object(parts) => {
                parts.iter().for_each(|(name, part)| walk(part, &format!("{place}/{name}")));
            }
            Value::Array(parts) => parts.iter().for_each(|part| walk(part, place)),
            _ => {}
        }
    }
    walk(&schema(), "");
}
