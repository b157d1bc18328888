//! Scores as figures and bars.

use maud::{Markup, html};
use stance_model::ScoreBreakdown;

/// Passed of those decided, in per cent; a dash where nothing was decided.
pub(crate) fn percent(score: &ScoreBreakdown) -> Markup {
    match score.percent() {
        Some(percent) => html! { (percent) span.unit { " %" } },
        None => html! { span title="nothing was decided" { "–" } },
    }
}

/// A number with its thousands apart.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            // as narrow as a space can be that breaks no line
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number and its noun.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Passed, failed, unknown and excepted as parts of a bar.
pub(crate) fn bar(score: &ScoreBreakdown) -> Markup {
    let parts = [
        ("passed", score.passed),
        ("excepted", score.excepted),
        ("unknown", score.unknown),
        ("failed", score.failed),
    ];
    let all: u64 = parts.iter().map(|(_, count)| count).sum();
    let told = parts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{count} {name}"))
        .collect::<Vec<_>>()
        .join(", ");
    // in thousandths, so that no part that is there vanishes from the bar
    let mut from = 0;
    let widths = parts.map(|(name, count)| {
        let width = (count * 1000).checked_div(all).unwrap_or(0).max(u64::from(count > 0) * 4);
        let begin = from;
        from += width;
        (name, begin, width)
    });
    html! {
        svg.bar viewBox={ "0 0 " (from.max(1)) " 10" } preserveAspectRatio="none" role="img" aria-label=(told) {
            title { (told) }
            @for (name, begin, width) in widths.into_iter().filter(|(_, _, width)| *width > 0) {
                rect class=(name) x=(begin) y="0" width=(width) height="10" {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        assert_eq!(count(7), "7");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(counted(1, "finding", "findings"), "1 finding");
        assert_eq!(counted(0, "finding", "findings"), "0 findings");
    }

    #[test]
    fn what_is_there_is_seen_in_the_bar_however_little() {
        let score = ScoreBreakdown { passed: 1_000_000, failed: 1, unknown: 0, excepted: 0 };
        let bar = bar(&score).into_string();
        assert!(bar.contains("class=\"failed\"") && !bar.contains("class=\"unknown\""), "{bar}");
    }
}
