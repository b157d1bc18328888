//! Each route with each level, and with nobody.

use super::*;
use crate::access::{Doors, Needs};
use axum::routing;

/// What each route must need, written a second time on purpose: a route that is new or needs something else must be
/// thought about twice.
const ROUTES: &[(&str, &str, Needs)] = &[
    ("GET", "/", Needs::Level(Level::Read)),
    ("GET", "/account", Needs::Session(Level::Read)),
    ("POST", "/account/password", Needs::Session(Level::Read)),
    ("POST", "/account/sessions/{number}/end", Needs::Session(Level::Read)),
    ("POST", "/account/tokens", Needs::Session(Level::Read)),
    ("POST", "/account/tokens/{number}/end", Needs::Session(Level::Read)),
    ("GET", "/agents", Needs::Administrator),
    ("POST", "/agents/policies", Needs::Administrator),
    ("GET", "/agents/policies/{number}", Needs::Administrator),
    ("POST", "/agents/policies/{number}/integrations", Needs::Administrator),
    ("POST", "/agents/policies/{number}/remove", Needs::Administrator),
    ("POST", "/agents/policies/{number}/tokens", Needs::Administrator),
    ("POST", "/agents/policies/{number}/tokens/{token}/end", Needs::Administrator),
    ("GET", "/agents/{number}", Needs::Administrator),
    ("POST", "/agents/{number}/move", Needs::Administrator),
    ("POST", "/agents/{number}/revoke", Needs::Administrator),
    ("GET", "/alerts", Needs::Level(Level::Read)),
    ("POST", "/alerts", Needs::Session(Level::Write)),
    ("GET", "/alerts/new", Needs::Session(Level::Write)),
    ("GET", "/alerts/{number}", Needs::Level(Level::Read)),
    ("POST", "/alerts/{number}", Needs::Session(Level::Write)),
    ("POST", "/alerts/{number}/end", Needs::Session(Level::Write)),
    ("POST", "/alerts/{number}/test", Needs::Session(Level::Write)),
    ("GET", "/api", Needs::Level(Level::Read)),
    ("GET", "/api/openapi.json", Needs::Level(Level::Read)),
    ("GET", "/api/v1/accounts", Needs::Level(Level::Read)),
    ("GET", "/api/v1/alerts", Needs::Level(Level::Read)),
    ("POST", "/api/v1/alerts", Needs::Level(Level::Write)),
    ("GET", "/api/v1/alerts/{number}", Needs::Level(Level::Read)),
    ("POST", "/api/v1/alerts/{number}", Needs::Level(Level::Write)),
    ("DELETE", "/api/v1/alerts/{number}", Needs::Level(Level::Write)),
    ("POST", "/api/v1/alerts/{number}/test", Needs::Level(Level::Write)),
    ("GET", "/api/v1/assets", Needs::Level(Level::Read)),
    ("GET", "/api/v1/assets/{number}", Needs::Level(Level::Read)),
    ("GET", "/api/v1/benchmarks", Needs::Level(Level::Read)),
    ("GET", "/api/v1/benchmarks/{id}", Needs::Level(Level::Read)),
    ("GET", "/api/v1/channels", Needs::Level(Level::Write)),
    ("GET", "/api/v1/exceptions", Needs::Level(Level::Read)),
    ("POST", "/api/v1/exceptions", Needs::Level(Level::Write)),
    ("GET", "/api/v1/exceptions/{number}", Needs::Level(Level::Read)),
    ("POST", "/api/v1/exceptions/{number}", Needs::Level(Level::Write)),
    ("POST", "/api/v1/exceptions/{number}/end", Needs::Level(Level::Write)),
    ("GET", "/api/v1/findings", Needs::Level(Level::Read)),
    ("GET", "/api/v1/findings/{id}", Needs::Level(Level::Read)),
    ("POST", "/api/v1/findings/{id}/assign", Needs::Level(Level::Write)),
    ("GET", "/api/v1/findings/{id}/handling", Needs::Level(Level::Read)),
    ("POST", "/api/v1/findings/{id}/notes", Needs::Level(Level::Write)),
    ("GET", "/api/v1/groups", Needs::Level(Level::Read)),
    ("GET", "/api/v1/integrations", Needs::Everything(Level::Manage)),
    ("POST", "/api/v1/integrations", Needs::Everything(Level::Manage)),
    ("GET", "/api/v1/integrations/{number}", Needs::Everything(Level::Manage)),
    ("POST", "/api/v1/integrations/{number}", Needs::Everything(Level::Manage)),
    ("DELETE", "/api/v1/integrations/{number}", Needs::Everything(Level::Manage)),
    ("POST", "/api/v1/integrations/{number}/disable", Needs::Everything(Level::Manage)),
    ("POST", "/api/v1/integrations/{number}/enable", Needs::Everything(Level::Manage)),
    ("POST", "/api/v1/integrations/{number}/scan", Needs::Everything(Level::Manage)),
    ("POST", "/api/v1/integrations/{number}/stop", Needs::Everything(Level::Manage)),
    ("POST", "/api/v1/integrations/{number}/trial", Needs::Everything(Level::Manage)),
    ("GET", "/api/v1/integrations/{number}/trial", Needs::Everything(Level::Manage)),
    ("GET", "/api/v1/onboarding", Needs::Everything(Level::Manage)),
    ("GET", "/api/v1/overview", Needs::Level(Level::Read)),
    ("GET", "/api/v1/report", Needs::Level(Level::Read)),
    ("GET", "/api/v1/rules", Needs::Level(Level::Read)),
    ("GET", "/api/v1/rules/{id}", Needs::Level(Level::Read)),
    ("POST", "/api/v1/rules/{id}/parameters", Needs::Everything(Level::Write)),
    ("GET", "/api/v1/rules/{id}/settings", Needs::Level(Level::Read)),
    ("POST", "/api/v1/rules/{id}/switch-off", Needs::Everything(Level::Write)),
    ("POST", "/api/v1/rules/{id}/switch-on", Needs::Everything(Level::Write)),
    ("GET", "/api/v1/runs", Needs::Level(Level::Read)),
    ("POST", "/api/v1/runs", Needs::Level(Level::Manage)),
    ("GET", "/api/v1/runs/{run}", Needs::Level(Level::Read)),
    ("POST", "/api/v1/runs/{run}/stop", Needs::Everything(Level::Manage)),
    ("GET", "/api/v1/trend", Needs::Level(Level::Read)),
    ("GET", "/assets", Needs::Level(Level::Read)),
    ("GET", "/assets/{number}", Needs::Level(Level::Read)),
    ("GET", "/benchmarks", Needs::Level(Level::Read)),
    ("GET", "/benchmarks/{id}", Needs::Level(Level::Read)),
    ("GET", "/benchmarks/{id}/compare", Needs::Level(Level::Read)),
    ("GET", "/exceptions", Needs::Level(Level::Read)),
    ("POST", "/exceptions", Needs::Session(Level::Write)),
    ("GET", "/exceptions/{number}", Needs::Level(Level::Read)),
    ("POST", "/exceptions/{number}", Needs::Session(Level::Write)),
    ("POST", "/exceptions/{number}/end", Needs::Session(Level::Write)),
    ("GET", "/findings", Needs::Level(Level::Read)),
    ("GET", "/findings.csv", Needs::Level(Level::Read)),
    ("GET", "/findings.json", Needs::Level(Level::Read)),
    ("GET", "/findings.ocsf.json", Needs::Level(Level::Read)),
    ("GET", "/findings/{id}", Needs::Level(Level::Read)),
    ("POST", "/findings/{id}/accept", Needs::Session(Level::Write)),
    ("POST", "/findings/{id}/assign", Needs::Session(Level::Write)),
    ("POST", "/findings/{id}/notes", Needs::Session(Level::Write)),
    ("GET", "/healthz", Needs::Probe),
    ("GET", "/integrations", Needs::Administrator),
    ("POST", "/integrations", Needs::Administrator),
    ("GET", "/integrations/new", Needs::Administrator),
    ("GET", "/integrations/onboarding", Needs::Administrator),
    ("GET", "/integrations/{number}", Needs::Administrator),
    ("POST", "/integrations/{number}", Needs::Administrator),
    ("POST", "/integrations/{number}/remove", Needs::Administrator),
    ("POST", "/integrations/{number}/runner", Needs::Administrator),
    ("POST", "/integrations/{number}/scan", Needs::Administrator),
    ("POST", "/integrations/{number}/trial", Needs::Administrator),
    ("GET", "/metrics", Needs::Everything(Level::Read)),
    ("GET", "/readyz", Needs::Probe),
    ("GET", "/reports", Needs::Level(Level::Read)),
    ("GET", "/reports/download", Needs::Level(Level::Read)),
    ("GET", "/rules", Needs::Level(Level::Read)),
    ("GET", "/rules/{id}", Needs::Level(Level::Read)),
    ("POST", "/rules/{id}/parameters", Needs::Everything(Level::Write)),
    ("POST", "/rules/{id}/switch", Needs::Everything(Level::Write)),
    ("GET", "/runs", Needs::Level(Level::Read)),
    ("GET", "/runs/{number}", Needs::Level(Level::Read)),
    ("POST", "/runs/{number}/stop", Needs::Administrator),
    ("GET", "/settings/audit", Needs::Administrator),
    ("GET", "/settings/history", Needs::Administrator),
    ("POST", "/settings/history", Needs::Administrator),
    ("GET", "/settings/users", Needs::Administrator),
    ("POST", "/settings/users", Needs::Administrator),
    ("GET", "/settings/users/{number}", Needs::Administrator),
    ("POST", "/settings/users/{number}", Needs::Administrator),
    ("POST", "/settings/users/{number}/link", Needs::Administrator),
    ("GET", "/sign-in", Needs::Anyone),
    ("POST", "/sign-in", Needs::Anyone),
    ("POST", "/sign-out", Needs::Session(Level::Read)),
    ("GET", "/static/console.js", Needs::Nothing),
    ("GET", "/static/mark.svg", Needs::Nothing),
    ("GET", "/static/style.css", Needs::Nothing),
    ("GET", "/welcome/{link}", Needs::Anyone),
    ("POST", "/welcome/{link}", Needs::Anyone),
    ("POST", "/xdr/get-report", Needs::Level(Level::Read)),
];

