//! One entry of a mutelist as the criteria of an exception.

use super::form::{Check, Entry, Excepted};
use super::pattern::{Carried, Tried, carried};
use crate::text::Text;
use crate::{Criteria, Pattern, RuleNames};
use regex::Regex;
use stance_model::Region;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What became of an entry.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Which findings it covers, and which not after all; nothing where it was left out.
    pub criteria: Option<(Criteria, Vec<Criteria>)>,
    /// What to tell of it.
    pub notes: Vec<String>,
}

/// An entry whose own exceptions also hold for those behind it: once a finding is excepted from an
/// entry, Prowler looks at no further one of the account.
#[derive(Debug)]
pub(super) struct Earlier {
    check: String,
    rules: Rules,
    except: Except,
}

/// Rules by their places among the names; all where a check is `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rules {
    All,
    Some(BTreeSet<usize>),
}

/// What is not muted after all.
#[derive(Clone, Debug)]
enum Except {
    Findings(Box<Criteria>),
    Everything,
    /// Ours cannot say which.
    Inexpressible,
}

/// A list of patterns, of which one must match.
enum AnyOf {
    /// One of them matches everything.
    Anything,
    Patterns(Vec<Pattern>),
    /// There is no list, or nothing in it that ours can say.
    Nothing,
}

/// Carries an entry over, and remembers its exceptions for those behind it.
pub(super) fn check(
    account: &str,
    entry: &Entry<Check>,
    checks: &RuleNames,
    earlier: &mut Vec<Earlier>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let Some(rules) = rules_of(&entry.key, checks, &mut outcome.notes) else { return outcome };
    let except = entry.value.exceptions.as_ref().and_then(|excepted| except_of(excepted, &mut outcome.notes));
    outcome.criteria = criteria(account, entry, &rules, checks, earlier, except.as_ref(), &mut outcome.notes);
    if let Some(except) = except {
        earlier.push(Earlier { check: entry.key.clone(), rules, except });
    }
    outcome
}

fn criteria(
    account: &str,
    entry: &Entry<Check>,
    rules: &Rules,
    checks: &RuleNames,
    earlier: &[Earlier],
    own: Option<&Except>,
    notes: &mut Vec<String>,
) -> Option<(Criteria, Vec<Criteria>)> {
    let mut covers = Criteria { rule: rules.patterns(checks), ..Criteria::default() };
    if account != "*" {
        covers.account = vec![account.parse().ok()?];
    }
    match any_of(entry.value.regions.as_deref(), notes).0 {
        AnyOf::Anything => {}
        AnyOf::Patterns(patterns) => covers.region = regions(patterns),
        AnyOf::Nothing => return left_out(notes, "it has no region, so that it mutes nothing"),
    }
    match any_of(entry.value.resources.as_deref(), notes).0 {
        AnyOf::Anything => {}
        AnyOf::Patterns(patterns) => covers.resource = patterns,
        AnyOf::Nothing => return left_out(notes, "it has no resource, so that it mutes nothing"),
    }
    match all_of(entry.value.tags.as_deref(), notes) {
        Some(tags) => put_tags(&mut covers, tags),
        None => return left_out(notes, "all of its tags must be there, and not all can be looked for"),
    }
    let mut except = Vec::new();
    let own = own.map(|own| (&entry.key, rules, own));
    for (check, its_rules, excepted) in earlier.iter().map(|it| (&it.check, &it.rules, &it.except)).chain(own)
    {
        let Some(shared) = rules.shared_with(its_rules) else { continue };
        let whole = shared == *rules;
        match excepted {
            Except::Inexpressible => {
                return left_out(notes, &format!("the exceptions of `{check}` cannot be carried over"));
            }
            Except::Everything if whole => {
                return left_out(notes, &format!("the exceptions of `{check}` take all of it back"));
            }
            Except::Everything => {
                except.push(Criteria { rule: shared.patterns(checks), ..Criteria::default() });
            }
            Except::Findings(findings) => except.push(Criteria {
                rule: if whole { Vec::new() } else { shared.patterns(checks) },
                ..findings.as_ref().clone()
            }),
        }
    }
    if covers.covers_everything(checks) {
        return left_out(notes, "it mutes everything; an exception must say which findings it covers");
    }
    Some((covers, except))
}

fn left_out<T>(notes: &mut Vec<String>, why: &str) -> Option<T> {
    notes.push(format!("left out: {why}"));
    None
}

impl Rules {
    fn patterns(&self, checks: &RuleNames) -> Vec<Pattern> {
        match self {
            Self::All => Vec::new(),
            Self::Some(rules) => rules.iter().filter_map(|rule| checks.id(*rule).parse().ok()).collect(),
        }
    }

    /// The rules in both, if there is any.
    fn shared_with(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (rules, Self::All) | (Self::All, rules) => Some(rules.clone()),
            (Self::Some(rules), Self::Some(others)) => {
                let shared: BTreeSet<usize> = rules.intersection(others).copied().collect();
                (!shared.is_empty()).then_some(Self::Some(shared))
            }
        }
    }
}

