//! Small phrases that several formats share.

use chrono::TimeDelta;
use stance_model::{Finding, Report, RuleId, RuleSummary};

/// A number with its thousands set apart: `12,345`.
pub(crate) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count of things: `1 rule`, `2 rules`.
pub(crate) fn count(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(count as u64), if count == 1 { one } else { many })
}

/// How long something took, such as `1 min 12 s`.
pub(crate) fn span(took: TimeDelta) -> String {
    let took = took.max(TimeDelta::zero());
    let (seconds, minutes, hours) = (took.num_seconds(), took.num_minutes(), took.num_hours());
    if hours > 0 {
        format!("{hours} h {} min", minutes % 60)
    } else if minutes > 0 {
        format!("{minutes} min {} s", seconds % 60)
    } else if seconds > 0 {
        format!("{seconds}.{} s", took.subsec_millis() / 100)
    } else {
        format!("{} ms", took.num_milliseconds())
    }
}

/// A score in words.
pub(crate) fn percent(percent: Option<u64>) -> String {
    percent.map_or_else(|| "none decided".to_owned(), |percent| format!("{percent} %"))
}

/// Prose on one line: line breaks of the catalog's files mean nothing.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a rule demands; its id where the report does not describe it.
pub(crate) fn title<'a, F: ?Sized>(report: &'a Report<F>, rule: &'a RuleId) -> &'a str {
    summary(report, rule).map_or(rule.as_str(), |summary| summary.title.as_str())
}

/// What the report says of a rule.
pub(crate) fn summary<'a, F: ?Sized>(report: &'a Report<F>, rule: &RuleId) -> Option<&'a RuleSummary> {
    report.rules.get(rule)
}

/// A resource as people speak of it, with the item in it that is meant.
pub(crate) fn subject(finding: &Finding) -> String {
    let resource = &finding.resource;
    let name = if resource.name.is_empty() { resource.id.as_str() } else { &resource.name };
    match &finding.sub_key {
        Some(item) => format!("{name} › {item}"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [0, 12, 999, 1000, 123_456, 1_234_567].map(number),
            ["0", "12", "999", "1,000", "123,456", "1,234,567"]
        );
    }

    #[test]
    fn one_thing_is_not_many() {
        assert_eq!([count(1, "rule", "rules"), count(0, "rule", "rules")], ["1 rule", "0 rules"]);
    }
}
