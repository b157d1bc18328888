//! Reading an answer that comes in pages, by the rules of botocore's paginators.

use crate::error::CallError;
use crate::model::Page;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// All pages of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Pages {
    /// The first page's answer with the lists of all pages, and without what leads to further ones.
    pub value: Value,
    /// How many requests it took.
    pub pages: u64,
}

/// Collects pages one by one; knows nothing of how they are got.
pub(crate) struct Collector<'p> {
    page: &'p Page,
    operation: &'p str,
    /// The joined answer so far, none before the first page.
    value: Option<Value>,
    pages: u64,
    /// Tokens that were already given.
    seen: HashSet<String>,
}

impl<'p> Collector<'p> {
    pub fn new(page: &'p Page, operation: &'p str) -> Self {
        Self { page, operation, value: None, pages: 0, seen: HashSet::new() }
    }

    /// Takes in the answer to `input`; the input for the next page, if there is one.
    pub fn add(&mut self, input: &Value, answer: Value) -> Result<Option<Value>, CallError> {
        self.pages += 1;
        let next = self.next_input(input, &answer)?;
        match &mut self.value {
            None => self.value = Some(answer),
            Some(value) => {
                for path in &self.page.results {
                    if let Some(more) = find(&answer, path) {
                        join(value, path, more.clone());
                    }
                }
            }
        }
        Ok(next)
    }

    pub fn finish(self) -> Pages {
        let mut value = self.value.unwrap_or_default();
        for path in self.page.output_tokens.iter().flat_map(|path| path.split("||")).map(str::trim) {
            // only fields that are nothing but tokens: `Contents[-1].Key` is a part of the answer
            let only_a_token = !path.contains(['.', '[']) && !self.page.results.contains(&path);
            if let Some(fields) = value.as_object_mut().filter(|_| only_a_token) {
                fields.shift_remove(path);
            }
        }
        if let Some(more) = self.page.more.and_then(|path| find_mut(&mut value, path)) {
            *more = Value::Bool(false);
        }
        Pages { value, pages: self.pages }
    }

    fn next_input(&mut self, input: &Value, answer: &Value) -> Result<Option<Value>, CallError> {
        if let Some(more) = self.page.more
            && find(answer, more).and_then(Value::as_bool) != Some(true)
        {
            return Ok(None);
        }
        let tokens: Vec<_> = self
            .page
            .output_tokens
            .iter()
            .map(|path| find(answer, path).filter(|token| is_token(token)))
            .collect();
        if tokens.iter().all(Option::is_none) {
            return Ok(None);
        }
        let sent =
            || self.page.input_tokens.iter().map(|name| input.get(*name).filter(|token| is_token(token)));
        let repeated = tokens.iter().copied().eq(sent());
        if repeated || !self.seen.insert(format!("{tokens:?}")) {
            return Err(CallError::MalformedAnswer {
                message: format!(
                    "page {} of `{}` leads back to a page that was already read",
                    self.pages, self.operation
                ),
            });
        }
        let mut next = input.as_object().cloned().unwrap_or_default();
        for (name, token) in self.page.input_tokens.iter().zip(tokens) {
            match token {
                Some(token) => drop(next.insert((*name).to_string(), token.clone())),
                None => drop(next.shift_remove(*name)),
            }
        }
        Ok(Some(Value::Object(next)))
    }
}

fn is_token(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    }
}

/// A paginator's path: `A.B`, `A || B`, `A[-1].B`.
fn find<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let single = |path: &str| {
        path.trim().split('.').try_fold(value, |value, key| match key.strip_suffix("[-1]") {
            Some(key) => value.get(key)?.as_array()?.last(),
            None => value.get(key),
        })
    };
    path.split("||").filter_map(single).find(|found| is_token(found))
}

fn find_mut<'v>(value: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    path.split('.').try_fold(value, |value, key| value.get_mut(key))
}

