//! What is generated from the types.

use crate::support::{file, shown};
use stance_config::{json_schema, load, reference, sample};

/// The sample with the first `# ` taken off every line.
fn uncommented() -> String {
    let lines = sample();
    let lines = lines.lines().skip_while(|line| !line.is_empty());
    lines.map(|line| line.strip_prefix("# ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_is_all_comments() {
    let layers = file(&sample());
    let loaded = load(&layers).unwrap();
    assert_eq!(loaded.config, stance_config::Config::default());
    insta::assert_snapshot!(sample());
}

#[test]
fn the_sample_loads_when_the_comments_are_taken_off() {
    let mut layers = file(&uncommented());
    for name in [
        "CORALOGIX_API_KEY",
        "ELASTIC_API_KEY",
        "GITHUB_ISSUES_TOKEN",
        "GITHUB_TOKEN",
        "JIRA_API_TOKEN",
        "OTLP_AUTHORIZATION",
        "SLACK_WEBHOOK_URL",
        "SMTP_PASSWORD",
        "STANCE_WEBHOOK_KEY",
        "STANCE_WEBHOOK_SECRET",
        "TEAMS_WEBHOOK_URL",
    ] {
        layers.environment.push((name.to_owned(), "from-the-environment".to_owned()));
    }
    let loaded = load(&layers).unwrap();
    insta::assert_snapshot!(shown(&loaded));
}

#[test]
fn the_sample_has_every_key_of_the_schema() {
    let sample = sample();
    let schema = json_schema();
    let sections = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    let mut keys = 0;
    for key in sections
        .filter_map(|section| section["properties"].as_object())
        .flat_map(|properties| properties.keys())
    {
        keys += 1;
        let stands = sample.lines().any(|line| {
            line.trim_start_matches(['#', ' ', '-'])
                .strip_prefix(key.as_str())
                .is_some_and(|rest| rest.starts_with(':'))
                || line.contains(&format!("{{ {key}: "))
                || line.contains(&format!(", {key}: "))
        });
        assert!(stands, "{key}");
    }
    assert!(keys > 70, "{keys}");
}

#[test]
fn each_other_way_to_sign_in_loads_too() {
    for way in [
        "access_key_id: { env: A }, secret_access_key: { env: B }, session_token: { env: C }",
        "web_identity: { token_file: t, role_arn: \"arn:aws:iam::111122223333:role/stance\" }",
    ] {
        let mut layers = file(&format!("aws: {{ {way}, accounts: [{{ id: 111122223333, {way} }}] }}"));
        layers.environment = ["A", "B", "C"].map(|name| (name.to_owned(), "x".to_owned())).into();
        load(&layers).unwrap();
    }
}

#[test]
fn every_key_has_a_text() {
    let schema = json_schema();
    let sections = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    for (key, property) in sections.filter_map(|section| section["properties"].as_object()).flatten() {
        let text = property["description"].as_str().unwrap_or_default();
        assert!(text.ends_with('.'), "{key}: {text}");
    }
}

#[test]
fn the_schema_is_generated_from_the_types() {
    insta::assert_json_snapshot!(json_schema());
}

#[test]
fn the_reference_is_generated_from_the_types() {
    insta::assert_snapshot!(reference());
}
