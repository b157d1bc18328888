//! Agents: policies, tokens, shutting out, by forms.

use super::*;
use stance_store::{AgentDescription, IntegrationName, NewIntegration, Schedule};

fn integration(world: &World) {
    let new = NewIntegration {
        name: IntegrationName::of("Production").unwrap(),
        namespace: IntegrationName::of("default").unwrap(),
        configuration: "aws: {}\n".into(),
        schedule: Schedule::default(),
        enabled: true,
    };
    world.store.add_integration(&new, &super::root(), clock()).unwrap();
}

/// The token on a page that shows one.
fn token(page: &str) -> String {
    let at = page.find("stance_enroll_").unwrap_or_else(|| panic!("{page}"));
    page[at..].chars().take("stance_enroll_".len() + 64).collect()
}

#[tokio::test]
async fn a_policy_gets_integrations_and_agents_by_forms_and_its_token_is_shown_once() {
    let world = World::new();
    integration(&world);
    let session = world.session(world.root());
    let made = world.ask(form("/agents/policies", &session, &[("name", "EU <west>")])).await;
    assert_eq!(made.status, StatusCode::BAD_REQUEST, "a name of other signs");
    let made = world.ask(form("/agents/policies", &session, &[("name", "EU west")])).await;
    assert_eq!((made.status, made.location()), (StatusCode::SEE_OTHER, "/agents/policies/1"));
    let given = world.ask(form("/agents/policies/1/integrations", &session, &[("integration", "1")])).await;
    assert_eq!(given.status, StatusCode::SEE_OTHER);
    let page = world.ask(get("/integrations/1", Some(&session))).await.text;
    assert!(page.contains("selected>the agents of EU west"), "{page}");

    let fields = [("hosts", "2"), ("hours", "24")];
    let shown = world.ask(form("/agents/policies/1/tokens", &session, &fields)).await;
    assert!(shown.text.contains("stance agent --enroll http://"), "{}", shown.text);
    let token = token(&shown.text);
    let again = world.ask(get("/agents/policies/1", Some(&session))).await.text;
    assert!(!again.contains("stance_enroll_") && again.contains("#1"), "{again}");

    let host = AgentDescription { host: "<b>node</b>".into(), ..AgentDescription::default() };
    let enrolled = world.store.enroll(&token, &host, "192.0.2.1", clock()).unwrap().unwrap();
    let list = world.ask(get("/agents", Some(&session))).await.text;
    assert!(list.contains("&lt;b&gt;node&lt;/b&gt;-1") && list.contains("well"), "{list}");
    assert!(!list.contains(&enrolled.credential));
    world.ask(form("/agents/policies/1/tokens/1/end", &session, &[])).await;
    assert_eq!(world.store.enroll(&token, &host, "192.0.2.1", clock()).unwrap(), None);

    world.ask(form("/agents/1/revoke", &session, &[])).await;
    assert_eq!(world.store.agent_of_credential(&enrolled.credential).unwrap(), None);
    let one = world.ask(get("/agents/1", Some(&session))).await.text;
    assert!(one.contains("shut out") && !one.contains("/agents/1/revoke"), "{one}");

    let held = world.ask(form("/agents/policies/1/remove", &session, &[])).await;
    assert_eq!(held.status, StatusCode::BAD_REQUEST, "an integration belongs to it");
    world.ask(form("/integrations/1/runner", &session, &[("policy", "")])).await;
    let removed = world.ask(form("/agents/policies/1/remove", &session, &[])).await;
    assert_eq!((removed.status, removed.location()), (StatusCode::SEE_OTHER, "/agents"));

    let told: Vec<String> =
        world.store.audit(None, 99).unwrap().into_iter().map(|entry| entry.action).collect();
    for action in
        ["made the policy of agents", "gave the integration", "enrolled the agent", "shut out the agent"]
    {
        assert!(told.iter().any(|known| known == action), "{action}: {told:?}");
    }
}

#[tokio::test]
async fn an_agent_moves_to_another_policy_by_a_form() {
    let world = World::new();
    let session = world.session(world.root());
    for name in ["east", "west"] {
        world.ask(form("/agents/policies", &session, &[("name", name)])).await;
    }
    let fields = [("hosts", "1"), ("hours", "1")];
    let shown = world.ask(form("/agents/policies/1/tokens", &session, &fields)).await;
    let host = AgentDescription::default();
    let enrolled = world.store.enroll(&token(&shown.text), &host, "::1", clock()).unwrap().unwrap();
    world.ask(form("/agents/1/move", &session, &[("policy", "2")])).await;
    assert_eq!(world.store.agent(enrolled.agent).unwrap().policy.number(), 2);
    let gone = world.ask(form("/agents/1/move", &session, &[("policy", "9")])).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}
