//! Rules: what must hold, why, how to mend it, and examples.

use crate::expression::{ExpressionProblem, Read, Root};
use crate::source::Document;
use crate::{Example, Expression, Problem, Template};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stance_model::{Remediation, ResourceType, RuleId, RuleSummary, ScoreBreakdown, Severity};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// One condition that a type of resource must meet.
#[derive(Debug)]
pub struct Rule {
    /// Its id, for ever.
    pub id: RuleId,
    /// The file that holds it.
    pub file: String,
    /// The catalog's name of the service, from the folder.
    pub service: String,
    /// Everything else.
    pub text: RuleText,
    compiled: OnceLock<Result<Arc<Compiled>, Vec<Problem>>>,
}

/// A rule as its file says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// What must hold.
    pub title: String,
    /// The type that it judges.
    pub resource: ResourceType,
    /// How bad a failure is.
    pub severity: Severity,
    /// Why that bad.
    #[serde(default)]
    pub severity_reason: Option<String>,
    /// Facts that make it worse.
    #[serde(default)]
    pub escalate: Vec<EscalationText>,
    /// Themes.
    #[serde(default)]
    pub categories: Vec<String>,
    /// What is wrong where it fails, and why that matters.
    pub rationale: String,
    /// Where false, the rule does not concern the resource.
    #[serde(default)]
    pub when: Option<String>,
    /// The list whose items are judged.
    #[serde(default)]
    pub each: Option<String>,
    /// What tells the items apart.
    #[serde(default)]
    pub key: Option<String>,
    /// The condition.
    pub pass: String,
    /// One line about a failing resource.
    #[serde(default)]
    pub fail_message: Option<Template>,
    /// How to mend it.
    pub remediation: Remediation,
    /// Pages of the provider's documentation.
    #[serde(default)]
    pub references: Vec<String>,
    /// Ids of the same condition elsewhere.
    #[serde(default)]
    pub aliases: Aliases,
    /// Thresholds that users may set.
    #[serde(default)]
    pub parameters: BTreeMap<String, Parameter>,
    /// Small estates with the verdict on each.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// Ids of the same condition elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Aliases {
    /// Prowler's check ids.
    #[serde(default)]
    pub prowler: Vec<String>,
    /// Control ids of AWS Security Hub.
    #[serde(default)]
    pub security_hub: Vec<String>,
    /// Check ids of Checkov.
    #[serde(default)]
    pub checkov: Vec<String>,
    /// Control names of Steampipe's compliance mods.
    #[serde(default)]
    pub steampipe: Vec<String>,
    /// Rule ids of `ScoutSuite`, without the file's extension.
    #[serde(default)]
    pub scoutsuite: Vec<String>,
    /// Ids that the rule had in Stance before.
    #[serde(default)]
    pub former: Vec<String>,
}

impl Aliases {
    /// All of them, each with who calls the condition so (`former` for Stance itself).
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("former", &self.former),
            ("prowler", &self.prowler),
            ("security-hub", &self.security_hub),
            ("checkov", &self.checkov),
            ("steampipe", &self.steampipe),
            ("scoutsuite", &self.scoutsuite),
        ]
        .into_iter()
        .flat_map(|(who, ids)| ids.iter().map(move |id| (who, id.as_str())))
    }
}

/// A threshold that users may set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// What it means.
    pub title: String,
    /// Its type.
    pub r#type: ParameterType,
    /// Its value unless set.
    pub default: Value,
    /// The least that makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// The most that makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
}

/// Type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParameterType {
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A text.
    String,
    /// True or false.
    Boolean,
    /// A list of texts or numbers.
    List,
}