#[test]
fn every_route_needs_what_was_meant() {
    let (_, stated) = crate::router::doors().into_parts();
    let stated: Vec<(&str, &str, Needs)> =
        stated.all().map(|(path, method, needs)| (method.as_str(), path, needs)).collect();
    assert_eq!(stated, ROUTES);
}

/// A path with something in it that is there, where that matters.
fn filled(path: &str) -> String {
    let nobody = "0".repeat(64);
    path.replace("{number}", "1").replace("{link}", &nobody).replace("{id}", "x").replace("{run}", "x")
}

/// A request that changes something, as a page of a session sends it.
fn change(method: &Method, path: &str, session: &Secret) -> Request {
    let mut request = form(path, session, &[]);
    *request.method_mut() = method.clone();
    request
}

/// How an answer treats whoever asks.
#[derive(Debug, PartialEq, Eq)]
enum Treated {
    LetThrough,
    AskedWho,
    Refused,
}

fn treated(answer: &Answer) -> Treated {
    match answer.status {
        StatusCode::UNAUTHORIZED => Treated::AskedWho,
        StatusCode::SEE_OTHER if answer.location().starts_with("/sign-in") => Treated::AskedWho,
        StatusCode::FORBIDDEN => Treated::Refused,
        _ => Treated::LetThrough,
    }
}

