//! What keys may not say together.

mod accounts;
mod between_keys;

use crate::node::Node;
use crate::shape::ROOT;
use crate::{Aws, Config, Origins, Period, Problem, RegionName};
use std::fmt::Display;

/// What STS takes for the session of an assumed role.
const SESSION: std::ops::RangeInclusive<Period> =
    Period::from_secs(15 * 60)..=Period::from_secs(12 * 60 * 60);
/// The longest session of a role that another assumed role has assumed.
const CHAINED_SESSION: Period = Period::from_secs(60 * 60);
const DAY: u64 = 24 * 60 * 60;

/// Tells what is wrong between the keys of a configuration each value of which is right by itself.
pub(crate) fn check(
    config: &Config,
    tree: &Node,
    formats: &[String],
    origins: &Origins,
    problems: &mut Vec<Problem>,
) {
    between_keys::check(tree, &ROOT, &mut Vec::new(), problems);
    let mut checker = Checker { origins, problems };
    checker.aws(&config.aws);
    checker.schedule(config);
    checker.outputs(config, formats);
    checker.sinks(config);
}

struct Checker<'a> {
    origins: &'a Origins,
    problems: &'a mut Vec<Problem>,
}

impl Checker<'_> {
    fn tell(&mut self, path: &str, message: String) {
        self.problems.push(Problem::new(self.origins.of(path), message));
    }

    fn aws(&mut self, aws: &Aws) {
        let roles = aws.role_chain.len() + usize::from(aws.iam_role.is_some());
        self.session("aws", aws.session_duration, roles);
        self.regions("aws", &aws.include_regions, &aws.exclude_regions);
        for (key, timeout) in [("connect_timeout", aws.connect_timeout), ("read_timeout", aws.read_timeout)] {
            if timeout == Period::from_secs(0) {
                self.tell(
                    &format!("aws.{key}"),
                    format!("`aws.{key}` must be more than zero; write it as `5s`"),
                );
            }
        }
        if let Some(organization) = &aws.organization {
            let at = "aws.organization";
            self.both(at, "include_ous", &organization.include_ous, "exclude_ous", &organization.exclude_ous);
            let (include, exclude) = (&organization.include_accounts, &organization.exclude_accounts);
            self.both(at, "include_accounts", include, "exclude_accounts", exclude);
        }
        for (index, account) in aws.accounts.iter().enumerate() {
            let at = format!("aws.accounts[{index}]");
            self.regions(&at, &account.include_regions, &account.exclude_regions);
            let sign_in = aws.sign_in_of(account);
            let roles = sign_in.role_chain.len() + usize::from(sign_in.iam_role.is_some());
            self.session(&at, account.session_duration, roles);
        }
        accounts::check(self, aws);
    }

    fn regions(&mut self, at: &str, include: &[RegionName], exclude: &[RegionName]) {
        self.both(at, "include_regions", include, "exclude_regions", exclude);
    }

    /// What stands both among what is included and among what is excluded.
    fn both<T: PartialEq + Display>(&mut self, at: &str, one: &str, these: &[T], other: &str, those: &[T]) {
        for (index, value) in those.iter().enumerate().filter(|(_, value)| these.contains(value)) {
            self.tell(
                &format!("{at}.{other}[{index}]"),
                format!("`{value}` stands in both `{at}.{one}` and `{at}.{other}`; remove it from one"),
            );
        }
    }

    fn session(&mut self, at: &str, duration: Option<Period>, roles: usize) {
        let path = format!("{at}.session_duration");
        match duration {
            Some(duration) if !SESSION.contains(&duration) => {
                self.tell(&path, format!("`{path}`: `{duration}` is not between 15 minutes and 12 hours"));
            }
            Some(duration) if duration > CHAINED_SESSION && roles > 1 => self.tell(
                &path,
                format!("`{path}`: `{duration}` is more than the one hour that AWS allows where a role assumes a role; remove it"),
            ),
            _ => {}
        }
    }

    fn schedule(&mut self, config: &Config) {
        let Some(schedule) = &config.schedule else { return };
        let every = schedule.every.get().as_secs();
        if every == 0 {
            self.tell("schedule.every", "`schedule.every` must be more than zero".to_owned());
        } else if schedule.at.is_some() && every % DAY != 0 {
            self.tell(
                "schedule.at",
                format!("`schedule.at` needs a `schedule.every` of whole days, but that is `{}`; remove `at`, or write `every: 24h`", schedule.every),
            );
        }
        if schedule.jitter >= schedule.every && every != 0 {
            self.tell(
                "schedule.jitter",
                format!(
                    "`schedule.jitter` must be shorter than `schedule.every`, which is `{}`",
                    schedule.every
                ),
            );
        }
    }

    fn outputs(&mut self, config: &Config, formats: &[String]) {
        for (index, output) in config.outputs.iter().enumerate() {
            let at = format!("outputs[{index}]");
            if !formats.is_empty()
                && !formats.iter().any(|format| format.eq_ignore_ascii_case(&output.format))
            {
                let path = format!("{at}.format");
                let message = format!(
                    "`{path}`: `{}` is not a format; use one of {}",
                    output.format,
                    formats.join(", ")
                );
                self.tell(&path, message);
            }
            let place = |other: &crate::Output| other.path == output.path;
            if let Some(first) = config.outputs.iter().take(index).position(place) {
                let place = output
                    .path
                    .as_ref()
                    .map_or_else(|| "the terminal".to_owned(), |path| format!("`{}`", path.display()));
                let message = format!(
                    "`{at}` goes to {place}, as `outputs[{first}]` does; give it a `path` of its own"
                );
                self.tell(&at, message);
            }
        }
    }

    /// Each sink keeps what it could not deliver under its name.
    fn sinks(&mut self, config: &Config) {
        let sinks = match config.all_sinks() {
            Ok(sinks) => sinks,
            Err(error) => {
                return self.tell("coralogix.logs_endpoint", format!("`coralogix.logs_endpoint`: {error}"));
            }
        };
        for (index, sink) in sinks.iter().enumerate() {
            let name = sink.name();
            let Some(first) = sinks.iter().take(index).position(|other| other.name() == name) else {
                continue;
            };
            let at =
                if index < config.sinks.len() { format!("sinks[{index}]") } else { "coralogix".to_owned() };
            let message = format!(
                "`{at}` is called `{name}`, as `sinks[{first}]` is; give one of them a `name` of its own"
            );
            self.tell(&at, message);
        }
    }
}