impl Parameter {
    /// Whether the value fits, else what would.
    ///
    /// # Errors
    /// A sentence that says what would fit.
    pub fn admit(&self, value: &Value) -> Result<(), String> {
        let fits = match self.r#type {
            ParameterType::Integer => value.is_i64() || value.is_u64(),
            ParameterType::Number => value.is_number(),
            ParameterType::String => value.is_string(),
            ParameterType::Boolean => value.is_boolean(),
            ParameterType::List => value.is_array(),
        };
        if !fits {
            return Err(format!("`{value}` is not of type {:?}", self.r#type).to_lowercase());
        }
        if let Some(number) = value.as_f64()
            && (self.minimum.is_some_and(|minimum| number < minimum)
                || self.maximum.is_some_and(|maximum| number > maximum))
        {
            let bound = |bound: Option<f64>| bound.map_or("…".to_owned(), |bound| bound.to_string());
            return Err(format!(
                "`{value}` is out of range; use {} to {}",
                bound(self.minimum),
                bound(self.maximum)
            ));
        }
        Ok(())
    }

    /// Reads a value from a command line.
    ///
    /// # Errors
    /// A sentence that says what would fit.
    pub fn read(&self, text: &str) -> Result<Value, String> {
        let value = match self.r#type {
            ParameterType::String => Value::String(text.to_owned()),
            ParameterType::List => {
                // numbers only where the default has some: an account id is a text, with its zeros
                let numbers = self.default.as_array().is_some_and(|items| items.iter().any(Value::is_number));
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                let read = |item: &str| match item.parse::<i64>() {
                    Ok(number) if numbers => Value::from(number),
                    _ => Value::from(item),
                };
                Value::Array(items.map(read).collect())
            }
            _ => serde_json::from_str(text)
                .map_err(|_| format!("`{text}` is not of type {:?}", self.r#type).to_lowercase())?,
        };
        self.admit(&value).map(|()| value)
    }
}

/// A fact that makes a failure worse, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationText {
    /// The fact.
    pub when: String,
    /// The severity then.
    pub severity: Severity,
    /// The reason, as it completes "because …".
    pub because: String,
}

/// A fact that makes a failure worse.
#[derive(Clone, Debug)]
pub struct Escalation {
    /// The fact.
    pub when: Expression,
    /// The severity then.
    pub severity: Severity,
    /// The reason, as it completes "because …".
    pub because: String,
}

/// A rule's expressions, parsed.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Where false, the rule does not concern the resource.
    pub when: Option<Expression>,
    /// The list whose items are judged.
    pub each: Option<Expression>,
    /// What tells the items apart.
    pub key: Option<Expression>,
    /// The condition.
    pub pass: Expression,
    /// Facts that make it worse.
    pub escalate: Vec<Escalation>,
}

impl Compiled {
    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        [self.each.as_ref(), self.key.as_ref(), self.when.as_ref(), Some(&self.pass)]
            .into_iter()
            .flatten()
            .chain(self.escalate.iter().map(|escalation| &escalation.when))
    }

    /// Every path that any of the expressions reads.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &Read> {
        self.expressions().flat_map(Expression::reads)
    }

    /// Paths of the judged resource that the condition reads, the deepest only: what decided.
    pub fn evidence_paths(&self) -> Vec<String> {
        let paths: Vec<String> = self
            .expressions()
            .flat_map(Expression::reads)
            .filter(|read| read.root == Root::Resource && !read.path.0.contains(&crate::Segment::Each))
            .map(|read| read.path.to_string())
            .collect();
        let mut deepest: Vec<String> = paths
            .iter()
            .filter(|path| !paths.iter().any(|other| other.starts_with(&format!("{path}."))))
            .cloned()
            .collect();
        deepest.sort();
        deepest.dedup();
        deepest
    }
}

impl Rule {
    /// The rule in words, as reports tell it; `score` is how its verdicts fell.
    pub fn summary(&self, score: ScoreBreakdown) -> RuleSummary {
        RuleSummary {
            title: self.text.title.clone(),
            service: self.service.clone(),
            resource: self.text.resource.clone(),
            severity: self.text.severity,
            rationale: self.text.rationale.trim().to_owned(),
            remediation: self.text.remediation.clone(),
            references: self.text.references.clone(),
            categories: self.text.categories.clone(),
            score,
        }
    }

    /// The rule's expressions, parsed when first asked for.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn compiled(&self) -> Result<Arc<Compiled>, Vec<Problem>> {
        self.compiled
            .get_or_init(|| {
                compile(&self.text).map(Arc::new).map_err(|problems| {
                    problems
                        .into_iter()
                        .map(|(key, problem)| Problem {
                            file: self.file.clone(),
                            line: None,
                            message: format!("rule `{}`, `{key}`: {}", self.id, problem.message),
                        })
                        .collect()
                })
            })
            .clone()
    }
}

fn compile(text: &RuleText) -> Result<Compiled, Vec<(&'static str, ExpressionProblem)>> {
    let mut problems = Vec::new();
    let mut parse =
        |key: &'static str, source: &str, item: Option<&Read>| match Expression::parse(source, item) {
            Ok(expression) => Some(expression),
            Err(found) => {
                problems.extend(found.into_iter().map(|problem| (key, problem)));
                None
            }
        };
    let each = text.each.as_deref().and_then(|source| parse("each", source, None));
    let item = each.as_ref().and_then(Expression::element);
    let item = item.as_ref();
    let key = text.key.as_deref().and_then(|source| parse("key", source, item));
    let when = text.when.as_deref().and_then(|source| parse("when", source, item));
    let pass = parse("pass", &text.pass, item);
    let escalate = text
        .escalate
        .iter()
        .filter_map(|escalation| {
            Some(Escalation {
                when: parse("escalate", &escalation.when, item)?,
                severity: escalation.severity,
                because: escalation.because.clone(),
            })
        })
        .collect();
    match pass {
        Some(pass) if problems.is_empty() => Ok(Compiled { when, each, key, pass, escalate }),
        _ => Err(problems),
    }
}

