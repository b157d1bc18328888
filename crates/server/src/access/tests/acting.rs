//! Acting on findings and rules: who may, on what, and that nothing that they write is run.

use super::*;
use estate::RULES;
use stance_store::{Author, Constraints, Position};

const HOSTILE: &str = "</textarea><script>alert('reason')</script>";

fn id(bucket: &str, rule: &str) -> String {
    stance_model::FindingId::of(rule, ACCOUNT, &format!("arn:aws:s3:::{bucket}"), None).to_string()
}

fn excepted(world: &World) -> u64 {
    world.store.census().unwrap().score(|_| true).verdicts.excepted
}

impl World {
    async fn send(&self, path: &str, session: &Secret, fields: &[(&str, &str)]) -> Answer {
        self.ask(form(path, session, fields)).await
    }

    fn writer(&self, name: &str, accounts: &Accounts) -> Secret {
        self.session(self.person(name, Level::Write, accounts))
    }
}

#[tokio::test]
async fn a_finding_is_accepted_by_a_form_as_far_as_was_chosen() {
    let world = World::new();
    world.root();
    let session = world.writer("ada", &Accounts::All);
    let finding = id("treasure", RULES[0]);
    let page = world.ask(get(&format!("/findings/{finding}"), Some(&session))).await.text;
    assert!(page.contains("this rule in this account") && page.contains("name=\"form_token\""), "{page}");
    for (extent, count) in [("finding", 1), ("resource", 1), ("account", 2)] {
        let fields = [("extent", extent), ("reason", HOSTILE), ("until", "2999-12-31")];
        let told = world.send(&format!("/findings/{finding}/accept"), &session, &fields).await;
        assert_eq!(
            (told.status, told.location()),
            (StatusCode::SEE_OTHER, format!("/findings/{finding}").as_str())
        );
        assert_eq!(excepted(&world), count, "{extent}");
        let page = world.ask(get(&format!("/findings/{finding}"), Some(&session))).await.text;
        assert!(page.contains("Accepted by <b>ada</b>") && page.contains("until 2999-12-31"), "{page}");
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script>alert"), "{page}");
        assert!(!page.contains("/accept\""), "what is accepted is not accepted again");
        let number = world.store.exceptions(&Accounts::All).unwrap()[0].number;
        let list = world.ask(get("/exceptions", Some(&session))).await.text;
        assert!(list.contains(&format!("/findings?exception={number}\"")) && !list.contains("<script>alert"));
        let listed = world.ask(get(&format!("/findings?exception={number}"), Some(&session))).await.text;
        assert!(listed.contains(&format!("{count} finding")) || listed.contains("treasure"), "{listed}");
        let one = world.ask(get(&format!("/exceptions/{number}"), Some(&session))).await.text;
        assert!(one.contains("made by <b>ada</b>") && !one.contains("<script>alert"), "{one}");
        let told = world.send(&format!("/exceptions/{number}/end"), &session, &[]).await;
        assert_eq!((told.status, excepted(&world)), (StatusCode::SEE_OTHER, 0));
    }
    for fields in [
        [("extent", "everything"), ("reason", "r"), ("until", "")],
        [("extent", "finding"), ("reason", " "), ("until", "")],
        [("extent", "finding"), ("reason", "r"), ("until", "soon")],
        [("extent", "finding"), ("reason", "r"), ("until", "2001-01-01")],
    ] {
        let told = world.send(&format!("/findings/{finding}/accept"), &session, &fields).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{fields:?}");
    }
    assert_eq!(excepted(&world), 0);
}

#[tokio::test]
async fn whoever_may_only_read_is_offered_no_form_and_sees_the_rest() {
    let world = World::new();
    let root = world.session(world.root());
    let finding = id("logs", RULES[0]);
    world.send(&format!("/findings/{finding}/notes"), &root, &[("text", "look at <b>this</b>")]).await;
    let reader = world.session(world.person("rea", Level::Read, &Accounts::All));
    for path in [format!("/findings/{finding}"), "/exceptions".to_owned(), format!("/rules/{}", RULES[0])] {
        let page = world.ask(get(&path, Some(&reader))).await;
        assert_eq!(page.status, StatusCode::OK);
        // the only form that sends something is the way out
        assert_eq!(page.text.matches("method=\"post\"").count(), 1, "{path}: {}", page.text);
    }
    let page = world.ask(get(&format!("/findings/{finding}"), Some(&reader))).await.text;
    assert!(page.contains("look at &lt;b&gt;this&lt;/b&gt;"), "{page}");
}

