//! Other people's accounts: not on any page, in no number, and not by a guessed address.

use super::*;
use stance_store::{Constraints, Position};

/// What only whoever sees the other account knows.
const HIDDEN: [&str; 3] = [OTHER, "zanzibar", "treasure"];

fn other_things(world: &World) -> (Vec<i64>, Vec<String>) {
    let census = world.store.census().unwrap();
    let other = census.scopes.values().find(|scope| scope.id.as_str() == OTHER).unwrap().number;
    let cells: Vec<_> = census.cells.iter().filter(|cell| cell.scope == other).collect();
    let page = world.store.findings(&census, &cells, &Constraints::default(), Position::Start, 50).unwrap();
    assert_eq!(page.findings.len(), 4);
    (
        page.findings.iter().map(|finding| finding.resource).collect(),
        page.findings.iter().map(|finding| finding.id.clone()).collect(),
    )
}

#[tokio::test]
async fn whoever_is_limited_to_accounts_meets_no_other() {
    let world = World::new();
    world.root();
    let limited = world.person("ada", Level::Manage, &only_mine());
    let everything = world.person("bob", Level::Read, &Accounts::All);
    let (assets, findings) = other_things(&world);
    let mut paths = vec![
        "/".to_owned(),
        "/findings".to_owned(),
        "/findings?group=account".to_owned(),
        "/findings?group=account,rule,unit".to_owned(),
        "/findings?sort=account".to_owned(),
        "/findings?q=tre".to_owned(),
        format!("/findings?account={OTHER}"),
        "/assets".to_owned(),
        "/assets?q=tre".to_owned(),
        format!("/assets?account={OTHER}"),
        "/assets?type=AWS::S3::Bucket".to_owned(),
        "/benchmarks".to_owned(),
        "/rules".to_owned(),
        format!("/rules/{}", estate::RULES[0]),
        "/runs".to_owned(),
        "/runs/1".to_owned(),
        "/runs/2".to_owned(),
        "/reports".to_owned(),
        "/alerts".to_owned(),
        "/account".to_owned(),
    ];
    paths.extend(assets.iter().map(|number| format!("/assets/{number}")));
    paths.extend(assets.iter().map(|number| format!("/findings?resource={number}")));
    paths.extend(findings.iter().map(|id| format!("/findings/{id}")));
    let (session, token) = (world.session(limited), world.token(limited));
    let mut told_to_all = String::new();
    for path in &paths {
        for request in [get(path, Some(&session)), bearing(&Method::GET, path, &token)] {
            let told = world.ask(request).await;
            if path == "/account" && told.status == StatusCode::FORBIDDEN {
                // it is for people, not for their tokens
                continue;
            }
            let is_there = !told.text.contains("Sign in");
            assert!(is_there && told.status != StatusCode::FORBIDDEN, "{path}: {}", told.status);
            for hidden in HIDDEN {
                // what the address itself says is no news
                let asked = path.contains(hidden) || (hidden == "treasure" && path.contains("q=tre"));
                let text = told.text.replace("q=tre", "");
                assert!(!text.contains(hidden) || asked && hidden == OTHER, "{path} tells `{hidden}`");
            }
        }
        told_to_all += &world.ask(get(path, Some(&world.session(everything)))).await.text;
    }
    // the test looks where these words are to be found
    for hidden in HIDDEN {
        assert!(told_to_all.contains(hidden), "{hidden}");
    }
    for path in paths.iter().filter(|path| path.starts_with("/assets/") || path.starts_with("/findings/")) {
        let told = world.ask(get(path, Some(&session))).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn numbers_are_about_ones_own_accounts() {
    let world = World::new();
    world.root();
    let limited = world.session(world.person("ada", Level::Read, &only_mine()));
    let nothing = world.session(world.person("new", Level::Read, &Accounts::Only([].into())));
    let all = world.session(world.person("bob", Level::Read, &Accounts::All));
    let text = |path: &'static str, session: &Secret| world.ask(get(path, Some(session)));
    for (session, findings, resources, runs) in [
        (&limited, "2 findings", "1 resource", 1),
        (&nothing, "0 findings", "0 resources", 0),
        (&all, "6 findings", "3 resources", 2),
    ] {
        let told = text("/findings", session).await.text;
        assert!(told.contains(findings), "{findings}: {told}");
        let told = text("/assets", session).await.text;
        assert!(told.contains(resources), "{resources}: {told}");
        let told = text("/runs", session).await.text;
        assert_eq!(told.matches("data-href=\"/runs/").count(), runs, "{told}");
    }
    // the second run met the other account only
    assert_eq!(text("/runs/2", &limited).await.status, StatusCode::NOT_FOUND);
    assert_eq!(text("/runs/1", &nothing).await.status, StatusCode::NOT_FOUND);
    let told = text("/runs/1", &limited).await.text;
    assert!(told.contains("<dt>Resources</dt><dd>1</dd>"), "{told}");
}
