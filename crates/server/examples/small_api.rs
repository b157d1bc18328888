//! Serves the API over a small estate on loopback: for the test of the API against its own description
//! (`tests/api.py`). Prints the address, and the token of somebody who may see and do all.

// it fails as tests do
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

#[allow(dead_code)]
#[path = "../tests/it/estate.rs"]
mod estate;
#[path = "../tests/it/people.rs"]
mod people;
#[path = "../tests/it/pretender.rs"]
mod pretender;

use people::{Somebody, token};
use stance_catalog::Catalog;
use stance_server::{Access, Console, Level, ListenOptions, ServeOptions, Server};
use stance_store::Accounts;
use std::sync::Arc;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let store = estate::store(folder.path());
    let chief = Somebody { name: "chief", level: Level::Manage, accounts: Accounts::All };
    let token = token(&store, &chief, estate::now());
    let console =
        Console::scanning(store, Catalog::built_in().unwrap(), estate::now, Arc::new(pretender::Pretender));
    let listen = ListenOptions {
        address: ([127, 0, 0, 1], 0).into(),
        tls: None,
        allow_plain: false,
        public_names: Vec::new(),
    };
    let server = Server::bind(console, &ServeOptions { listen, access: Access::People }).await.unwrap();
    println!("{}\n{token}", server.url());
    server.run(std::future::pending()).await.unwrap();
}