#[tokio::test]
async fn limited_people_act_in_their_accounts_only() {
    let world = World::new();
    world.root();
    let all = world.writer("bob", &Accounts::All);
    let mine = world.writer("ada", &only_mine());
    let theirs = id("treasure", RULES[0]);
    for (act, fields) in [
        ("accept", vec![("extent", "finding"), ("reason", "r")]),
        ("assign", vec![("person", "")]),
        ("notes", vec![("text", "x")]),
    ] {
        let told = world.send(&format!("/findings/{theirs}/{act}"), &mine, &fields).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND, "{act}");
        assert!(!told.text.contains("treasure"));
    }
    // an exception for every bucket, by somebody who sees one account
    let fields = [("resource", "*"), ("rule", "aws-s3-*"), ("reason", "mine"), ("owner", "ada")];
    let told = world.send("/exceptions", &mine, &fields).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
    assert_eq!(excepted(&world), 1, "what others see is not theirs to accept");
    let number = world.store.exceptions(&Accounts::All).unwrap()[0].number;
    assert_eq!(told.location(), format!("/exceptions/{number}"));
    // one of others is not there for them: not in the list, not by its number, not to be changed
    let fields = [("resource", "treasure*"), ("reason", "zanzibar"), ("owner", "bob")];
    let told = world.send("/exceptions", &all, &fields).await;
    let hidden = told.location().to_owned();
    let list = world.ask(get("/exceptions", Some(&mine))).await.text;
    assert!(list.contains("mine") && !list.contains("treasure") && !list.contains("zanzibar"), "{list}");
    assert_eq!(world.ask(get(&hidden, Some(&mine))).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.send(&hidden, &mine, &fields).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.send(&format!("{hidden}/end"), &mine, &[]).await.status, StatusCode::NOT_FOUND);
    let number = hidden.rsplit('/').next().unwrap();
    let found = world.ask(get(&format!("/findings?exception={number}"), Some(&mine))).await.text;
    assert!(!found.contains("treasure"), "{found}");
    assert_eq!(excepted(&world), 5);
    // a rule concerns everybody
    let told =
        world.send(&format!("/rules/{}/switch", RULES[0]), &mine, &[("to", "off"), ("reason", "r")]).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    let page = world.ask(get(&format!("/rules/{}", RULES[0]), Some(&mine))).await.text;
    assert!(!page.contains("Switch it off"), "{page}");
}

#[tokio::test]
async fn a_form_changes_what_it_shows_and_keeps_what_it_does_not() {
    let world = World::new();
    world.root();
    let session = world.writer("ada", &Accounts::All);
    let whole = r#"{"service": "s3", "resource": ["logs", "treasure*"], "every_tag": "a", "except": {"resource": "x"},
        "reason": "r", "owner": "o"}"#;
    let author = Author { actor: super::root(), accounts: Accounts::All };
    let made = world.store.make_exception(&serde_json::from_str(whole).unwrap(), &author, clock()).unwrap();
    let path = format!("/exceptions/{}", made.number);
    let page = world.ask(get(&path, Some(&session))).await.text;
    assert!(
        page.contains("every tag") && page.contains("But not") && page.contains("logs\ntreasure*"),
        "{page}"
    );
    let fields = [
        ("rule", ""),
        ("account", ACCOUNT),
        ("region", ""),
        ("resource", "logs\r\n /^tre{1,3}/ \r\n"),
        ("tag", ""),
        ("reason", "another"),
        ("owner", "o"),
        ("until", "2999-01-01"),
    ];
    assert_eq!(world.send(&path, &session, &fields).await.status, StatusCode::SEE_OTHER);
    let kept = world.store.exception(made.number, &Accounts::All).unwrap().exception;
    let said = serde_json::to_value(&kept).unwrap();
    assert_eq!(
        said,
        serde_json::json!({
            "id": made.exception.id, "service": "s3", "resource": ["logs", "/^tre{1,3}/"], "every_tag": "a",
            "account": ACCOUNT, "except": [{"resource": "x"}], "reason": "another", "owner": "o",
            "until": "2999-01-01",
        })
    );
    let told = world.send(&path, &session, &[("resource", "/(/"), ("reason", "r"), ("owner", "o")]).await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST);
    assert!(told.text.contains("is not a regular expression"), "{}", told.text);
    let told = world.send("/exceptions", &session, &[("reason", "r"), ("owner", "o")]).await;
    assert!(told.text.contains("it would cover every finding"), "{}", told.text);
    // what a link asks for stands in the form, and is no markup
    let asked =
        crate::query::Query::default().set("rule", "\"><script>alert(1)</script>").address("/exceptions");
    let page = world.ask(get(&asked, Some(&session))).await.text;
    assert!(page.contains("open") && !page.contains("<script>alert(1)"), "{page}");
}

