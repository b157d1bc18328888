//! The filter of an alert: what the page of findings is asked for, without what belongs to a list.

use crate::dimension::Dimension;
use crate::facts::Facts;
use crate::filter::Filter;
use crate::query::Query;
use crate::viewer::Visible;
use chrono::{DateTime, Utc};
use stance_store::Census;

/// Beside dimensions, what an alert's filter may ask.
const OTHERS: [(&str, &str); 3] = [("q", "Search"), ("tag", "Tag"), ("resource", "Resource")];

/// A filter as it is kept. People may give the address of the page of findings, or what stands behind its `?`.
///
/// # Errors
/// What is wrong with it, for people.
pub(crate) fn kept(text: &str, now: DateTime<Utc>) -> Result<String, String> {
    let text = text.trim();
    let text = text.split_once('?').map_or(text, |(_, query)| query);
    let query = Query::parse(text.split('#').next().unwrap_or_default());
    let is_meant =
        |name: &str| Dimension::of(name).is_some() || OTHERS.iter().any(|(other, _)| *other == name);
    // times, order and place belong to a list, not to what comes
    let of_lists = ["since", "first_seen", "group", "sort", "from", "after"];
    let mut kept = Query::default();
    for (name, value) in query.pairs() {
        if is_meant(name) {
            // what is chosen empty takes all
            if !value.is_empty() {
                kept = kept.with(name, value);
            }
        } else if !of_lists.contains(&name) {
            return Err(format!(
                "`{name}` is no part of a filter; copy what stands behind the `?` in the address of the page of findings"
            ));
        }
    }
    Filter::read(&kept, None, now)?;
    Ok(kept.address("").trim_start_matches('?').to_owned())
}

/// A filter in words: what is asked for, and the values.
pub(crate) fn words(
    filter: &str,
    census: &Census,
    facts: &Facts,
    visible: &Visible,
    now: DateTime<Utc>,
) -> Vec<(&'static str, String)> {
    let query = Query::parse(filter);
    let mut words = Vec::new();
    for (dimension, values) in Filter::read(&query, None, now).unwrap_or_default().wanted {
        let shown = values.iter().map(|value| dimension.show(value, census, facts, visible).into_owned());
        words.push((dimension.title(), shown.collect::<Vec<_>>().join(" or ")));
    }
    for (name, title) in OTHERS {
        words.extend(query.first(name).map(|value| (title, value.to_owned())));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_a_filter_and_nothing_strange_does() {
        let now = DateTime::UNIX_EPOCH;
        for (text, expected) in [
            ("", ""),
            ("severity=high,critical&sort=account&from=50&since=7d", "severity=high,critical"),
            ("https://stance.example.org/findings?q=a+b&group=account#x", "q=a%20b"),
            ("/findings?status=&rule=x", "rule=x"),
        ] {
            assert_eq!(kept(text, now).unwrap(), expected, "{text}");
        }
        for text in ["severity=worst", "status=x", "name=x", "javascript:alert(1)", "resource=x"] {
            let told = kept(text, now);
            assert!(told.is_err(), "{text}: {told:?}");
        }
    }
}