/// Adds what another page has at a path: to a list its items, to a map its entries, to a number its
/// amount. Where the first page had nothing, the whole of it.
fn join(value: &mut Value, path: &str, more: Value) {
    let mut place = value;
    for key in path.split('.') {
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        let Some(fields) = place.as_object_mut() else { return };
        place = fields.entry(key).or_insert(Value::Null);
    }
    match (place, more) {
        (Value::Array(items), Value::Array(more)) => items.extend(more),
        (Value::Object(fields), Value::Object(more)) => fields.extend(more),
        (Value::Number(count), Value::Number(more)) => {
            if let Some(sum) = count.as_i64().zip(more.as_i64()).and_then(|(a, b)| a.checked_add(b)) {
                *count = sum.into();
            }
        }
        (place @ Value::Null, more) => *place = more,
        // a text or a flag that every page repeats
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn token() -> Page {
        Page {
            input_tokens: vec!["NextToken"],
            output_tokens: vec!["NextToken"],
            results: vec!["Items"],
            more: None,
        }
    }

    /// Reads pages from a list; the inputs that were sent, and the outcome.
    fn read(page: &Page, input: Value, answers: &[Value]) -> (Vec<Value>, Result<Pages, CallError>) {
        let mut collector = Collector::new(page, "ListThings");
        let (mut sent, mut input) = (vec![], Some(input));
        let mut answers = answers.iter();
        while let Some(current) = input {
            sent.push(current.clone());
            let answer = answers.next().expect("no page more than there are").clone();
            match collector.add(&current, answer) {
                Ok(next) => input = next,
                Err(error) => return (sent, Err(error)),
            }
        }
        (sent, Ok(collector.finish()))
    }

    #[test]
    fn lists_of_all_pages_are_joined_and_the_token_is_gone() {
        let answers = [
            json!({"Items": [1, 2], "NextToken": "a", "Owner": "me"}),
            json!({"Items": [], "NextToken": "b"}),
            json!({"Items": [3], "NextToken": ""}),
        ];
        let (sent, pages) = read(&token(), json!({"Filter": "x"}), &answers);
        assert_eq!(
            sent,
            [
                json!({"Filter": "x"}),
                json!({"Filter": "x", "NextToken": "a"}),
                json!({"Filter": "x", "NextToken": "b"})
            ]
        );
        assert_eq!(pages.unwrap(), Pages { value: json!({"Items": [1, 2, 3], "Owner": "me"}), pages: 3 });
    }

    #[test]
    fn list_that_only_later_pages_have_is_not_lost() {
        let page = Page { results: vec!["Deep.Items"], ..token() };
        let answers = [json!({"NextToken": "a"}), json!({"Deep": {"Items": [7]}})];
        assert_eq!(read(&page, json!({}), &answers).1.unwrap().value, json!({"Deep": {"Items": [7]}}));
    }

    #[test]
    fn token_that_was_sent_ends_with_an_error_and_no_loop() {
        let answers = vec![json!({"Items": [1], "NextToken": "a"}); 2];
        let error = read(&token(), json!({}), &answers).1.unwrap_err();
        assert_eq!(error.code(), "MalformedAnswer");
        assert!(error.message().contains("page 2 of `ListThings`"), "{error}");
    }

    #[test]
    fn tokens_that_go_in_circles_end_with_an_error() {
        let answers: Vec<_> =
            ["a", "b", "a", "b"].iter().map(|t| json!({"Items": [], "NextToken": t})).collect();
        assert!(read(&token(), json!({}), &answers).1.unwrap_err().message().contains("page 3"));
    }

    #[test]
    fn more_results_decides_and_several_tokens_go_together() {
        let page = Page {
            input_tokens: vec!["StartName", "StartType", "StartId"],
            output_tokens: vec!["NextName", "NextType", "NextId"],
            results: vec!["Sets"],
            more: Some("IsTruncated"),
        };
        let answers = [
            json!({"Sets": [1], "IsTruncated": true, "NextName": "n", "NextType": "t", "NextId": "i"}),
            json!({"Sets": [2], "IsTruncated": true, "NextName": "m", "NextType": "t"}),
            json!({"Sets": [3], "IsTruncated": false, "NextName": "ignored"}),
        ];
        let (sent, pages) = read(&page, json!({}), &answers);
        assert_eq!(sent[1], json!({"StartName": "n", "StartType": "t", "StartId": "i"}));
        assert_eq!(sent[2], json!({"StartName": "m", "StartType": "t"}));
        assert_eq!(pages.unwrap().value, json!({"Sets": [1, 2, 3], "IsTruncated": false}));
    }

    #[test]
    fn token_may_be_an_alternative_or_the_last_items_key() {
        let page = Page {
            input_tokens: vec!["Marker"],
            output_tokens: vec!["NextMarker || Contents[-1].Key"],
            results: vec!["Contents", "Prefixes"],
            more: Some("IsTruncated"),
        };
        let answers = [
            json!({"IsTruncated": true, "Contents": [{"Key": "a"}, {"Key": "b"}], "Prefixes": ["p"]}),
            json!({"IsTruncated": true, "Contents": [{"Key": "c"}], "NextMarker": "m"}),
            json!({"IsTruncated": false, "Prefixes": ["q"]}),
        ];
        let (sent, pages) = read(&page, json!({}), &answers);
        assert_eq!(sent[1..], [json!({"Marker": "b"}), json!({"Marker": "m"})]);
        assert_eq!(pages.unwrap().value["Prefixes"], json!(["p", "q"]));
    }

    #[test]
    fn maps_and_counts_are_joined_too() {
        let page = Page { results: vec!["Map", "Count"], ..token() };
        let answers =
            [json!({"Map": {"a": 1}, "Count": 1, "NextToken": "t"}), json!({"Map": {"b": 2}, "Count": 4})];
        assert_eq!(
            read(&page, json!({}), &answers).1.unwrap().value,
            json!({"Map": {"a": 1, "b": 2}, "Count": 5})
        );
    }

    #[test]
    fn token_may_be_a_map() {
        let page = Page {
            input_tokens: vec!["Start"],
            output_tokens: vec!["Last"],
            results: vec!["Items"],
            more: None,
        };
        let answers = [json!({"Items": [1], "Last": {"id": {"S": "x"}}}), json!({"Items": [2], "Last": {}})];
        let (sent, pages) = read(&page, json!({}), &answers);
        assert_eq!(sent[1], json!({"Start": {"id": {"S": "x"}}}));
        assert_eq!(pages.unwrap().value, json!({"Items": [1, 2]}));
    }
}
