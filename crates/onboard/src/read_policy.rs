//! The policies that allow a scan's reads.

use crate::OnboardError;
use serde_json::Value;

/// A policy document with one statement that allows a list of actions, no longer than AWS takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadPolicy(Value);

impl ReadPolicy {
    /// The characters, white space left aside, that AWS takes in one managed policy.
    pub const LIMIT: usize = 6144;

    /// The document.
    pub fn document(&self) -> &Value {
        &self.0
    }

    /// The actions that it allows.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        let actions = self.0.pointer(ACTIONS).and_then(Value::as_array);
        actions.into_iter().flatten().filter_map(Value::as_str)
    }

    /// The document with something else in the place of its actions, as a template's reference to them.
    pub(crate) fn with_actions(&self, actions: Value) -> Value {
        let mut document = self.0.clone();
        if let Some(place) = document.pointer_mut(ACTIONS) {
            *place = actions;
        }
        document
    }
}

/// Where the actions stand.
const ACTIONS: &str = "/Statement/0/Action";

impl TryFrom<Value> for ReadPolicy {
    type Error = OnboardError;

    fn try_from(document: Value) -> Result<Self, Self::Error> {
        let one_statement = document
            .get("Statement")
            .and_then(Value::as_array)
            .is_some_and(|statements| statements.len() == 1);
        let listed = document
            .pointer(ACTIONS)
            .and_then(Value::as_array)
            .is_some_and(|actions| !actions.is_empty() && actions.iter().all(Value::is_string));
        if !one_statement || !listed {
            return Err(OnboardError::NotAReadPolicy(document.to_string()));
        }
        let length = document.to_string().chars().filter(|letter| !letter.is_whitespace()).count();
        if length > Self::LIMIT {
            return Err(OnboardError::PolicyTooLong(length));
        }
        Ok(Self(document))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_statement_with_a_list_of_actions_is_a_read_policy() {
        for document in [
            json!({}),
            json!({ "Statement": [] }),
            json!({ "Statement": [{ "Action": [] }] }),
            json!({ "Statement": [{ "Action": "*" }] }),
            json!({ "Statement": [{ "Action": ["s3:GetObject"] }, { "NotAction": ["s3:GetObject"] }] }),
        ] {
            assert!(matches!(ReadPolicy::try_from(document), Err(OnboardError::NotAReadPolicy(_))));
        }
    }

    #[test]
    fn a_policy_that_aws_refuses_for_its_length_is_refused() {
        let actions: Vec<String> = (0..300).map(|index| format!("service:DescribeThing{index}")).collect();
        let document = json!({ "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }] });
        assert!(matches!(ReadPolicy::try_from(document), Err(OnboardError::PolicyTooLong(_))));
    }
}
