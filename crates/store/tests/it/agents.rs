//! Agents: how hosts become some, what they are given to scan, and what becomes of what they bring.

use crate::estate::{Estate, Kept, bundle, day, stores};
use chrono::{DateTime, TimeDelta, Utc};
use stance_model::VerdictStatus::{Fail, Pass};
use stance_store::{
    Actor, AgentDescription, AgentHealth, AgentId, AgentPolicyId, AgentStatus, Delivered, Instruction,
    IntegrationId, IntegrationName, LEASE, NewEnrollment, NewIntegration, RunProgress, RunState, Schedule,
    Store,
};

fn root() -> Actor {
    Actor { name: "root".into(), address: "::1".into() }
}

fn name(text: &str) -> IntegrationName {
    IntegrationName::of(text).unwrap()
}

fn host(name: &str) -> AgentDescription {
    AgentDescription { host: name.into(), version: "0.1.0".into(), platform: "linux x86_64".into() }
}

/// A policy with one integration.
fn policy(store: &Store) -> (AgentPolicyId, IntegrationId) {
    let policy = store.add_agent_policy(&name("eu"), &root(), day(0)).unwrap();
    let new = NewIntegration {
        name: name("prod"),
        namespace: name("default"),
        configuration: "aws: {}\n".into(),
        schedule: Schedule::default(),
        enabled: true,
    };
    let integration = store.add_integration(&new, &root(), day(0)).unwrap();
    store.set_runner(integration, Some(policy), &root(), day(0)).unwrap();
    (policy, integration)
}

fn token(store: &Store, policy: AgentPolicyId, hosts: u32) -> String {
    let new = NewEnrollment { policy, hosts, ends_at: day(0) + TimeDelta::hours(1) };
    store.make_enrollment(&new, &root(), day(0)).unwrap()
}

fn agents<const COUNT: usize>(store: &Store, policy: AgentPolicyId) -> [AgentId; COUNT] {
    let token = token(store, policy, u32::try_from(COUNT).unwrap());
    std::array::from_fn(|_| store.enroll(&token, &host("node"), "192.0.2.1", day(0)).unwrap().unwrap().agent)
}

fn estate(second: stance_model::VerdictStatus) -> Estate {
    Estate::of(&[("logs", [Fail, second])])
}

fn later(seconds: i64) -> DateTime<Utc> {
    day(0) + TimeDelta::seconds(seconds)
}

#[test]
fn a_token_enrols_as_many_hosts_as_it_says_in_time_and_each_gets_a_credential_of_its_own() {
    for Kept { store, .. } in &stores() {
        let (policy, _) = policy(store);
        let token = token(store, policy, 2);
        let enroll = |now| store.enroll(&token, &host("node"), "192.0.2.1", now).unwrap();
        assert_eq!(enroll(day(0) + TimeDelta::hours(1)), None, "after its end");
        let (one, two) = (enroll(day(0)).unwrap(), enroll(day(0)).unwrap());
        assert_eq!(enroll(day(0)), None, "a third host");
        assert_ne!((one.agent, &one.name, &one.credential), (two.agent, &two.name, &two.credential));
        let known = store.agent_of_credential(&one.credential).unwrap().unwrap();
        assert_eq!((known.id, known.policy, known.enrolled_by.as_str()), (one.agent, policy, "root"));
        for other in [token.as_str(), "", "stance_agent_", &one.credential[..70]] {
            assert_eq!(store.agent_of_credential(other).unwrap(), None, "{other}");
        }
        assert!(store.enrollments(policy, day(0)).unwrap().is_empty());
    }
}

