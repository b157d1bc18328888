//! `stance serve`: the console, the API and the scheduler.

use crate::cli::Serve;
use crate::exit::Outcome;
use crate::serving::Scans;
use crate::signals::told_to_end;
use crate::{configuration, knowledge};
use anyhow::Context;
use chrono::Utc;
use stance_catalog::Part;
use stance_server::{Access, AlertOptions, Console, ListenOptions, ServeOptions, Server, TlsFiles};
use stance_store::{Address, Store};
use std::path::Path;
use std::sync::Arc;

/// Serves until it is interrupted.
pub fn run(serve: &Serve, config: Option<&Path>) -> anyhow::Result<Outcome> {
    let loaded = configuration::load(config, Vec::new())?;
    let catalog = knowledge::catalog(
        loaded.config.scan.catalog.as_ref().map(stance_config::InputPath::as_path),
        &[Part::Benchmarks, Part::Examples],
    )?;
    let address = Address::of(&serve.database);
    let store = Store::open(&address).with_context(|| format!("the store `{address}`"))?;
    store.learn_rules(stance_server::named_rules(&catalog))?;
    let console = if serve.no_scans {
        Console::new(store, catalog, Utc::now)
    } else {
        let scans = Scans::new(Store::open(&address)?, loaded)?;
        Console::scanning(store, catalog, Utc::now, Arc::new(scans))
    };
    let console = console.with_alerts(AlertOptions::of_process()?);
    let options = ServeOptions { listen: listen(serve), access: Access::People };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = Server::bind(console, &options).await?;
        println!("The console: {}  (Ctrl-C ends it)", server.url());
        if let Some(link) = server.administrator_link().await? {
            println!("Become its administrator, within an hour: {link}");
        }
        server.run(told_to_end()).await?;
        anyhow::Ok(())
    })?;
    // scans that did not end in time are taken up by the next start
    runtime.shutdown_background();
    Ok(Outcome::Clean)
}

fn listen(serve: &Serve) -> ListenOptions {
    let tls = serve.tls_certificate.as_ref().zip(serve.tls_key.as_ref());
    ListenOptions {
        address: serve.listen,
        tls: tls.map(|(certificate, key)| TlsFiles { certificate: certificate.clone(), key: key.clone() }),
        allow_plain: serve.allow_plain_http,
        public_names: serve.public_name.clone(),
    }
}
