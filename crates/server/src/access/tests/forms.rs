//! Requests that a page of elsewhere makes, hostile names of the host, and too much of anything.

use super::*;

/// What a form that invites an administrator of the attacker's would be.
const FIELDS: &str = "name=eve&level=manage&reach=all";

fn forged(session: &Secret, token: &str, header: (&str, &str)) -> Request {
    let body = if token.is_empty() { FIELDS.to_owned() } else { format!("{FIELDS}&form_token={token}") };
    to(&Method::POST, "/settings/users")
        .header(header::COOKIE, format!("stance={}", session.reveal()))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header.0, header.1)
        .body(Body::from(body))
        .unwrap()
}

#[tokio::test]
async fn a_form_without_the_sessions_own_token_or_from_elsewhere_changes_nothing() {
    let world = World::new();
    let session = world.session(world.root());
    let other = world.session(world.person("other", Level::Manage, &Accounts::All));
    let (right, theirs) = (session.derived("form"), other.derived("form"));
    let none = ("x-nothing", "");
    for (what, request) in [
        ("no token", forged(&session, "", none)),
        ("a wrong token", forged(&session, &"0".repeat(64), none)),
        ("a part of the token", forged(&session, &right[..63], none)),
        ("the token of another session", forged(&session, &theirs, none)),
        ("the session's own secret", forged(&session, session.reveal(), none)),
        ("another origin", forged(&session, &right, ("origin", "http://evil.example"))),
        ("another port", forged(&session, &right, ("origin", "http://localhost:9999"))),
        ("a hidden origin", forged(&session, &right, ("origin", "null"))),
        ("another site", forged(&session, &right, ("sec-fetch-site", "cross-site"))),
        ("a neighbour", forged(&session, &right, ("sec-fetch-site", "same-site"))),
        ("another kind of body", {
            let mut request = forged(&session, &right, none);
            request.headers_mut().insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
            request
        }),
        ("the token in the address", {
            let mut request = forged(&session, "", none);
            *request.uri_mut() = format!("/settings/users?form_token={right}").parse().unwrap();
            request
        }),
    ] {
        let told = world.ask(request).await;
        assert_eq!(told.status, StatusCode::FORBIDDEN, "{what}");
    }
    assert_eq!(world.store.people().unwrap().len(), 2);
    // and without any of that it works
    assert_eq!(world.ask(forged(&session, &right, none)).await.status, StatusCode::OK);
    assert_eq!(world.store.people().unwrap().len(), 3);
}

#[tokio::test]
async fn a_token_beside_a_cookie_does_not_spare_the_form_its_token() {
    let handler = || async { "changed" };
    let needs = super::super::Needs::Level(Level::Write);
    let doors =
        super::super::Doors::default().route(&Method::POST, "/change", needs, axum::routing::post(handler));
    let world = World::with(doors, Entrance::of(Access::People));
    let root = world.root();
    let (session, token) = (world.session(root), world.token(root));
    assert_eq!(world.ask(bearing(&Method::POST, "/change", &token)).await.text, "changed");
    let mut both = bearing(&Method::POST, "/change", &token);
    let cookie = format!("stance={}", session.reveal());
    both.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
    assert_eq!(world.ask(both).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.ask(form("/change", &session, &[])).await.text, "changed");
}

#[tokio::test]
async fn signing_in_takes_the_token_of_the_visit() {
    let world = World::new();
    world.root();
    let (mine, theirs) = (Secret::random().unwrap(), Secret::random().unwrap());
    let fields = format!("name=root&password={}", PASSWORD.replace(' ', "+"));
    let with = |cookie: Option<&Secret>, token: &str| {
        let request =
            to(&Method::POST, "/sign-in").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = match cookie {
            Some(cookie) => request.header(header::COOKIE, format!("stance={}", cookie.reveal())),
            None => request,
        };
        request.body(Body::from(format!("{fields}&form_token={token}"))).unwrap()
    };
    for request in [
        with(None, ""),
        with(None, &mine.derived("form")),
        with(Some(&mine), ""),
        with(Some(&mine), &theirs.derived("form")),
    ] {
        assert_eq!(world.ask(request).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(world.ask(with(Some(&mine), &mine.derived("form"))).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn only_the_servers_own_names_are_answered() {
    let entrance = Entrance::of(Access::People).with_names(&["Stance.example.com".to_owned()]);
    let world = World::with(crate::router::doors(), entrance);
    world.root();
    let with = |hosts: &[&str], uri: &str| {
        let mut request = Request::builder().uri(uri);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        request.body(Body::empty()).unwrap()
    };
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080", "stance.example.com"] {
        assert_eq!(world.ask(with(&[host], "/static/style.css")).await.status, StatusCode::OK, "{host}");
        assert_eq!(world.ask(with(&[host], "/sign-in")).await.status, StatusCode::OK, "{host}");
    }
    for (hosts, uri) in [
        (&["evil.example"][..], "/sign-in"),
        (&["evil.example"], "/static/style.css"),
        (&["evil.example"], "/nowhere"),
        (&["localhost.evil.example"], "/sign-in"),
        (&["192.0.2.1"], "/sign-in"),
        (&["localhost", "evil.example"], "/sign-in"),
        (&["localhost", "localhost"], "/sign-in"),
        (&["localhost"], "http://evil.example/sign-in"),
        (&["localhost/evil"], "/sign-in"),
        (&["localhost:80:80"], "/sign-in"),
        (&[""], "/sign-in"),
        (&[], "/sign-in"),
    ] {
        let told = world.ask(with(hosts, uri)).await;
        assert_eq!(told.status, StatusCode::MISDIRECTED_REQUEST, "{hosts:?} {uri}");
        assert!(!told.headers.contains_key(header::SET_COOKIE));
        assert!(told.headers.contains_key(header::CONTENT_SECURITY_POLICY));
    }
}

#[tokio::test]
async fn forms_that_are_too_large_are_refused() {
    let world = World::new();
    let session = world.session(world.root());
    let large = "x".repeat(80 * 1024);
    let told = world.ask(form("/settings/users", &session, &[("name", &large)])).await;
    assert_eq!(told.status, StatusCode::PAYLOAD_TOO_LARGE);
    let told = world.ask(form("/sign-in", &Secret::random().unwrap(), &[("password", &large)])).await;
    assert_eq!(told.status, StatusCode::PAYLOAD_TOO_LARGE);
    let told =
        world.ask(form("/sign-in", &session, &[("name", "root"), ("password", &large[..60_000])])).await;
    assert_eq!(told.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn paths_lead_to_no_file() {
    let world = World::new();
    let session = world.session(world.root());
    for path in [
        "/static/../Cargo.toml",
        "/static/..%2f..%2fCargo.toml",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static//etc/passwd",
        "/static/style.css/..",
        "/rules/..%2f..%2fetc%2fpasswd",
        "/benchmarks/%2e%2e%2f",
        "/findings/..%5c..",
        "/assets/%00",
        "/assets/-1",
        "/assets/99999999999999999999",
        "/runs/0x1",
        "/settings/users/999",
        "/findings/%ff",
    ] {
        let told = world.ask(get(path, Some(&session))).await;
        assert!(
            matches!(told.status, StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST),
            "{path}: {}",
            told.status
        );
        assert!(!told.text.contains("root:") && !told.text.contains("[package]"), "{path}");
    }
}
