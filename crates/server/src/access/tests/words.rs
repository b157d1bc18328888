//! Script in what people and clouds name: shown as it is, never run.

use super::*;
use crate::query::Query;

const SCRIPT: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

#[tokio::test]
async fn script_in_names_and_tags_is_only_text() {
    let world = World::new();
    let root = world.root();
    let link = world.store.new_link(root, &super::root(), clock()).unwrap();
    world.store.use_link(&link, SCRIPT, &hash(), "::1", clock()).unwrap();
    let session = world.store.begin_session(root, SCRIPT, SCRIPT, clock()).unwrap().1;
    let told = world
        .ask(form(
            "/account/tokens",
            &session,
            &[("name", SCRIPT), ("level", "read"), ("reach", "these"), ("accounts", SCRIPT), ("days", "7")],
        ))
        .await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let census = world.store.census().unwrap();
    let assets = world.store.assets(&census, |_, _, _| true, "logs", 0, 5).unwrap();
    let asset = format!("/assets/{}", assets.assets[0].number);
    let number = root.number();
    let mut shown = 0;
    for path in [
        "/".to_owned(),
        "/account".to_owned(),
        "/settings/users".to_owned(),
        format!("/settings/users/{number}"),
        "/settings/audit".to_owned(),
        asset,
        Query::default().set("q", SCRIPT).set("account", SCRIPT).set("tag", SCRIPT).address("/findings"),
        Query::default().set("q", SCRIPT).set("type", SCRIPT).address("/assets"),
        format!("/rules/{}", crate::query::segment(SCRIPT)),
        format!("/findings/{}", crate::query::segment(SCRIPT)),
    ] {
        let told = world.ask(get(&path, Some(&session))).await;
        for tag in ["<script>alert", "<img src=x", "<u>"] {
            assert!(!told.text.contains(tag), "{path} runs {tag}");
        }
        shown += told.text.matches("&lt;script&gt;alert").count();
        let policy = told.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    }
    assert!(shown > 10, "the names are not where the test looks: {shown}");
}

#[tokio::test]
async fn what_is_about_somebody_is_kept_by_no_cache() {
    let world = World::new();
    let session = world.session(world.root());
    for path in ["/", "/account", "/settings/users", "/sign-in", "/nowhere"] {
        let told = world.ask(get(path, Some(&session))).await;
        assert_eq!(told.headers[header::CACHE_CONTROL], "no-store", "{path}");
        // browsers hide the origin of forms where nothing may be referred to
        assert_eq!(told.headers[header::REFERRER_POLICY], "same-origin", "{path}");
    }
}
