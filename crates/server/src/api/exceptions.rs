//! Exceptions: what is accepted, why, until when; made, changed and ended by programs too.

use super::body;
use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter};
use super::problem::Answer;
use crate::access::Writer;
use crate::facts::named_rules;
use crate::pages::exceptions::accounts_of;
use crate::query::Query;
use crate::{Console, Level, Viewer};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stance_exceptions::{Criteria, Pattern};
use stance_store::{Accounts, ExceptionState, KeptException};
use std::collections::BTreeMap;

/// Bytes of an exception that is sent.
const LONGEST: usize = 64 * 1024;

/// Whether an exception holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Holding {
    /// It holds, and ends within 30 days.
    EndsSoon,
    /// It holds.
    Current,
    /// Its last day is over.
    Expired,
    /// Somebody ended it.
    Ended,
}

impl Holding {
    const ALL: [Self; 4] = [Self::EndsSoon, Self::Current, Self::Expired, Self::Ended];

    fn word(self) -> &'static str {
        match self {
            Self::EndsSoon => "ends-soon",
            Self::Current => "current",
            Self::Expired => "expired",
            Self::Ended => "ended",
        }
    }
}

impl From<ExceptionState> for Holding {
    fn from(state: ExceptionState) -> Self {
        match state {
            ExceptionState::EndsSoon => Self::EndsSoon,
            ExceptionState::Current => Self::Current,
            ExceptionState::Expired => Self::Expired,
            ExceptionState::Ended => Self::Ended,
        }
    }
}

/// Which findings are meant: all fields that hold something must fit, of each one value.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Meant {
    /// Ids of findings.
    finding: Vec<String>,
    /// Rules by id, pattern or another name.
    rule: Vec<String>,
    /// Services, as `s3`.
    service: Vec<String>,
    /// Resources by name or id, or patterns.
    resource: Vec<String>,
    /// Tags as `key` or `key=value`; one must be there.
    tag: Vec<String>,
    /// Tags of which all must be there.
    every_tag: Vec<String>,
    /// Accounts.
    account: Vec<String>,
    /// Regions.
    region: Vec<String>,
}

impl From<&Criteria> for Meant {
    fn from(criteria: &Criteria) -> Self {
        let texts = |patterns: &[Pattern]| patterns.iter().map(ToString::to_string).collect();
        Self {
            finding: criteria.finding.iter().map(ToString::to_string).collect(),
            rule: texts(&criteria.rule),
            service: texts(&criteria.service),
            resource: texts(&criteria.resource),
            tag: texts(&criteria.tag),
            every_tag: texts(&criteria.every_tag),
            account: texts(&criteria.account),
            region: texts(&criteria.region),
        }
    }
}

/// An exception that was made in the console or by the API.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Exception {
    /// Its number.
    number: i64,
    /// What reports call it.
    id: Option<String>,
    /// Whether it holds.
    state: Holding,
    /// Which findings it accepts.
    covers: Meant,
    /// Which of them it does not accept after all.
    except: Vec<Meant>,
    /// Why.
    reason: String,
    /// Who answers for it.
    owner: String,
    /// Its last day, in UTC; null where it has no end.
    until: Option<NaiveDate>,
    /// The accounts that it may match, whatever it says: those that its maker could see; null for all.
    limit: Option<Vec<String>>,
    /// How many findings it accepts now, among those that whoever asks may see.
    accepts: u64,
    /// When it was made.
    made_at: DateTime<Utc>,
    /// By whom.
    made_by: String,
    /// When it was changed last.
    changed_at: Option<DateTime<Utc>>,
    /// By whom.
    changed_by: Option<String>,
    /// When it was ended.
    ended_at: Option<DateTime<Utc>>,
    /// By whom.
    ended_by: Option<String>,
}

