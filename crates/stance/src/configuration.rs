//! The configuration: file, environment and flags, as one.

use crate::cli::{Access, Choice};
use crate::commands::exceptions::rule_names;
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use stance_catalog::Catalog;
use stance_config::{FileLayer, FlagValue, Layers, Loaded};
use stance_exceptions::{Exception, Exceptions, read_exceptions};
use stance_model::Severity;
use stance_report::Format;
use stance_store::Store;
use std::path::Path;
use std::sync::Arc;

/// Loads the configuration with those flags over it, and tells its notices.
///
/// # Errors
/// All that is wrong with it, with file and line.
pub fn load(named: Option<&Path>, flags: Vec<FlagValue>) -> anyhow::Result<Loaded> {
    let from_environment = std::env::var_os("STANCE_CONFIG");
    let file = stance_config::find_file(named, from_environment.as_deref());
    let layers = Layers {
        file: file.as_deref().map(FileLayer::read).transpose()?,
        // other variables that are no text are not ours to judge
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        flags,
        formats: Format::ALL.iter().map(|format| format.name().to_owned()).collect(),
    };
    let loaded = stance_config::load(&layers)?;
    for notice in &loaded.notices {
        tracing::warn!("{notice}");
    }
    Ok(loaded)
}

/// Flags as values of configuration keys.
#[derive(Default)]
pub struct Flags(Vec<FlagValue>);

impl Flags {
    /// The flags, in the order in which they were added.
    pub fn into_values(self) -> Vec<FlagValue> {
        self.0
    }

    fn set(&mut self, key: &str, flag: &str, value: impl Into<Value>) {
        self.0.push(FlagValue { key: key.into(), value: value.into(), flag: flag.into() });
    }

    fn set_list(&mut self, key: &str, flag: &str, values: &[String]) {
        if !values.is_empty() {
            self.set(key, flag, values.to_vec());
        }
    }

