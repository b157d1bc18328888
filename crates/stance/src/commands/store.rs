//! `stance store`: look after the store.

use crate::cli::StoreCommand;
use crate::exit::Outcome;
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
    }
    Ok(Outcome::Clean)
}