#[test]
fn an_agent_that_was_shut_out_is_known_no_more_and_what_it_held_is_free() {
    for Kept { store, .. } in &stores() {
        let (policy, _) = policy(store);
        let token = token(store, policy, 2);
        let out = store.enroll(&token, &host("a"), "192.0.2.1", day(0)).unwrap().unwrap();
        let [other] = agents(store, policy);
        store.hand_due(out.agent, "first", day(0)).unwrap().unwrap();
        assert_eq!(store.hand_due(other, "second", day(0)).unwrap(), None);
        store.revoke_agent(out.agent, &root(), day(0)).unwrap();
        assert_eq!(store.agent_of_credential(&out.credential).unwrap(), None);
        assert_eq!(store.hand_due(out.agent, "third", day(0)).unwrap(), None);
        let status = AgentStatus::default();
        assert!(!store.hear_agent(out.agent, &host("a"), &status, "192.0.2.1", day(0)).unwrap());
        assert_eq!(store.agent(out.agent).unwrap().health(day(0)), AgentHealth::Revoked);
        assert!(store.hand_due(other, "second", day(0)).unwrap().is_some());
    }
}

#[test]
fn agents_scan_what_their_policy_has_and_the_server_does_not() {
    for Kept { store, .. } in &stores() {
        let (policy, integration) = policy(store);
        let elsewhere = store.add_agent_policy(&name("us"), &root(), day(0)).unwrap();
        let ([agent], [other]) = (agents(store, policy), agents(store, elsewhere));
        assert_eq!(store.claim_due("server", day(0)).unwrap(), None);
        assert_eq!(store.hand_due(other, "none", day(0)).unwrap(), None);
        let handed = store.hand_due(agent, "mine", day(0)).unwrap().unwrap();
        assert_eq!(handed.claim.integration.id, integration);
        // back to the server, while the agent is at it
        store.set_runner(integration, None, &root(), day(0)).unwrap();
        assert_eq!(store.claim_due("server", day(0)).unwrap(), None);
        let run = bundle(&[estate(Pass)], day(0));
        assert!(matches!(
            store.deliver(agent, "mine", day(0), run.as_slice()).unwrap(),
            Delivered::Taken(..)
        ));
        assert!(store.claim_due("server", day(1)).unwrap().is_some());
    }
}

#[test]
fn what_an_agent_delivers_is_taken_once_and_ends_its_claim() {
    for Kept { store, .. } in &stores() {
        let (policy, integration) = policy(store);
        let [agent, other] = agents(store, policy);
        let handed = store.hand_due(agent, "mine", day(0)).unwrap().unwrap();
        let progress = RunProgress { accounts: 3, ..RunProgress::default() };
        assert_eq!(handed.renew(store, &progress, later(20)).unwrap(), Instruction::GoOn);
        assert!(store.ask_to_stop(handed.run, &root(), later(21)).unwrap());
        assert_eq!(handed.renew(store, &progress, later(22)).unwrap(), Instruction::Stop);
        let run = bundle(&[estate(Fail)], day(0));
        assert_eq!(store.deliver(other, "mine", later(30), run.as_slice()).unwrap(), Delivered::Unknown);
        assert_eq!(store.deliver(agent, "none", later(30), run.as_slice()).unwrap(), Delivered::Unknown);
        let cut = &run[..run.len() / 2];
        assert!(store.deliver(agent, "mine", later(30), cut).is_err());
        let taken = store.deliver(agent, "mine", later(30), run.as_slice()).unwrap();
        assert!(matches!(taken, Delivered::Taken(run, told) if run == handed.run && told.findings == 2));
        assert_eq!(
            store.deliver(agent, "mine", later(31), run.as_slice()).unwrap(),
            Delivered::Known(handed.run)
        );
        let integration = store.integration(integration).unwrap();
        assert_eq!((integration.next_at, integration.claimed_until), (day(1), None));
        assert_eq!(store.runs(None, 9).unwrap().len(), 1);
    }
}