impl Exception {
    fn of(kept: KeptException, accepted: &BTreeMap<i64, u64>, now: DateTime<Utc>) -> Self {
        let state = kept.state(now).into();
        let said = kept.exception;
        let (changed_at, changed_by) = kept.changed.unzip();
        let (ended_at, ended_by) = kept.ended.unzip();
        Self {
            number: kept.number,
            id: said.id,
            state,
            covers: Meant::from(&said.covers),
            except: said.except.iter().map(Meant::from).collect(),
            reason: said.reason,
            owner: said.owner,
            until: said.until,
            limit: match kept.limit {
                Accounts::All => None,
                Accounts::Only(accounts) => Some(accounts.iter().map(ToString::to_string).collect()),
            },
            accepts: accepted.get(&kept.number).copied().unwrap_or_default(),
            made_at: kept.made_at,
            made_by: kept.made_by,
            changed_at,
            changed_by,
            ended_at,
            ended_by,
        }
    }
}

/// Exceptions.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Exceptions {
    /// The latest first.
    exceptions: Vec<Exception>,
}

/// A text, or a list of some.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "it describes what the reader of exceptions takes")]
enum Several {
    One(String),
    Many(Vec<String>),
}

/// Which findings are meant; patterns as in files of exceptions.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what the reader of exceptions takes")]
struct Chosen {
    /// Ids of findings.
    finding: Option<Several>,
    /// Rules by id, pattern or another name.
    rule: Option<Several>,
    /// Services, as `s3`.
    service: Option<Several>,
    /// Resources by name or id, or patterns.
    resource: Option<Several>,
    /// Tags as `key` or `key=value`; one must be there.
    tag: Option<Several>,
    /// Tags of which all must be there.
    every_tag: Option<Several>,
    /// Accounts.
    account: Option<Several>,
    /// Regions; `global` for what has none.
    region: Option<Several>,
}

/// An exception as it is sent: what an exception in a file says, without an id.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it describes what the reader of exceptions takes")]
pub(crate) struct NewException {
    /// Which findings are accepted; one field at least.
    #[schemars(flatten)]
    covers: Chosen,
    /// Which of them are not accepted after all.
    except: Option<Vec<Chosen>>,
    /// Why.
    reason: String,
    /// Who answers for it; whoever sends it unless said.
    owner: Option<String>,
    /// Its last day, in UTC.
    until: Option<NaiveDate>,
}