#[tokio::test]
async fn each_route_with_each_level_and_with_nobody() {
    let world = World::new();
    world.root();
    let people: Vec<(PersonId, Level, bool)> = Level::ALL
        .into_iter()
        .flat_map(|level| [(level, true), (level, false)])
        .map(|(level, is_limited)| {
            let accounts = if is_limited { only_mine() } else { Accounts::All };
            let name = format!("{}-{is_limited}", level.as_str());
            (world.person(&name, level, &accounts), level, is_limited)
        })
        .collect();
    for (method, path, needs) in ROUTES {
        let (method, address) = (method.parse::<Method>().unwrap(), filled(path));
        let visit = Secret::random().unwrap();
        let nobody = match method {
            Method::GET => get(&address, None),
            _ => change(&method, &address, &visit),
        };
        let told = world.ask(nobody).await;
        let expected = match needs {
            // a wrong password is told as such
            Needs::Anyone if *path == "/sign-in" && method == Method::POST => Treated::AskedWho,
            Needs::Probe | Needs::Nothing | Needs::Anyone => Treated::LetThrough,
            _ => Treated::AskedWho,
        };
        assert_eq!(treated(&told), expected, "{method} {path} by nobody: {}", told.status);
        for (id, level, is_limited) in &people {
            // each has a session of its own, since some routes end it
            let session = world.session(*id);
            let request = match method {
                Method::GET => get(&address, Some(&session)),
                _ => change(&method, &address, &session),
            };
            let told = world.ask(request).await;
            let is_enough = match needs {
                Needs::Probe | Needs::Nothing | Needs::Anyone => true,
                Needs::Level(needed) | Needs::Session(needed) => level >= needed,
                Needs::Everything(needed) => level >= needed && !is_limited,
                Needs::Administrator => *level == Level::Manage && !is_limited,
            };
            let signing = path.starts_with("/sign-");
            let expected = if is_enough { Treated::LetThrough } else { Treated::Refused };
            assert!(
                signing || treated(&told) == expected,
                "{method} {path} by {level:?}, limited: {is_limited}: {}",
                told.status
            );
            let told = world.ask(bearing(&method, &address, &world.token(*id))).await;
            let is_enough = is_enough && !matches!(needs, Needs::Session(_) | Needs::Administrator);
            let expected = if is_enough { Treated::LetThrough } else { Treated::Refused };
            let takes_forms = matches!(needs, Needs::Anyone);
            assert!(
                takes_forms || treated(&told) == expected,
                "{method} {path} by a token of {level:?}: {}",
                told.status
            );
        }
    }
}

