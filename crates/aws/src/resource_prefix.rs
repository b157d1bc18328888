//! Ids that answers tell with a prefix and inputs want without one.

use crate::model::Service;
use serde_json::Value;

/// What Route 53 puts before its ids.
const PREFIXES: &[&str] = &["/hostedzone/", "/delegationset/", "/change/"];

/// Takes the prefixes off the ids in an answer, as the official clients do before ids are used again.
pub(crate) fn strip(service: &Service, answer: &mut Value) {
    if service.name == "route53" {
        walk(answer);
    }
}

fn walk(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(id) = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)) {
                *text = id.to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(walk),
        Value::Object(fields) => fields.values_mut().for_each(walk),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_lose_their_prefix_and_other_texts_stay() {
        let mut answer = json!({ "HostedZones": [{ "Id": "/hostedzone/Z1", "Name": "example.com." }] });
        walk(&mut answer);
        assert_eq!(answer, json!({ "HostedZones": [{ "Id": "Z1", "Name": "example.com." }] }));
    }
}