#[tokio::test]
async fn a_finding_is_given_to_somebody_who_sees_it_and_found_again() {
    let world = World::new();
    world.root();
    let ada = world.person("ada", Level::Write, &Accounts::All);
    let limited = world.person("lim", Level::Read, &only_mine());
    let session = world.session(ada);
    let (logs, treasure) = (id("logs", RULES[0]), id("treasure", RULES[0]));
    let page = world.ask(get(&format!("/findings/{treasure}"), Some(&session))).await.text;
    assert!(page.contains(">ada</option>") && !page.contains(">lim</option>"), "{page}");
    let number = |id: PersonId| id.number().to_string();
    let assign = |finding: &str, person: String| {
        let (path, session) = (format!("/findings/{finding}/assign"), session.clone());
        let world = &world;
        async move { world.send(&path, &session, &[("person", &person)]).await }
    };
    assert_eq!(assign(&logs, number(limited)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(assign(&treasure, number(ada)).await.status, StatusCode::SEE_OTHER);
    for (finding, person) in
        [(&treasure, number(limited)), (&treasure, "x".to_owned()), (&treasure, "99".to_owned())]
    {
        let told = assign(finding, person.clone()).await;
        assert!(
            matches!(told.status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND),
            "{person}: {}",
            told.status
        );
    }
    let page = world.ask(get(&format!("/findings/{treasure}"), Some(&session))).await.text;
    assert!(page.contains("<dt>Assigned</dt><dd class=\"name\">ada</dd>"), "{page}");
    let listed = |query: &'static str| {
        let (world, session) = (&world, session.clone());
        async move { world.ask(get(&format!("/findings?{query}"), Some(&session))).await.text }
    };
    let rows = |text: &str| text.matches("<tr data-href=\"/findings/").count();
    for (query, count) in [
        ("assigned=me", 1),
        ("assigned=lim", 1),
        ("assigned=nobody", 4),
        ("assigned=eve", 0),
        ("assigned=%27", 0),
    ] {
        let text = listed(query).await;
        assert_eq!(rows(&text), count, "{query}: {text}");
    }
}

#[tokio::test]
async fn rules_are_switched_and_their_parameters_set() {
    let world = World::new();
    world.root();
    let session = world.writer("ada", &Accounts::All);
    let failed = || world.store.census().unwrap().score(|_| true).verdicts.failed;
    let before = failed();
    let path = format!("/rules/{}/switch", RULES[0]);
    for fields in [
        [("to", "off"), ("benchmark", ""), ("reason", "")],
        [("to", "away"), ("benchmark", ""), ("reason", "r")],
        [("to", "off"), ("benchmark", "no-such-benchmark"), ("reason", "r")],
    ] {
        assert_eq!(world.send(&path, &session, &fields).await.status, StatusCode::BAD_REQUEST, "{fields:?}");
    }
    assert_eq!(failed(), before);
    let benchmark = catalog();
    // one in which another rule judged too
    let benchmark = benchmark.benchmarks().find(|held| {
        let has =
            |id: &str| held.controls().any(|control| control.rules.iter().any(|rule| rule.as_str() == id));
        RULES.into_iter().all(has)
    });
    let benchmark = benchmark.unwrap();
    let address = format!("/benchmarks/{}", benchmark.id);
    let score = |text: &str| text.split("class=\"figure\"").nth(1).unwrap()[..80].to_owned();
    let untouched = world.ask(get(&address, Some(&session))).await.text;
    let control =
        benchmark.controls().find(|control| control.rules.iter().any(|rule| rule.as_str() == RULES[0]));
    let of_control = format!("/findings?control={}:{}", benchmark.id, control.unwrap().id);
    let found = world.ask(get(&of_control, Some(&session))).await.text;
    assert!(found.contains("treasure"), "{found}");
    let fields = [("to", "off"), ("benchmark", benchmark.id.as_str()), ("reason", HOSTILE)];
    assert_eq!(world.send(&path, &session, &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(failed(), before, "elsewhere it counts");
    let page = world.ask(get(&address, Some(&session))).await.text;
    assert!(page.contains("<mark>off</mark>") && !untouched.contains("<mark>off</mark>"), "{page}");
    assert_ne!(score(&page), score(&untouched));
    let found = world.ask(get(&of_control, Some(&session))).await.text;
    assert!(!found.contains("treasure"), "{found}");
    let fields = [("to", "off"), ("benchmark", ""), ("reason", HOSTILE)];
    assert_eq!(world.send(&path, &session, &fields).await.status, StatusCode::SEE_OTHER);
    assert!(failed() < before);
    let page = world.ask(get(&format!("/rules/{}", RULES[0]), Some(&session))).await.text;
    assert!(page.contains("Switch it on again") && !page.contains("<script>alert"), "{page}");
    let list = world.ask(get(&format!("/rules?q={}", RULES[0]), Some(&session))).await.text;
    assert!(list.contains("<mark>off</mark>"), "{list}");
    assert_eq!(
        world.send(&path, &session, &[("to", "on"), ("benchmark", "")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(failed(), before);

    let few = "aws-ec2-security-group-has-few-rules";
    let path = format!("/rules/{few}/parameters");
    for unfit in ["0", "1001", "many", "1.5", "[]", "\"2\""] {
        let told = world.send(&path, &session, &[("parameter.maximum_rules", unfit)]).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{unfit}");
    }
    assert_eq!(
        world.send(&path, &session, &[("parameter.maximum_rules", " 7 ")]).await.status,
        StatusCode::SEE_OTHER
    );
    let settings = world.store.rule_settings().unwrap();
    let set: Vec<_> = settings.all_parameters().collect();
    assert_eq!(set, [(few, "maximum_rules", &serde_json::json!(7))]);
    let page = world.ask(get(&format!("/rules/{few}"), Some(&session))).await.text;
    assert!(page.contains("and set to <b>7</b> by ada"), "{page}");
    world.send(&path, &session, &[("parameter.maximum_rules", "")]).await;
    assert_eq!(world.store.rule_settings().unwrap().all_parameters().count(), 0);
    assert_eq!(
        world.send("/rules/none/switch", &session, &[("to", "on")]).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn no_act_is_done_without_the_sessions_own_token_nor_in_the_demonstration() {
    let world = World::new();
    world.root();
    let (session, other) = (world.writer("ada", &Accounts::All), world.writer("eve", &Accounts::All));
    let finding = id("logs", RULES[0]);
    let paths = [
        format!("/findings/{finding}/accept"),
        format!("/findings/{finding}/notes"),
        format!("/findings/{finding}/assign"),
        "/exceptions".to_owned(),
        format!("/rules/{}/switch", RULES[0]),
    ];
    for path in &paths {
        let fields = "extent=finding&reason=r&owner=o&resource=x&text=x&to=off&person=";
        for token in [String::new(), other.derived("form"), session.reveal().to_owned()] {
            let request = to(&Method::POST, path)
                .header(header::COOKIE, format!("stance={}", session.reveal()))
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(format!("{fields}&form_token={token}")));
            assert_eq!(world.ask(request.unwrap()).await.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    let open = World::with(crate::router::doors(), Entrance::of(Access::Open));
    for path in &paths {
        let told = open.ask(form(path, &Secret::random().unwrap(), &[("reason", "r")])).await;
        assert_eq!(told.status, StatusCode::FORBIDDEN, "{path}");
    }
    let shown = open.ask(get(&format!("/findings/{finding}"), None)).await.text;
    assert!(!shown.contains("method=\"post\""), "{shown}");
    let census = world.store.census().unwrap();
    let cells: Vec<_> = census.cells.iter().collect();
    let page = world.store.findings(&census, &cells, &Constraints::default(), Position::Start, 50).unwrap();
    assert!(page.findings.iter().all(|row| world.store.handling(&row.id).unwrap().notes.is_empty()));
    assert_eq!((excepted(&world), world.store.exceptions(&Accounts::All).unwrap().len()), (0, 0));
}