/// The rules that a check, or a pattern of checks, stands for.
fn rules_of(check: &str, checks: &RuleNames, notes: &mut Vec<String>) -> Option<Rules> {
    if check == "*" {
        return Some(Rules::All);
    }
    // as in Prowler, which knows the service by both names
    let check = check.strip_prefix("lambda").map_or(check.to_owned(), |rest| format!("awslambda{rest}"));
    let pattern = match carried(&check, Tried::Name) {
        Ok(Carried::Anything) => return Some(Rules::All),
        Ok(Carried::Pattern(pattern)) => pattern,
        Err(reason) => {
            notes.push(format!("left out: {reason}"));
            return None;
        }
    };
    let matching: Vec<(&str, &BTreeSet<usize>)> =
        checks.names().filter(|(name, _)| pattern.matches(name)).collect();
    if let Some((_, rules)) = matching.iter().find(|(name, _)| *name == check) {
        let others: Vec<&str> =
            matching.iter().map(|(name, _)| *name).filter(|name| *name != check).collect();
        if !others.is_empty() {
            notes.push(format!(
                "only this check; Prowler would also mute {}, because the name is contained in theirs",
                others.join(", ")
            ));
        }
        return Some(Rules::Some((*rules).clone()));
    }
    let rules: BTreeSet<usize> = matching.into_iter().flat_map(|(_, rules)| rules).copied().collect();
    if rules.is_empty() {
        notes.push("left out: no rule of ours stands for such a check".to_owned());
        return None;
    }
    Some(Rules::Some(rules))
}

/// A list of which one must match, and how many of its patterns ours cannot say.
fn any_of(list: Option<&[Text]>, notes: &mut Vec<String>) -> (AnyOf, usize) {
    let (mut patterns, mut lost) = (Vec::new(), 0);
    let mut anything = false;
    for Text(text) in list.unwrap_or_default() {
        match carried(text, Tried::Name) {
            Ok(Carried::Anything) => anything = true,
            Ok(Carried::Pattern(pattern)) => patterns.push(pattern),
            Err(reason) => {
                notes.push(format!("`{text}` is left out: {reason}"));
                lost += 1;
            }
        }
    }
    let list = match patterns.as_slice() {
        _ if anything => AnyOf::Anything,
        [] => AnyOf::Nothing,
        _ => AnyOf::Patterns(patterns),
    };
    (list, lost)
}

/// Patterns that must all match some tag; nothing where one of them cannot be carried over.
fn all_of(list: Option<&[Text]>, notes: &mut Vec<String>) -> Option<Vec<Pattern>> {
    let mut patterns = Vec::new();
    for Text(text) in list.unwrap_or_default() {
        // Prowler looks in all tags, joined by this; people write it between alternatives
        let tight = text.replace(" | ", "|");
        match carried(&tight, Tried::Tag) {
            Ok(Carried::Anything) => {}
            Ok(Carried::Pattern(pattern)) => patterns.push(pattern),
            Err(reason) => {
                notes.push(format!("`{text}`: {reason}"));
                return None;
            }
        }
        if text.starts_with('^') || text.ends_with('$') {
            notes.push(format!("`{text}` is tried on each tag; Prowler tries it on all of them, joined"));
        }
    }
    Some(patterns)
}

fn put_tags(criteria: &mut Criteria, tags: Vec<Pattern>) {
    if tags.len() == 1 {
        criteria.tag = tags;
    } else {
        criteria.every_tag = tags;
    }
}

/// What an entry's exceptions except; nothing where it has none.
fn except_of(excepted: &Excepted, notes: &mut Vec<String>) -> Option<Except> {
    let lists = [&excepted.accounts, &excepted.regions, &excepted.resources, &excepted.tags];
    if lists.iter().all(|list| list.as_ref().is_none_or(Vec::is_empty)) {
        return None;
    }
    let mut inexpressible = 0;
    let mut patterns = |list: &Option<Vec<Text>>| {
        let (list, lost) = any_of(list.as_deref(), notes);
        inexpressible += lost;
        match list {
            AnyOf::Anything | AnyOf::Nothing => Vec::new(),
            AnyOf::Patterns(patterns) => patterns,
        }
    };
    let mut criteria = Criteria {
        account: patterns(&excepted.accounts).into_iter().map(exact_account).collect(),
        region: regions(patterns(&excepted.regions)),
        resource: patterns(&excepted.resources),
        ..Criteria::default()
    };
    // to leave a part of an exception out would cover more
    let Some(tags) = all_of(excepted.tags.as_deref(), notes).filter(|_| inexpressible == 0) else {
        return Some(Except::Inexpressible);
    };
    put_tags(&mut criteria, tags);
    Some(if criteria == Criteria::default() {
        Except::Everything
    } else {
        Except::Findings(Box::new(criteria))
    })
}

/// No account's number is a part of another's.
fn exact_account(pattern: Pattern) -> Pattern {
    static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\*([0-9]{12})\*$").ok());
    inner(&NUMBER, pattern)
}

/// Regions as ours: whole names, and `global` beside the region in which Prowler puts what has none.
fn regions(patterns: Vec<Pattern>) -> Vec<Pattern> {
    static NAME: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^\*([a-z]{2,4}(?:-[a-z]+)+-[0-9])\*$").ok());
    const GLOBAL_AT: [&str; 3] = ["us-east-1", "cn-north-1", "us-gov-east-1"];
    let has_global = patterns.iter().any(|pattern| GLOBAL_AT.iter().any(|region| pattern.matches(region)));
    let mut regions: Vec<Pattern> = patterns.into_iter().map(|pattern| inner(&NAME, pattern)).collect();
    if has_global && !regions.iter().any(|pattern| pattern.matches(Region::GLOBAL)) {
        regions.extend(Region::GLOBAL.parse::<Pattern>());
    }
    regions
}

/// The part of a pattern that the form encloses, where it is of that form.
fn inner(form: &LazyLock<Option<Regex>>, pattern: Pattern) -> Pattern {
    form.as_ref()
        .and_then(|form| form.captures(pattern.as_str()))
        .and_then(|found| found.get(1))
        .and_then(|text| text.as_str().parse().ok())
        .unwrap_or(pattern)
}
