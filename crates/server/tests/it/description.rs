//! The description, and the page that shows it.

use crate::server::{Server, chief};
use std::path::Path;

#[test]
fn the_kept_description_is_the_present_one() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/openapi.json");
    let kept = std::fs::read_to_string(kept).unwrap_or_default();
    assert!(kept == stance_server::openapi(), "out of date: run `cargo xtask docs` and commit the result");
}

#[tokio::test]
async fn the_description_is_served_and_shown() {
    let server = Server::new();
    let served = server.get(&chief(), "/api/openapi.json").await;
    assert_eq!(served.json(), server.description);
    let page = server.get(&chief(), "/api").await;
    let paths = server.description["paths"].as_object().unwrap();
    for path in paths.keys() {
        assert!(page.text().contains(path), "{path}");
    }
    assert!(!page.text().contains("https://"), "nothing is loaded from elsewhere");
}

#[tokio::test]
async fn every_example_of_the_documentation_works() {
    let server = Server::new();
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api.md")).unwrap();
    let commands = text.replace("\\\n", " ");
    let commands: Vec<&str> =
        commands.lines().filter(|line| line.trim_start().starts_with("curl ")).collect();
    assert!(commands.len() > 6, "{commands:?}");
    for command in commands {
        let (_, rest) = command.split_once("$STANCE").unwrap();
        let address = rest.split(['\'', '"']).next().unwrap().trim();
        let data = command.split("--data '").nth(1).and_then(|rest| rest.split('\'').next());
        let reply = match (data, command.contains("--data-binary")) {
            (Some(data), _) => server.post(&chief(), address, "application/json", data.to_owned()).await,
            (None, true) => {
                let run = crate::estate::bundle(&[(crate::estate::OURS, "shop", &[])], crate::estate::day(2));
                assert!(command.contains(stance_server::RUN_MEDIA_TYPE));
                server.post(&chief(), address, stance_server::RUN_MEDIA_TYPE, run).await
            }
            (None, false) => server.get(&chief(), address).await,
        };
        assert!(reply.status.is_success(), "{command}: {}", reply.text());
    }
}