#[tokio::test]
async fn a_route_of_which_nothing_is_stated_is_not_answered() {
    let handler = || async { "open to the world" };
    let unstated = Router::new()
        .route("/unstated", routing::get(handler).post(handler))
        .route("/half", routing::get(handler).post(handler))
        .nest("/api", Router::new().route("/{id}", routing::get(handler).delete(handler)));
    let doors = Doors::default()
        .merge(unstated)
        .state(&Method::GET, "/half", Needs::Level(Level::Read))
        .state(&Method::GET, "/api/{id}", Needs::Level(Level::Write));
    let world = World::with(doors, Entrance::of(Access::People));
    let root = world.root();
    let (session, token) = (world.session(root), world.token(root));
    for request in [
        get("/unstated", None),
        get("/unstated", Some(&session)),
        bearing(&Method::GET, "/unstated", &token),
        form("/unstated", &session, &[]),
        form("/half", &session, &[]),
        bearing(&Method::POST, "/half", &token),
        bearing(&Method::DELETE, "/api/1", &token),
        get("/half", None),
        get("/api/1", None),
        bearing(&Method::GET, "/api/1", &world.token(world.person("ada", Level::Read, &Accounts::All))),
    ] {
        let told = world.ask(request).await;
        assert!(!told.status.is_success() && !told.text.contains("open to the world"), "{}", told.status);
    }
    // and what is stated is
    assert_eq!(world.ask(get("/half", Some(&session))).await.text, "open to the world");
    assert_eq!(world.ask(bearing(&Method::GET, "/api/1", &token)).await.text, "open to the world");
    assert_eq!(world.ask(get("/api/1", None)).await.status, StatusCode::UNAUTHORIZED);
    let head = world.ask(to(&Method::HEAD, "/half").body(Body::empty()).unwrap()).await;
    assert_ne!(head.status, StatusCode::OK, "HEAD passes where GET does not");
}

#[tokio::test]
async fn where_everybody_may_look_nothing_can_be_changed() {
    let world = World::with(crate::router::doors(), Entrance::of(Access::Open));
    world.root();
    for (method, path, needs) in ROUTES {
        let (method, address) = (method.parse::<Method>().unwrap(), filled(path));
        let visit = Secret::random().unwrap();
        let is_change = method != Method::GET;
        let told =
            world.ask(if is_change { change(&method, &address, &visit) } else { get(&address, None) }).await;
        let is_refused = told.status == StatusCode::FORBIDDEN;
        let is_for_people = matches!(needs, Needs::Session(_) | Needs::Administrator);
        // whoever looks at a demonstration has the least level
        let is_for_more =
            matches!(needs, Needs::Level(level) | Needs::Everything(level) if *level > Level::Read);
        // a question that is posted changes nothing
        let is_change = is_change && *needs != Needs::Level(Level::Read);
        assert_eq!(is_refused, is_change || is_for_people || is_for_more, "{method} {path}: {}", told.status);
    }
    assert!(world.ask(get("/", None)).await.text.contains("zanzibar"));
}
