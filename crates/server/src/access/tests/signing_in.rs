//! Sessions and tokens: forged, replayed, ended, fixed, somebody else's; tries, and where people go afterwards.

use super::*;
use stance_store::PersonChange;

/// Signs in as a browser does; `cookie` is what it bears before.
async fn sign_in(world: &World, cookie: &Secret, name: &str, password: &str, to: &str) -> Answer {
    world.ask(form("/sign-in", cookie, &[("name", name), ("password", password), ("to", to)])).await
}

async fn is_in(world: &World, secret: &Secret) -> bool {
    world.ask(get("/account", Some(secret))).await.status == StatusCode::OK
}

#[tokio::test]
async fn the_first_administrator_comes_in_by_the_link_once_and_invites_others() {
    let world = World::new();
    let told = world.ask(get("/sign-in", None)).await;
    assert!(told.text.contains("Nobody can sign in yet"), "{}", told.text);
    let link = world.store.first_administrator_link(clock()).unwrap().unwrap();
    let path = format!("/welcome/{}", link.reveal());
    let page = world.ask(get(&path, None)).await;
    assert_eq!(page.status, StatusCode::OK);
    let visit = page.cookie().unwrap();
    let fields = [("name", "Root"), ("password", PASSWORD), ("again", PASSWORD)];
    let short = [("name", "root"), ("password", "short"), ("again", "short")];
    let differing = [("name", "root"), ("password", PASSWORD), ("again", "something else")];
    for wrong in [short, differing] {
        assert_eq!(world.ask(form(&path, &visit, &wrong)).await.status, StatusCode::BAD_REQUEST);
    }
    let done = world.ask(form(&path, &visit, &fields)).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/"));
    let root = done.cookie().unwrap();
    assert!(is_in(&world, &root).await && !is_in(&world, &visit).await);
    assert_eq!(world.ask(form(&path, &visit, &fields)).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.ask(get(&path, None)).await.status, StatusCode::BAD_REQUEST);

    let invited = [("name", "ada"), ("level", "read"), ("reach", "these"), ("accounts", ACCOUNT)];
    let told = world.ask(form("/settings/users", &root, &invited)).await;
    let (_, rest) = told.text.split_once("http://localhost:8080/welcome/").unwrap();
    let path = format!("/welcome/{}", &rest[..64]);
    let fields = [("called", "Ada"), ("password", PASSWORD), ("again", PASSWORD)];
    let ada = world.ask(form(&path, &visit, &fields)).await.cookie().unwrap();
    assert!(is_in(&world, &ada).await);
    assert_eq!(world.ask(form(&path, &visit, &fields)).await.status, StatusCode::BAD_REQUEST);
    assert!(!world.ask(get("/settings/users", Some(&root))).await.text.contains(&rest[..64]));
}

#[tokio::test]
async fn a_session_is_a_new_one_at_each_sign_in_and_no_planted_one() {
    let world = World::new();
    let root = world.root();
    // a cookie that somebody planted, known to them
    let planted = Secret::random().unwrap();
    let told = sign_in(&world, &planted, "root", PASSWORD, "").await;
    let own = told.cookie().unwrap();
    assert_ne!(own, planted);
    assert!(!is_in(&world, &planted).await && is_in(&world, &own).await);
    // the session of somebody else who used the browser before is not taken over
    let other = world.session(world.person("eve", Level::Read, &Accounts::All));
    let again = sign_in(&world, &other, "root", PASSWORD, "").await.cookie().unwrap();
    assert!(again != own && again != other);
    assert_eq!(world.store.session(&again, clock()).unwrap().unwrap().person.id, root);
    let set = told.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.starts_with("stance=") && set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
}

#[tokio::test]
async fn over_tls_the_cookie_is_kept_to_it() {
    let world = World::with(crate::router::doors(), Entrance::of(Access::People).with_tls());
    let root = world.root();
    let told = world.ask(get("/sign-in", None)).await;
    let set = told.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.starts_with("__Host-stance=") && set.contains("; Secure") && set.contains("Path=/"), "{set}");
    assert!(!set.contains("Domain"), "{set}");
    assert!(told.headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    // the plain name, which an unsafe page could have set, opens nothing
    assert!(!is_in(&world, &world.session(root)).await);
}

