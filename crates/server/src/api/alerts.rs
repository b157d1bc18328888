//! Alerts: what they watch, where they tell of it, and what became of their messages.

use super::alert_words::{Alert, AlertInFull, AlertToKeep, Alerts, Channels, Message, Place};
use super::body;
use super::operation::{Operation, Topic};
use super::parameter::{Kind, Parameter};
use super::problem::Answer;
use crate::access::Writer;
use crate::alerts::{found, may_see, send_test};
use crate::{Console, Level, Viewer};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use stance_store::Store;

/// Messages that are told of an alert.
const SHOWN: u32 = 30;

pub(crate) fn operations() -> Vec<Operation> {
    let topic = Topic::Alerts;
    let (all, path) = ("/api/v1/alerts", "/api/v1/alerts/{number}");
    let one = |operation: Operation| {
        let number = Parameter::path("number", Kind::Whole(0, i64::MAX as u64), "the alert's number");
        let missing = "there is no such alert, or it tells of accounts that whoever asks may not see";
        operation.takes([number]).refuses(StatusCode::NOT_FOUND, missing)
    };
    let list = Operation::get(all, "listAlerts", topic, "Every alert, by name", list)
        .told("Whoever may see some accounts only is told of the alerts that tell of these alone.")
        .answers::<Alerts>("the alerts");
    let channels = Operation::get(
        "/api/v1/channels",
        "listChannels",
        topic,
        "What channels of alerts may use",
        channels,
    )
    .needs(Level::Write)
    .answers::<Channels>("the names of places, and whether mail can be sent");
    let make = Operation::post(all, "makeAlert", topic, "Make an alert", make)
        .told("It tells of what comes from now on, of the accounts that whoever makes it may see, as long as they may make alerts.")
        .needs(Level::Write)
        .demands::<AlertToKeep>()
        .answers_with::<AlertInFull>(StatusCode::CREATED, "the alert");
    let show =
        one(Operation::get(path, "getAlert", topic, "An alert, and what became of its messages", show)
            .answers::<AlertInFull>("the alert"));
    let change = one(Operation::post(path, "changeAlert", topic, "Say something else of an alert", change)
        .told("What is sent stands in the place of all that it said.")
        .needs(Level::Write)
        .demands::<AlertToKeep>()
        .answers::<AlertInFull>("the alert"));
    let end = one(Operation::delete(path, "endAlert", topic, "End an alert", end)
        .told("What it has still to send is not sent, and what became of its messages is forgotten.")
        .needs(Level::Write)
        .answers_with_nothing("it is gone"));
    let test = "/api/v1/alerts/{number}/test";
    let test = one(Operation::post(test, "testAlert", topic, "Send a test message", test_it)
        .told("Answers when it is known what became of it.")
        .needs(Level::Write)
        .answers::<AlertInFull>("the alert, with the message"));
    vec![list, channels, make, show, change, end, test]
}

async fn list(State(console): State<Console>, viewer: Viewer) -> Answer<Json<Alerts>> {
    let all = console.look(Store::alerts).await?.into_iter();
    let seen = all.filter(|alert| may_see(&viewer.visible, alert));
    Ok(Json(Alerts { alerts: seen.map(Alert::from).collect() }))
}

async fn channels(State(console): State<Console>) -> Answer<Json<Channels>> {
    let asker = console.clone();
    // it reads a folder
    let offered = console.look(move |_| Ok(asker.alerts().places().offered())).await?;
    let places = offered.into_iter().map(Place::from).collect();
    Ok(Json(Channels { places, has_mail: console.alerts().has_mail() }))
}

async fn told(console: &Console, viewer: Viewer, number: i64) -> Answer<Json<AlertInFull>> {
    let told = console.look(move |store| {
        let alert = found(store, &viewer.visible, number)?;
        let messages = store.alert_messages(alert.id, SHOWN)?.into_iter().map(Message::from).collect();
        Ok(AlertInFull { alert: alert.into(), messages })
    });
    Ok(Json(told.await?))
}

async fn show(
    State(console): State<Console>,
    Path(number): Path<i64>,
    viewer: Viewer,
) -> Answer<Json<AlertInFull>> {
    told(&console, viewer, number).await
}

async fn make(
    State(console): State<Console>,
    viewer: Viewer,
    writer: Writer,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    let wanted: AlertToKeep = body::read(&headers, body).await?;
    let (asker, now) = (console.clone(), console.now());
    let made = console.look(move |store| {
        let accounts = &writer.author.accounts;
        Ok(match wanted.checked(&asker, accounts, now) {
            Ok(chosen) => {
                Ok(store.make_alert(&chosen, writer.person.id, accounts, &writer.author.actor, now)?)
            }
            Err(error) => Err(error),
        })
    });
    let number = made.await??.number();
    let place = format!("/api/v1/alerts/{number}");
    let made = told(&console, viewer, number).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], made).into_response())
}

async fn change(
    State(console): State<Console>,
    Path(number): Path<i64>,
    viewer: Viewer,
    writer: Writer,
    headers: HeaderMap,
    body: Body,
) -> Answer<Json<AlertInFull>> {
    let wanted: AlertToKeep = body::read(&headers, body).await?;
    let (asker, now, visible) = (console.clone(), console.now(), viewer.visible.clone());
    let changed = console.look(move |store| {
        let alert = found(store, &visible, number)?;
        Ok(match wanted.checked(&asker, &alert.accounts, now) {
            Ok(chosen) => Ok(store.change_alert(alert.id, &chosen, &writer.author.actor, now)?),
            Err(error) => Err(error),
        })
    });
    changed.await??;
    told(&console, viewer, number).await
}

async fn end(
    State(console): State<Console>,
    Path(number): Path<i64>,
    viewer: Viewer,
    writer: Writer,
) -> Answer<StatusCode> {
    let now = console.now();
    let ended = console.look(move |store| {
        let alert = found(store, &viewer.visible, number)?;
        store.end_alert(alert.id, &writer.author.actor, now)
    });
    ended.await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn test_it(
    State(console): State<Console>,
    Path(number): Path<i64>,
    viewer: Viewer,
    writer: Writer,
) -> Answer<Json<AlertInFull>> {
    send_test(&console, &viewer, number, writer.author.actor).await?;
    told(&console, viewer, number).await
}
