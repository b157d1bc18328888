//! `stance store`: look after the store.

use crate::cli::StoreCommand;
use crate::exit::Outcome;
use chrono::Utc;
use stance_store::{Address, Store};

/// Saves a store, or looks for damage.
pub fn run(command: &StoreCommand) -> anyhow::Result<Outcome> {
    match command {
        StoreCommand::Backup { database, to } => {
            Store::open(&Address::of(database))?.backup(to)?;
            println!("saved to {}", to.display());
        }
        StoreCommand::Check { database } => {
            Store::open(&Address::of(database))?.check()?;
            println!("the store is whole");
        }
        StoreCommand::Administrator { database, console } => {
            let link = Store::open(&Address::of(database))?.administrator_link(Utc::now())?;
            println!("{}/welcome/{}", console.trim_end_matches('/'), link.reveal());
            eprintln!("whoever opens it within an hour becomes an administrator; it works once");
        }
    }
    Ok(Outcome::Clean)
}