#[tokio::test]
async fn forged_ended_expired_and_doubled_sessions_open_nothing() {
    let world = World::new();
    let root = world.root();
    let session = world.session(root);
    assert!(is_in(&world, &session).await);
    let out = world.ask(form("/sign-out", &session, &[])).await;
    assert_eq!((out.status, out.location()), (StatusCode::SEE_OTHER, "/sign-in"));
    assert!(out.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert!(!is_in(&world, &session).await, "a session that was ended works");
    assert!(!is_in(&world, &Secret::random().unwrap()).await);
    let (one, two) = (world.session(root), world.session(root));
    let both = format!("stance={}; stance={}", one.reveal(), two.reveal());
    let doubled = page("/account").header(header::COOKIE, both).body(Body::empty()).unwrap();
    assert_eq!(world.ask(doubled).await.status, StatusCode::SEE_OTHER);
    for odd in ["stance=", "stance", "stance=' OR 1=1 --", "=", ";;;", "stance=\u{fc}"] {
        let request = page("/account").header(header::COOKIE, odd.as_bytes()).body(Body::empty());
        assert_eq!(world.ask(request.unwrap()).await.status, StatusCode::SEE_OTHER, "{odd}");
    }
    wait(TimeDelta::hours(12));
    assert!(!is_in(&world, &one).await, "an idle session works");
}

#[tokio::test]
async fn a_password_change_takes_the_present_one_and_ends_all_other_sessions() {
    let world = World::new();
    let root = world.root();
    let (here, elsewhere) = (world.session(root), world.session(root));
    let new = "a password that is new";
    let wrong = [("present", "wrong password"), ("password", new), ("again", new)];
    assert_eq!(world.ask(form("/account/password", &here, &wrong)).await.status, StatusCode::BAD_REQUEST);
    assert!(is_in(&world, &elsewhere).await);
    let right = [("present", PASSWORD), ("password", new), ("again", new)];
    let done = world.ask(form("/account/password", &here, &right)).await;
    assert_eq!(done.location(), "/account");
    assert!(is_in(&world, &done.cookie().unwrap()).await);
    assert!(!is_in(&world, &here).await && !is_in(&world, &elsewhere).await);
    let visit = Secret::random().unwrap();
    assert_eq!(sign_in(&world, &visit, "root", PASSWORD, "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&world, &visit, "root", new, "").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn other_peoples_sessions_and_tokens_cannot_be_ended_or_seen() {
    let world = World::new();
    let root = world.root();
    let (session, token) = (world.session(root), world.token(root));
    let eve = world.session(world.person("eve", Level::Write, &Accounts::All));
    let number = world.store.sessions(root, clock()).unwrap()[0].id.number();
    // the session last: it ends itself
    let paths = ["/account/tokens/1/end".to_owned(), format!("/account/sessions/{number}/end")];
    for path in &paths {
        assert_eq!(world.ask(form(path, &eve, &[])).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(is_in(&world, &session).await);
    assert_eq!(world.ask(bearing(&Method::GET, "/runs", &token)).await.status, StatusCode::OK);
    for path in &paths {
        assert_eq!(world.ask(form(path, &session, &[])).await.status, StatusCode::SEE_OTHER, "{path}");
    }
    assert!(!is_in(&world, &session).await);
    assert_eq!(world.ask(bearing(&Method::GET, "/runs", &token)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn forged_and_expired_tokens_are_nobodys_even_with_a_good_cookie() {
    let world = World::new();
    let root = world.root();
    let (session, token) = (world.session(root), world.token(root));
    for forged in
        ["", "stance_", "stance_x", &format!("stance_{}", session.reveal()), &token[..token.len() - 1], "x"]
    {
        let request = to(&Method::GET, "/runs")
            .header(header::AUTHORIZATION, format!("Bearer {forged}"))
            .header(header::COOKIE, format!("stance={}", session.reveal()));
        let told = world.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(told.status, StatusCode::UNAUTHORIZED, "{forged}");
        assert!(told.headers.contains_key(header::WWW_AUTHENTICATE));
    }
    for scheme in ["Basic", "bearer2", "Bearer:", ""] {
        let request = to(&Method::GET, "/runs").header(header::AUTHORIZATION, format!("{scheme} {token}"));
        let told = world.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(told.status, StatusCode::UNAUTHORIZED, "{scheme}");
    }
    assert_eq!(world.ask(bearing(&Method::GET, "/runs", &token)).await.status, StatusCode::OK);
    wait(TimeDelta::days(30));
    assert_eq!(world.ask(bearing(&Method::GET, "/runs", &token)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_is_made_for_oneself_with_no_more_than_one_has_and_shown_once() {
    let world = World::new();
    world.root();
    let ada = world.session(world.person("ada", Level::Write, &only_mine()));
    let fields = |level: &'static str, reach, accounts| {
        [("name", "ci"), ("level", level), ("reach", reach), ("accounts", accounts), ("days", "30")]
    };
    for refused in [
        fields("manage", "these", ACCOUNT),
        fields("read", "all", ""),
        fields("read", "these", OTHER),
        fields("read", "these", ""),
        fields("read", "all", ACCOUNT),
        fields("root", "these", ACCOUNT),
    ] {
        let told = world.ask(form("/account/tokens", &ada, &refused)).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{refused:?}");
    }
    let told = world.ask(form("/account/tokens", &ada, &fields("write", "these", ACCOUNT))).await;
    let at = told.text.find("stance_").unwrap();
    let token = &told.text[at..at + 71];
    assert_eq!(world.ask(bearing(&Method::GET, "/runs", token)).await.status, StatusCode::OK);
    assert!(!world.ask(get("/account", Some(&ada))).await.text.contains("stance_"));
}

#[tokio::test]
async fn nobody_is_told_whether_a_name_is_there() {
    let world = World::new();
    world.root();
    let gone = world.person("gone", Level::Read, &Accounts::All);
    let change = PersonChange { level: Level::Read, accounts: Accounts::All, disabled: true };
    world.store.change_person(gone, &change, &root(), clock()).unwrap();
    world
        .store
        .invite(&PersonName::of("new").unwrap(), Level::Read, &Accounts::All, &root(), clock())
        .unwrap();
    let visit = Secret::random().unwrap();
    let mut answers = Vec::new();
    for name in ["root", "nobody", "gone", "new", "<script>", ""] {
        let told = sign_in(&world, &visit, name, "wrong password", "").await;
        let shown = format!("value=\"{}\"", name.replace('<', "&lt;").replace('>', "&gt;"));
        answers.push((told.status, told.text.replace(&shown, "value=\"\"")));
    }
    assert_eq!(answers[0].0, StatusCode::UNAUTHORIZED);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert_eq!(sign_in(&world, &visit, "gone", PASSWORD, "").await.status, StatusCode::UNAUTHORIZED);
    // what was typed for a name that is not there may have been a password
    let log = world.store.audit(None, 10).unwrap();
    assert!(log.iter().any(|entry| entry.name == "somebody unknown"));
    assert!(!log.iter().any(|entry| entry.name == "nobody"));
}

#[tokio::test]
async fn tries_are_slowed_down_for_names_that_are_there_and_others_alike() {
    let world = World::new();
    world.root();
    let visit = Secret::random().unwrap();
    for name in ["root", "nobody"] {
        let mut waited = 0;
        for _ in 0..6 {
            let told = sign_in(&world, &visit, name, "wrong password", "").await;
            if told.status == StatusCode::TOO_MANY_REQUESTS {
                let seconds: i64 = told.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
                // the right password does not help either
                let right = sign_in(&world, &visit, name, PASSWORD, "").await;
                assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS);
                wait(TimeDelta::seconds(seconds));
                waited += 1;
            }
        }
        assert_eq!(waited, 1, "{name}");
    }
    wait(TimeDelta::minutes(1));
    assert_eq!(sign_in(&world, &visit, "root", PASSWORD, "").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_in_leads_to_where_one_wanted_and_never_elsewhere() {
    let world = World::new();
    world.root();
    let told = world.ask(get("/findings?status=failed&q=a%20b", None)).await;
    let location = told.location().to_owned();
    assert!(location.starts_with("/sign-in?to="), "{location}");
    let page = world.ask(get(&location, None)).await;
    assert!(page.text.contains("value=\"/findings?status=failed&amp;q=a%20b\""), "{}", page.text);
    let visit = Secret::random().unwrap();
    let place = "/findings?status=failed";
    assert_eq!(sign_in(&world, &visit, "root", PASSWORD, place).await.location(), place);
    for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example"] {
        let told = sign_in(&world, &visit, "root", PASSWORD, elsewhere).await;
        assert_eq!(told.location(), "/", "{elsewhere}");
        let session = told.cookie().unwrap();
        let query = crate::query::Query::default().set("to", elsewhere).address("/sign-in");
        assert_eq!(world.ask(get(&query, Some(&session))).await.location(), "/", "{elsewhere}");
    }
}

#[tokio::test]
async fn whoever_is_kept_out_is_out_at_once_and_the_last_administrator_stays() {
    let world = World::new();
    let root = world.root();
    let ada = world.person("ada", Level::Write, &Accounts::All);
    let (hers, own, token) = (world.session(ada), world.session(root), world.token(ada));
    let out = [("level", "write"), ("reach", "all"), ("state", "out")];
    let path = |id: PersonId| format!("/settings/users/{}", id.number());
    assert_eq!(world.ask(form(&path(ada), &own, &out)).await.status, StatusCode::SEE_OTHER);
    assert!(!is_in(&world, &hers).await);
    assert_eq!(world.ask(bearing(&Method::GET, "/", &token)).await.status, StatusCode::UNAUTHORIZED);
    let told = world.ask(form(&path(root), &own, &out)).await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST);
    assert!(told.text.contains("last administrator"), "{}", told.text);
    assert!(is_in(&world, &own).await);
}