/// The rules that a file holds: one, or one for each variant.
pub(crate) fn rules_of(document: &Document, service: &str, stem: &str) -> Result<Vec<Rule>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut rules = Vec::new();
    for (id, tree) in variants(document, stem).map_err(|problem| vec![problem])? {
        match RuleText::deserialize(&tree) {
            Ok(text) => rules.push(Rule {
                id: id.into(),
                file: document.path.clone(),
                service: service.to_owned(),
                text,
                compiled: OnceLock::new(),
            }),
            Err(error) => {
                let message = error.to_string();
                let key = message.split('`').nth(1).unwrap_or_default().to_owned();
                problems.push(document.problem(&[&key], format!("rule `{id}`: {message}")));
            }
        }
    }
    if problems.is_empty() { Ok(rules) } else { Err(problems) }
}

/// The trees of the rules in a file by id, with the variants' values put in their places.
fn variants(document: &Document, stem: &str) -> Result<Vec<(String, Value)>, Problem> {
    let Some(members) = document.tree.as_object() else {
        return Err(document.problem(&[], "a rule is a map with `title`, `resource`, `pass` and more"));
    };
    let mut base = members.clone();
    let Some(variants) = base.remove("variants") else {
        return Ok(vec![(stem.to_owned(), document.tree.clone())]);
    };
    let base = Value::Object(base);
    let no_variant = || document.problem(&["variants"], "`variants` is a list of maps, each with an `id`");
    variants
        .as_array()
        .ok_or_else(no_variant)?
        .iter()
        .map(|variant| {
            let mut overrides = variant.as_object().cloned().ok_or_else(no_variant)?;
            let id = overrides
                .remove("id")
                .and_then(|id| id.as_str().map(str::to_owned))
                .ok_or_else(no_variant)?;
            let values = match overrides.remove("values") {
                Some(Value::Object(values)) => values,
                None => Map::new(),
                Some(_) => {
                    return Err(document.problem(&[&id], format!("`values` of variant `{id}` is a map")));
                }
            };
            let mut tree = base.clone();
            if let Some(members) = tree.as_object_mut() {
                members.extend(overrides);
            }
            Ok((id, put_values(tree, &values)))
        })
        .collect()
}

/// The tree with every `{variant.name}` replaced.
fn put_values(tree: Value, values: &Map<String, Value>) -> Value {
    match tree {
        Value::String(text) => put_in_text(text, values),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| put_values(item, values)).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(key, value)| (key, put_values(value, values))).collect())
        }
        other => other,
    }
}

fn put_in_text(text: String, values: &Map<String, Value>) -> Value {
    if !text.contains("{variant.") {
        return Value::String(text);
    }
    let whole = text.strip_prefix("{variant.").and_then(|rest| rest.strip_suffix('}'));
    if let Some(value) = whole.and_then(|name| values.get(name)) {
        return value.clone();
    }
    let written = values.iter().fold(text, |text, (name, value)| {
        let value = match value {
            Value::String(value) => value.clone(),
            other => other.to_string(),
        };
        text.replace(&format!("{{variant.{name}}}"), &value)
    });
    Value::String(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn variants_become_rules_with_values_of_their_own_type() {
        let document = Document {
            path: "aws/x/rules/family.yaml".into(),
            tree: json!({
                "variants": [
                    { "id": "a", "values": { "port": 22 }, "severity": "high" },
                    { "id": "b", "values": { "port": [1, 2] } },
                ],
                "title": "port {variant.port}",
                "severity": "low",
                "examples": ["{variant.port}"],
            }),
            text: None,
        };
        assert_eq!(
            variants(&document, "family").unwrap(),
            [
                ("a".to_owned(), json!({"title": "port 22", "severity": "high", "examples": [22]})),
                ("b".to_owned(), json!({"title": "port [1,2]", "severity": "low", "examples": [[1, 2]]})),
            ]
        );
    }

    #[test]
    fn a_parameter_admits_only_what_fits() {
        let days = Parameter {
            title: "days".into(),
            r#type: ParameterType::Integer,
            default: json!(90),
            minimum: Some(1.0),
            maximum: Some(365.0),
        };
        assert_eq!(days.read("30"), Ok(json!(30)));
        assert_eq!(days.read("0").unwrap_err(), "`0` is out of range; use 1 to 365");
        let accounts = Parameter { r#type: ParameterType::List, default: json!([]), ..days.clone() };
        assert_eq!(accounts.read("012345678901, x"), Ok(json!(["012345678901", "x"])));
        let ports = Parameter { default: json!([22]), ..accounts };
        assert_eq!(ports.read("22,3389"), Ok(json!([22, 3389])));
        assert_eq!(days.read("soon").unwrap_err(), "`soon` is not of type integer");
    }
}
