//! From the fields of the guided form to a configuration, as a file would have it.

use crate::query::Query;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// The configuration that the form describes. Whether it can be used, whoever scans says.
pub(super) fn configuration(form: &Query) -> String {
    let mut aws = Map::new();
    regions(form, &mut aws);
    sign_in(form, &mut aws);
    if form.text("scope") == "organization" {
        aws.insert("organization".to_owned(), organization(form));
    }
    let mut scan = Map::new();
    put_list(&mut scan, "benchmarks", form.text("benchmarks"));
    put_list(&mut scan, "services", form.text("services"));
    let mut text = String::new();
    for (section, content) in [("aws", aws), ("scan", scan)] {
        if section == "aws" || !content.is_empty() {
            write_section(&mut text, section, &content);
        }
    }
    text
}

fn regions(form: &Query, aws: &mut Map<String, Value>) {
    let mut included = words(form.text("regions")).into_iter();
    if let Some(first) = included.next() {
        aws.insert("region".to_owned(), first.into());
    }
    let others: Vec<Value> = included.map(Value::from).collect();
    if !others.is_empty() {
        aws.insert("include_regions".to_owned(), others.into());
    }
    put_list(aws, "exclude_regions", form.text("exclude_regions"));
}

fn sign_in(form: &Query, aws: &mut Map<String, Value>) {
    match form.text("access") {
        "keys" => {
            for (key, field) in [
                ("access_key_id", "key_id_variable"),
                ("secret_access_key", "key_secret_variable"),
                ("session_token", "key_token_variable"),
            ] {
                let variable = form.text(field).trim();
                if !variable.is_empty() {
                    aws.insert(key.to_owned(), json!({ "env": variable }));
                }
            }
        }
        "profile" => {
            put(aws, "profile", form.text("profile"));
            put(aws, "credentials_file", form.text("credentials_file"));
        }
        "web-identity" => {
            let (file, role) = (form.text("token_file").trim(), form.text("identity_role").trim());
            aws.insert("web_identity".to_owned(), json!({ "token_file": file, "role_arn": role }));
        }
        _ => {}
    }
    put(aws, "iam_role", form.text("role"));
    put(aws, "external_id", form.text("external_id"));
}

fn organization(form: &Query) -> Value {
    let mut organization = Map::new();
    organization.insert("enabled".to_owned(), true.into());
    put(&mut organization, "role_name", form.text("member_role"));
    put(&mut organization, "management_role", form.text("management_role"));
    for key in ["include_ous", "exclude_ous", "include_accounts", "exclude_accounts"] {
        put_list(&mut organization, key, form.text(key));
    }
    if form.first("management_account").is_none() {
        organization.insert("scan_management_account".to_owned(), false.into());
    }
    organization.into()
}

/// What stands between blanks and commas.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|sign: char| sign.is_whitespace() || sign == ',');
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn put(section: &mut Map<String, Value>, key: &str, text: &str) {
    let text = text.trim();
    if !text.is_empty() {
        section.insert(key.to_owned(), text.into());
    }
}

fn put_list(section: &mut Map<String, Value>, key: &str, text: &str) {
    let words = words(text);
    if !words.is_empty() {
        section.insert(key.to_owned(), words.into());
    }
}

/// YAML of which every value is JSON, so that no name can be taken for something else.
fn write_section(text: &mut String, name: &str, section: &Map<String, Value>) {
    if section.is_empty() {
        let _ = writeln!(text, "{name}: {{}}");
        return;
    }
    let _ = writeln!(text, "{name}:");
    for (key, value) in section {
        match value {
            Value::Object(within) => {
                let _ = writeln!(text, "  {key}:");
                for (key, value) in within {
                    let _ = writeln!(text, "    {key}: {value}");
                }
            }
            value => {
                let _ = writeln!(text, "  {key}: {value}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_as_it_is_signed_in_scans_all_it_can() {
        assert_eq!(configuration(&Query::parse("scope=account&access=own")), "aws: {}\n");
    }

    #[test]
    fn a_form_becomes_a_configuration() {
        let form = Query::parse(
            "scope=organization&access=keys&key_id_variable=KEY&key_secret_variable=SECRET&role=arn:aws:iam::1:role/x\
             &external_id=e%3A+%23&regions=eu-west-1,+us-east-1&exclude_regions=ap-south-1&member_role=audit\
             &include_ous=ou-1+ou-2&benchmarks=aws-cis-3.0",
        );
        assert_eq!(
            configuration(&form),
            r#"aws:
  region: "eu-west-1"
  include_regions: ["us-east-1"]
  exclude_regions: ["ap-south-1"]
  access_key_id:
    env: "KEY"
  secret_access_key:
    env: "SECRET"
  iam_role: "arn:aws:iam::1:role/x"
  external_id: "e: #"
  organization:
    enabled: true
    role_name: "audit"
    include_ous: ["ou-1","ou-2"]
    scan_management_account: false
scan:
  benchmarks: ["aws-cis-3.0"]
"#
        );
    }
}
