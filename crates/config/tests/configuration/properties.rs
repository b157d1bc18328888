//! What holds of every configuration.

use crate::support::{FORMATS, file, shown};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};
use stance_config::{ConfigError, json_schema, load};

const REGIONS: [&str; 6] =
    ["eu-west-1", "us-east-2", "us-gov-west-1", "cn-north-1", "ap-south-1", "eusc-de-east-1"];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{1,20}",
        "\\PC{1,10}",
        select(vec!["yes", "null", "~", "0123", "1e5", "a: b", "# x", "- x", "{", "\u{202e}x\n"])
            .prop_map(str::to_owned)
    ]
    .prop_filter("a text that says nothing is no value", |text| !text.trim().is_empty())
}

fn set(entries: Vec<(&str, Option<Value>)>) -> Value {
    let entries = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(entries.collect::<Map<_, _>>())
}

prop_compose! {
    fn aws()(
        region in option::of(select(&REGIONS[..])),
        include in option::of(subsequence(&REGIONS[..3], 0..3)),
        exclude in option::of(subsequence(&REGIONS[3..], 0..3)),
        retries in option::of(1_u32..),
        rate in option::of(0.001_f64..1e6),
        role in option::of(select(vec!["reader", "arn:aws:iam::012345678901:role/a/b"])),
        external_id in option::of(text()),
        profile in option::of(text()),
        duration in option::of(900_u32..3600),
        ids in option::of(subsequence(vec!["012345678901", "000000000000", "111122223333"], 0..3)),
        name in text(),
        tags in option::of(btree_map(text(), text(), 0..3)),
        fips in option::of(any::<bool>()),
    ) -> Value {
        let accounts = ids.map(|ids| ids.into_iter().map(|id| json!({ "id": id, "name": name, "iam_role": "reader" })).collect());
        set(vec![
            ("region", region.map(Value::from)),
            ("include_regions", include.map(Value::from)),
            ("exclude_regions", exclude.map(Value::from)),
            ("retries", retries.map(Value::from)),
            ("max_rate", rate.map(Value::from)),
            ("iam_role", role.map(Value::from)),
            ("external_id", external_id.map(Value::from)),
            ("profile", profile.map(Value::from)),
            ("session_duration", duration.map(Value::from)),
            ("accounts", accounts),
            ("organization", tags.map(|tags| json!({ "account_tags": tags }))),
            ("use_fips", fips.map(Value::from)),
        ])
    }
}

prop_compose! {
    fn configuration()(
        aws in option::of(aws()),
        rules in option::of(vec(text(), 0..3)),
        parameters in option::of(btree_map(text(), prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            text().prop_map(Value::from),
            vec(text(), 0..3).prop_map(Value::from),
        ], 0..3)),
        severity in option::of(select(vec!["critical", "info"])),
        format in option::of(select(&FORMATS[..])),
        path in option::of(text()),
        every in option::of(1_u32..),
        domain in option::of(text()),
    ) -> Value {
        let output = format.map(|format| json!([set(vec![("format", Some(format.into())), ("path", path.map(Value::from))])]));
        set(vec![
            ("aws", aws),
            ("scan", Some(set(vec![
                ("rules", rules.map(Value::from)),
                ("parameters", parameters.map(|parameters| json!(parameters))),
                ("severity", severity.map(Value::from)),
            ]))),
            ("outputs", output),
            ("schedule", every.map(|every| json!({ "every": every }))),
            ("organization_email_domain", domain.map(Value::from)),
        ])
    }
}

/// All names of keys.
fn keys() -> Vec<String> {
    let schema = json_schema();
    let sections = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    sections
        .filter_map(|section| section["properties"].as_object())
        .flat_map(|keys| keys.keys().cloned())
        .collect()
}

proptest! {
    #[test]
    fn what_is_shown_means_the_same_when_it_is_read_again(configuration in configuration()) {
        // JSON is YAML
        let first = load(&file(&configuration.to_string())).unwrap();
        let text = shown(&first);
        let second = load(&file(&text)).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(&first.config, &second.config, "{}", text);
    }

    #[test]
    fn a_slip_in_any_key_names_its_line(
        key in select(keys()), at in 0_usize..40, digit in 0_u8..10, lines in 0_usize..5, below in select(vec!["", "aws", "scan", "gcp", "coralogix"]),
    ) {
        let mut letters: Vec<char> = key.chars().collect();
        let at = at % letters.len();
        // no key has a digit
        letters[at] = char::from(b'0' + digit);
        let slip: String = letters.into_iter().collect();
        let before = "# a line\n".repeat(lines);
        let (text, line, column) = if below.is_empty() {
            (format!("{before}{slip}: 1\n"), lines + 1, 1)
        } else {
            (format!("{before}{below}:\n  {slip}: 1\n"), lines + 2, 3)
        };
        match load(&file(&text)) {
            Err(ConfigError::Problems(problems)) => {
                let told = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
                prop_assert!(told.starts_with(&format!("local.yaml:{line}:{column}: `{slip}` ")), "{}", told);
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
