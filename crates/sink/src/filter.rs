//! Which findings go to a sink.

use stance_config::SinkFilter;
use stance_model::{Finding, Report};

/// Whether the finding matches everything that the filter names.
pub(crate) fn matches<F: ?Sized>(filter: &SinkFilter, report: &Report<F>, finding: &Finding) -> bool {
    let among = |list: &[String], word: &str| list.is_empty() || list.iter().any(|item| item == word);
    let SinkFilter { severity, statuses, accounts, rules, services } = filter;
    severity.is_none_or(|least| finding.severity >= least)
        && (statuses.is_empty() || statuses.contains(&finding.status))
        && (accounts.is_empty() || accounts.iter().any(|it| it.as_str() == finding.resource.scope.as_str()))
        && among(rules, finding.rule.as_str())
        && (services.is_empty()
            || report.rules.get(&finding.rule).is_some_and(|rule| among(services, &rule.service)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::report;
    use stance_model::{Severity, VerdictStatus};

    #[test]
    fn a_finding_has_to_match_every_key_and_any_word_of_each() {
        let report = report(1);
        let finding = &report.findings[0];
        let all = SinkFilter::default();
        assert!(matches(&all, &report, finding));
        let fitting = SinkFilter {
            severity: Some(Severity::High),
            statuses: vec![VerdictStatus::Unknown, VerdictStatus::Fail],
            accounts: vec!["111122223333".parse().unwrap()],
            rules: vec![finding.rule.to_string()],
            services: vec!["iam".into(), "s3".into()],
        };
        assert!(matches(&fitting, &report, finding));
        for other in [
            SinkFilter { severity: Some(Severity::Critical), ..fitting.clone() },
            SinkFilter { statuses: vec![VerdictStatus::Pass], ..fitting.clone() },
            SinkFilter { accounts: vec!["999999999999".parse().unwrap()], ..fitting.clone() },
            SinkFilter { rules: vec!["another".into()], ..fitting.clone() },
            SinkFilter { services: vec!["iam".into()], ..fitting.clone() },
        ] {
            assert!(!matches(&other, &report, finding), "{other:?}");
        }
    }
}