#[test]
fn a_run_that_was_given_up_is_taken_when_it_comes_and_does_not_cover_what_was_read_since() {
    for Kept { store, .. } in &stores() {
        let (policy, _) = policy(store);
        let [slow, quick] = agents(store, policy);
        let lost = store.hand_due(slow, "lost", day(0)).unwrap().unwrap();
        // nothing is heard of it for longer than a lease
        let now = day(0) + LEASE;
        let second = store.hand_due(quick, "second", now).unwrap().unwrap();
        assert_eq!(store.summary(lost.run).unwrap().state, RunState::Abandoned);
        assert_eq!(lost.renew(store, &RunProgress::default(), now).unwrap(), Instruction::GiveUp);
        assert_eq!(store.still_handed(slow, "lost").unwrap(), None);
        assert!(store.still_handed(quick, "second").unwrap().is_some());
        let mended = bundle(&[estate(Pass)], now);
        store.deliver(quick, "second", now, mended.as_slice()).unwrap();
        let old = bundle(&[estate(Fail), estate(Fail).in_scope("222222222222", "other")], day(0));
        let taken = store.deliver(slow, "lost", now, old.as_slice()).unwrap();
        // the account that nobody else has read is news
        assert!(matches!(taken, Delivered::Taken(_, told) if told.scopes == 1), "{taken:?}");
        let (summary, told) = store.run(lost.run).unwrap();
        assert_eq!((summary.state, summary.scopes), (RunState::Done, 1));
        let overtaken = format!("{:?}", told.unwrap().unscanned);
        assert!(
            overtaken.contains(&format!("run {}, which began later", second.run.number())),
            "{overtaken}"
        );
        let score = |run| store.summary(run).unwrap().score.failed;
        assert_eq!((score(lost.run), score(second.run)), (2, 1));
    }
}

#[test]
fn a_run_that_came_to_nothing_at_an_agent_is_told_and_the_next_is_due_as_planned() {
    for Kept { store, .. } in &stores() {
        let (policy, integration) = policy(store);
        let [agent] = agents(store, policy);
        let handed = store.hand_due(agent, "mine", day(0)).unwrap().unwrap();
        assert!(store.fail_handed(agent, "mine", "no credentials", later(9)).unwrap());
        assert!(!store.fail_handed(agent, "mine", "again", later(10)).unwrap());
        let summary = store.summary(handed.run).unwrap();
        assert_eq!((summary.state, summary.error.as_deref()), (RunState::Failed, Some("no credentials")));
        assert_eq!(store.integration(integration).unwrap().next_at, day(1));
    }
}

#[test]
fn how_an_agent_is_follows_from_what_it_says_and_when_it_was_heard() {
    for Kept { store, .. } in &stores() {
        let (policy, _) = policy(store);
        let [agent] = agents(store, policy);
        let hear = |complaints: &[&str]| {
            let complaints = complaints.iter().map(ToString::to_string).collect();
            let status = AgentStatus { complaints, ..AgentStatus::default() };
            assert!(store.hear_agent(agent, &host("node"), &status, "192.0.2.7", day(0)).unwrap());
            store.agent(agent).unwrap()
        };
        assert_eq!(hear(&[]).health(day(0)), AgentHealth::Well);
        let degraded = hear(&["the disk is full \u{1b}[31m"]);
        assert_eq!(degraded.health(day(0)), AgentHealth::Degraded);
        assert!(!degraded.status.complaints[0].contains('\u{1b}'));
        assert_eq!(degraded.health(later(181)), AgentHealth::Away);
    }
}

#[test]
fn a_policy_goes_only_when_nothing_belongs_to_it() {
    for Kept { store, .. } in &stores() {
        let (id, integration) = policy(store);
        let [agent] = agents(store, id);
        assert!(store.add_agent_policy(&name("eu"), &root(), day(0)).is_err(), "the name is taken");
        assert!(store.remove_agent_policy(id, &root(), day(0)).is_err());
        store.set_runner(integration, None, &root(), day(0)).unwrap();
        assert!(store.remove_agent_policy(id, &root(), day(0)).is_err());
        store.revoke_agent(agent, &root(), day(0)).unwrap();
        store.remove_agent_policy(id, &root(), day(0)).unwrap();
        assert!(store.agents().unwrap().is_empty() && store.agent_policies().unwrap().is_empty());
    }
}