pub(crate) fn operations() -> [Operation; 5] {
    let number = || Parameter::path("number", Kind::Whole(0, i64::MAX as u64), "the exception's number");
    let missing = "there is no such exception, or it is about accounts that whoever asks may not see";
    let list = Operation::get(
        "/api/v1/exceptions",
        "listExceptions",
        Topic::Exceptions,
        "Every exception that was made in the console or here",
        list,
    )
    .told("Those in files of a scan's configuration are told on the findings that they cover.")
    .takes([Parameter::query(
        "state",
        Kind::OneOf(Holding::ALL.map(Holding::word).into()),
        "whether it holds",
    )
    .list()])
    .answers::<Exceptions>("the exceptions");
    let show = Operation::get(
        "/api/v1/exceptions/{number}",
        "getException",
        Topic::Exceptions,
        "An exception",
        show,
    )
    .takes([number()])
    .answers::<Exception>("the exception")
    .refuses(StatusCode::NOT_FOUND, missing);
    let make = Operation::post(
        "/api/v1/exceptions",
        "makeException",
        Topic::Exceptions,
        "Accept findings: which, why, until when",
        make,
    )
    .told("It takes effect at once. It matches the accounts that whoever makes it may see, and no others.")
    .reads::<NewException>()
    .answers_with::<Exception>(StatusCode::CREATED, "the exception");
    let change = Operation::post(
        "/api/v1/exceptions/{number}",
        "changeException",
        Topic::Exceptions,
        "Say something else in an exception",
        change,
    )
    .told("What is sent stands in the place of all that it said.")
    .takes([number()])
    .reads::<NewException>()
    .answers::<Exception>("the exception")
    .refuses(StatusCode::NOT_FOUND, missing);
    let end = Operation::post(
        "/api/v1/exceptions/{number}/end",
        "endException",
        Topic::Exceptions,
        "End an exception",
        end,
    )
    .told("What it accepts counts again at once, unless another one accepts it.")
    .takes([number()])
    .answers::<Exception>("the exception")
    .refuses(StatusCode::NOT_FOUND, missing);
    let sent = |operation: Operation| {
        operation
            .needs(Level::Write)
            .refuses(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large")
            .refuses(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the request is not said to be JSON")
    };
    [list, show, sent(make), sent(change), end.needs(Level::Write)]
}

async fn list(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> Answer<Json<Exceptions>> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let wanted: Vec<String> =
        query.all("state").flat_map(|states| states.split(',')).map(str::to_owned).collect();
    let now = console.now();
    let exceptions = console.ask(move |store, _, census| {
        let holds = |scope| census.scope(scope).is_some_and(|scope| viewer.visible.holds(&scope.id));
        let accepted = store.accepted(census, holds)?;
        let all = store.exceptions(&accounts_of(&viewer.visible))?.into_iter();
        let all = all.map(|kept| Exception::of(kept, &accepted, now));
        Ok(all.filter(|it| wanted.is_empty() || wanted.iter().any(|word| word == it.state.word())).collect())
    });
    Ok(Json(Exceptions { exceptions: exceptions.await? }))
}

async fn show(
    State(console): State<Console>,
    Path(number): Path<i64>,
    viewer: Viewer,
) -> Answer<Json<Exception>> {
    told(&console, &viewer, number).await.map(Json)
}

async fn told(console: &Console, viewer: &Viewer, number: i64) -> Answer<Exception> {
    let (now, visible) = (console.now(), viewer.visible.clone());
    let told = console.ask(move |store, _, census| {
        let holds = |scope| census.scope(scope).is_some_and(|scope| visible.holds(&scope.id));
        let kept = store.exception(number, &accounts_of(&visible))?;
        Ok(Exception::of(kept, &store.accepted(census, holds)?, now))
    });
    Ok(told.await?)
}

async fn make(
    State(console): State<Console>,
    viewer: Viewer,
    writer: Writer,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    let exception = read(&headers, body, &writer).await?;
    let now = console.now();
    let made = console.ask(move |store, facts, _| {
        store.learn_rules(named_rules(facts.catalog()))?;
        store.make_exception(&exception, &writer.author, now)
    });
    let number = made.await?.number;
    let place = format!("/api/v1/exceptions/{number}");
    let made = told(&console, &viewer, number).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(made)).into_response())
}

async fn change(
    State(console): State<Console>,
    Path(number): Path<i64>,
    viewer: Viewer,
    writer: Writer,
    headers: HeaderMap,
    body: Body,
) -> Answer<Json<Exception>> {
    let exception = read(&headers, body, &writer).await?;
    let now = console.now();
    console
        .ask(move |store, facts, _| {
            store.learn_rules(named_rules(facts.catalog()))?;
            store.change_exception(number, &exception, &writer.author, now)
        })
        .await?;
    told(&console, &viewer, number).await.map(Json)
}

async fn end(
    State(console): State<Console>,
    Path(number): Path<i64>,
    viewer: Viewer,
    writer: Writer,
) -> Answer<Json<Exception>> {
    let now = console.now();
    console.look(move |store| store.end_exception(number, &writer.author, now)).await?;
    told(&console, &viewer, number).await.map(Json)
}

/// The exception that somebody sends; it is theirs unless it says whose.
async fn read(headers: &HeaderMap, body: Body, writer: &Writer) -> Answer<stance_exceptions::Exception> {
    let sent = body::json(headers, body, LONGEST).await?;
    let Some(Value::Object(mut sent)) = sent else {
        return Err(body::wrong("send an exception as an object; `/api` tells its fields"));
    };
    if sent.contains_key("id") {
        return Err(body::wrong(
            "an exception that is kept here has an id of the store's choice; leave `id` out",
        ));
    }
    // null is as nothing
    sent.retain(|_, value| !value.is_null());
    sent.entry("owner").or_insert_with(|| writer.person.name.as_str().into());
    stance_exceptions::Exception::deserialize(Value::Object(sent))
        .map_err(|error| body::wrong(&error.to_string()))
}