    fn set_some(&mut self, key: &str, flag: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(key, flag, value);
        }
    }

    /// Which rules, with which parameters; parameters of the command line are read with the rules.
    pub fn add_choice(&mut self, choice: &Choice) {
        self.set_list("scan.services", "--service", &choice.service);
        self.set_list("scan.rules", "--rule", &choice.rule);
        self.set_list("scan.exclude_rules", "--exclude-rule", &choice.exclude_rule);
        self.set_list("scan.benchmarks", "--benchmark", &choice.benchmark);
        self.set_some("scan.severity", "--severity", choice.severity.map(Severity::as_str));
        self.set_some("scan.catalog", "--catalog", choice.catalog.as_deref().map(text));
    }

    /// What is accepted.
    pub fn add_exceptions(&mut self, file: Option<&Path>) {
        self.set_some("exceptions_file", "--exceptions", file.map(text));
    }

    /// What is read, as whom, how fast.
    ///
    /// # Errors
    /// Flags that do not go together.
    pub fn add_access(&mut self, access: &Access) -> anyhow::Result<()> {
        if let Some(first) = access.region.first() {
            self.set("aws.region", "--region", first.as_str());
            self.set_list("aws.include_regions", "--region", &access.region);
        }
        self.set_list("aws.exclude_regions", "--exclude-region", &access.exclude_region);
        self.set_some("aws.profile", "--profile", access.profile.as_deref());
        self.set_some(
            "aws.credentials_file",
            "--credentials-file",
            access.credentials_file.as_deref().map(text),
        );
        if let (Some(file), Some(role)) = (&access.web_identity_token_file, &access.web_identity_role) {
            self.set("aws.web_identity.token_file", "--web-identity-token-file", text(file));
            self.set("aws.web_identity.role_arn", "--web-identity-role", role.as_str());
        }
        self.set_some("aws.external_id", "--external-id", access.external_id.as_deref());
        self.set_some("aws.session_name", "--session-name", access.session_name.as_deref());
        self.set_some("aws.session_duration", "--session-duration", access.session_duration.as_deref());
        self.set_some("aws.mfa_serial", "--mfa-serial", access.mfa_serial.as_deref());
        self.set_some("aws.accounts_at_once", "--accounts-at-once", access.accounts_at_once);
        self.set_some("aws.max_rate", "--max-rate", access.max_rate);
        self.set_some("aws.endpoint_url", "--endpoint-url", access.endpoint_url.as_deref());
        self.set_some("aws.accounts_file", "--accounts-file", access.accounts_file.as_deref().map(text));
        if access.organization {
            self.add_organization(access)?;
        } else {
            self.add_accounts(access);
        }
        Ok(())
    }

    fn add_organization(&mut self, access: &Access) -> anyhow::Result<()> {
        self.set("aws.organization.enabled", "--organization", true);
        let key = |name: &str| format!("aws.organization.{name}");
        self.set_some(&key("role_name"), "--role-name", access.role_name.as_deref());
        self.set_some(&key("management_role"), "--management-role", access.management_role.as_deref());
        self.set_list(&key("include_accounts"), "--account", &access.account);
        self.set_list(&key("exclude_accounts"), "--exclude-account", &access.exclude_account);
        self.set_list(&key("include_ous"), "--ou", &access.ou);
        self.set_list(&key("exclude_ous"), "--exclude-ou", &access.exclude_ou);
        if access.no_management_account {
            self.set(&key("scan_management_account"), "--no-management-account", false);
        }
        let mut tags = Map::new();
        for tag in &access.account_tag {
            let Some((name, value)) = tag.split_once('=') else {
                bail!("`{tag}` is not of the form KEY=VALUE");
            };
            tags.insert(name.to_owned(), json!(value));
        }
        if !tags.is_empty() {
            self.set(&key("account_tags"), "--account-tag", tags);
        }
        match access.role_arn.as_slice() {
            [] => {}
            [role] => self.set("aws.iam_role", "--role-arn", role.as_str()),
            _ => bail!("`--organization` takes one `--role-arn`: the role that asks the organization"),
        }
        Ok(())
    }

    fn add_accounts(&mut self, access: &Access) {
        if let ([role], [], None) =
            (access.role_arn.as_slice(), access.account.as_slice(), &access.accounts_file)
        {
            self.set("aws.iam_role", "--role-arn", role.as_str());
            return;
        }
        self.set_some("aws.organization.role_name", "--role-name", access.role_name.as_deref());
        if access.role_name.is_some() {
            self.set("aws.organization.enabled", "--role-name", false);
        }
        let roles = access.role_arn.iter().map(|role| json!({ "iam_role": role }));
        let accounts = access.account.iter().map(|id| json!({ "id": id }));
        let accounts: Vec<Value> = roles.chain(accounts).collect();
        if !accounts.is_empty() {
            self.set(
                "aws.accounts",
                if access.account.is_empty() { "--role-arn" } else { "--account" },
                accounts,
            );
        }
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The exceptions that are in force: those of the configuration, then those of its file, then those of the store.
///
/// # Errors
/// What is wrong with one of them, with the file, or with the store.
pub fn exceptions(
    loaded: &Loaded,
    catalog: &Catalog,
    store: Option<&Store>,
    as_of: DateTime<Utc>,
) -> anyhow::Result<Option<Arc<Exceptions>>> {
    let config = &loaded.config;
    let mut list = Vec::new();
    if !config.exceptions.0.is_empty() {
        let text = serde_json::to_string(&config.exceptions.0)?;
        let written = read_exceptions(&text).map_err(|error| {
            let place = loaded.origins.of("exceptions");
            anyhow::anyhow!("{place}: {}", error.in_file("`exceptions`"))
        })?;
        // lines are those of the text above, which nobody wrote
        list.extend(written.into_iter().map(|exception| Exception { line: None, ..exception }));
    }
    if let Some(path) = &config.exceptions_file {
        let path = path.as_path();
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the exceptions in `{name}`"))?;
        list.extend(read_exceptions(&text).map_err(|error| anyhow::anyhow!(error.in_file(&name)))?);
    }
    if let Some(store) = store {
        for exception in store.exceptions_in_force(as_of)? {
            // it was made by another catalog; what it would cover here counts, and no scan is lost
            match Exceptions::compile(vec![exception.clone()], rule_names(catalog)) {
                Ok(_) => list.push(exception),
                Err(error) => tracing::warn!("{error}; it is left aside"),
            }
        }
    }
    if list.is_empty() {
        return Ok(None);
    }
    let compiled =
        Exceptions::compile(list, rule_names(catalog)).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(Some(Arc::new(compiled)))
}

/// The choice that is in force: what the configuration says, flags over it.
pub fn choice(loaded: &Loaded, flags: &Choice) -> Choice {
    let scan = &loaded.config.scan;
    let parameters = scan.parameters.iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name}={text}"),
        Value::Array(items) => {
            let items =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            format!("{name}={}", items.collect::<Vec<_>>().join(","))
        }
        other => format!("{name}={other}"),
    });
    Choice {
        service: scan.services.clone(),
        rule: scan.rules.clone(),
        exclude_rule: scan.exclude_rules.clone(),
        benchmark: scan.benchmarks.clone(),
        severity: scan.severity,
        // a later one of the same name wins
        param: parameters.chain(flags.param.iter().cloned()).collect(),
        as_of: flags.as_of.clone(),
        catalog: scan.catalog.as_ref().map(|path| path.as_path().to_owned()),
    }
}
