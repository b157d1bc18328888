//! What an integration's configuration says, ready to scan: for the server, and for an agent that was given it.

use crate::cli::Choice;
use crate::judging::judging_by;
use crate::{access, configuration, knowledge};
use anyhow::bail;
use stance_catalog::{Catalog, Part, Rule};
use stance_config::{AwsAccount, FileLayer, Layers, Loaded, Secret, SecretSource};
use stance_evaluate::Options;
use stance_scan::ScanSettings;
use stance_store::{RuleSettings, Store};
use std::path::PathBuf;

/// What messages call the configuration of an integration.
const NAME: &str = "configuration";

/// What is scanned by which rules.
pub struct Work {
    pub catalog: Catalog,
    pub settings: ScanSettings,
    loaded: Loaded,
}

impl Work {
    /// What a configuration says, with the catalog of whoever scans.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(configuration: &str, host: &Loaded) -> anyhow::Result<Self> {
        let loaded = read(configuration)?;
        let folder = host.config.scan.catalog.as_ref().map(stance_config::InputPath::as_path);
        let catalog = knowledge::catalog(folder, &[Part::Benchmarks])?;
        let settings = access::settings(&loaded.config.aws, None)?;
        Ok(Self { catalog, settings, loaded })
    }

    /// The rules that judge, and how: with the exceptions of whoever scans and of the store, where there is one.
    ///
    /// # Errors
    /// The choice, an exception or a parameter cannot be used, or the store fails.
    pub fn rules(
        &self,
        host: &Loaded,
        store: Option<&Store>,
        set: &RuleSettings,
    ) -> anyhow::Result<(Vec<&Rule>, Options)> {
        let choice = configuration::choice(&self.loaded, &Choice::default());
        judging_by(&self.catalog, &choice, host, store, set)
    }
}

/// Reads the configuration of an integration, and refuses what only the operator of whoever scans may say.
fn read(configuration: &str) -> anyhow::Result<Loaded> {
    let layers = Layers {
        file: Some(FileLayer { path: PathBuf::from(NAME), text: configuration.to_owned() }),
        // references to secrets lead there; keys of the server's own configuration do not count here
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| !name.starts_with("STANCE_"))
            .collect(),
        ..Layers::default()
    };
    let loaded = stance_config::load(&layers)?;
    let config = &loaded.config;
    let refused = [
        // credentials would go there
        ("aws.endpoint_url", config.aws.endpoint_url.is_some()),
        // what stands in it would be told in messages
        ("aws.accounts_file", config.aws.accounts_file.is_some()),
        ("aws.mfa_serial", config.aws.mfa_serial.is_some()),
        ("scan.catalog", config.scan.catalog.is_some()),
        ("exceptions", !config.exceptions.0.is_empty()),
        ("exceptions_file", config.exceptions_file.is_some()),
        ("outputs", !config.outputs.is_empty()),
        ("sinks", !config.sinks.is_empty()),
        ("coralogix", config.coralogix.is_some()),
        ("schedule", config.schedule.is_some()),
    ];
    if let Some((key, _)) = refused.iter().find(|(_, is_there)| *is_there) {
        bail!(
            "`{key}` has no place in an integration; leave it out, or say it in the server's own configuration"
        );
    }
    let aws = &config.aws;
    let secrets = [&aws.access_key_id, &aws.secret_access_key, &aws.session_token].into_iter();
    let of_accounts = aws.accounts.iter().flat_map(account_secrets);
    if secrets.chain(of_accounts).flatten().any(|secret| *secret.source() == SecretSource::Plain) {
        bail!(
            "a secret would be kept in the store; write `{{ env: VARIABLE }}` or `{{ file: PATH }}` in its place"
        );
    }
    Ok(loaded)
}

fn account_secrets(account: &AwsAccount) -> [&Option<Secret>; 3] {
    [&account.access_key_id, &account.secret_access_key, &account.session_token]
}
