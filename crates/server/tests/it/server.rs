//! A console over the small estate, asked without a network; every answer is held against the description.

use crate::estate::{OURS, now, store};
use crate::people::{Somebody, token};
use crate::pretender::Pretender;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use stance_catalog::Catalog;
use stance_server::{Access, AlertOptions, Console, Entrance, LargestRun, Level, openapi, router};
use stance_store::{Accounts, Address, Store};
use std::collections::BTreeMap;
use std::sync::Arc;
use tower::ServiceExt as _;

/// Somebody who may see and do all.
pub fn chief() -> Somebody {
    Somebody { name: "chief", level: Level::Manage, accounts: Accounts::All }
}

/// Somebody of a level, limited to the one account.
pub fn limited(level: Level) -> Somebody {
    let name = match level {
        Level::Read => "reader",
        Level::Write => "writer",
        Level::Manage => "manager",
    };
    Somebody { name, level, accounts: Accounts::Only([OURS.into()].into()) }
}

pub struct Server {
    router: Router,
    tokens: BTreeMap<&'static str, String>,
    pub description: Value,
    folder: tempfile::TempDir,
}

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn kind(&self) -> &str {
        self.headers.get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap()).unwrap_or_default()
    }
}

impl Server {
    pub fn new() -> Self {
        Self::over(store)
    }

    /// A server over another estate.
    pub fn over(fill: impl FnOnce(&std::path::Path) -> Store) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = fill(folder.path());
        let everybody = [chief(), limited(Level::Read), limited(Level::Write), limited(Level::Manage)];
        let tokens = everybody.iter().map(|somebody| (somebody.name, token(&store, somebody, now())));
        let tokens = tokens.collect();
        let console = Console::scanning(store, Catalog::built_in().unwrap(), now, Arc::new(Pretender));
        let alerts = ("STANCE_ALERT_OPS".to_owned(), "https://hooks.example.org/ops".to_owned());
        let console = console.with_alerts(AlertOptions::of_environment([alerts]).unwrap());
        let description = serde_json::from_str(&openapi()).unwrap();
        Self { router: router(console, Entrance::of(Access::People)), tokens, description, folder }
    }

    /// Asks as somebody, and holds the answer against the description.
    pub async fn ask(&self, somebody: Option<&Somebody>, mut request: Request<Body>) -> Reply {
        let headers = request.headers_mut();
        headers.entry(header::HOST).or_insert(header::HeaderValue::from_static("localhost"));
        if let Some(somebody) = somebody {
            let bearer = format!("Bearer {}", self.tokens[somebody.name]);
            headers.insert(header::AUTHORIZATION, bearer.parse().unwrap());
        }
        request.extensions_mut().insert(LargestRun(1 << 20));
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let asked = format!("{method} {}", request.uri());
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.into_body().collect().await.unwrap().to_bytes().to_vec();
        let reply = Reply { status, headers, body };
        if let Some(operation) = self.operation(&method, &path) {
            self.hold(operation, &asked, &reply);
        }
        reply
    }

    pub async fn get(&self, somebody: &Somebody, address: &str) -> Reply {
        self.ask(Some(somebody), Request::get(address).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, somebody: &Somebody, address: &str, kind: &str, body: impl Into<Body>) -> Reply {
        let request = Request::post(address).header(header::CONTENT_TYPE, kind).body(body.into()).unwrap();
        self.ask(Some(somebody), request).await
    }

    pub async fn delete(&self, somebody: &Somebody, address: &str) -> Reply {
        self.ask(Some(somebody), Request::delete(address).body(Body::empty()).unwrap()).await
    }

    /// Sends JSON.
    pub async fn send(&self, somebody: &Somebody, address: &str, body: &Value) -> Reply {
        self.post(somebody, address, "application/json", body.to_string()).await
    }

    /// The store behind the server.
    pub fn store(&self) -> Store {
        Store::open(&Address::File(self.folder.path().join("stance.db"))).unwrap()
    }

    /// The last acts that the audit log tells of, the latest first: who did what.
    pub fn acts(&self, count: u32) -> Vec<String> {
        let told = self.store().audit(None, count).unwrap().into_iter();
        told.map(|entry| format!("{} {}", entry.name, entry.action)).collect()
    }

    /// What the description says of an address.
    fn operation(&self, method: &Method, path: &str) -> Option<&Value> {
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |template: &str| {
            let templates: Vec<&str> = template.split('/').collect();
            let fits = |(template, part): (&&str, &&str)| template.starts_with('{') || template == part;
            templates.len() == parts.len() && templates.iter().zip(&parts).all(fits)
        };
        let paths = self.description["paths"].as_object().unwrap();
        let exact = paths.get_key_value(path);
        let (_, found) = exact.or_else(|| paths.iter().find(|(template, _)| fits(template)))?;
        found.get(method.as_str().to_lowercase())
    }

    fn hold(&self, operation: &Value, asked: &str, reply: &Reply) {
        let told = &operation["responses"][reply.status.as_str()];
        assert!(told.is_object(), "{asked}: {} is not described: {}", reply.status, reply.text());
        if reply.body.is_empty() {
            assert!(told.get("content").is_none(), "{asked}: nothing came");
            return;
        }
        let kind = reply.kind().split(';').next().unwrap();
        let content = &told["content"][kind];
        assert!(content.is_object(), "{asked}: `{kind}` is not described");
        if let Some(schema) = content.get("schema") {
            let mut schema = schema.clone();
            schema["components"] = self.description["components"].clone();
            let validator = jsonschema::draft202012::new(&schema).unwrap();
            let errors: Vec<String> = validator.iter_errors(&reply.json()).map(|it| it.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{asked}: {}", reply.text());
        }
    }

    /// Every address that can be read, with the query that it needs, and values for the parts of the path.
    pub fn readable(&self, part: impl Fn(&str) -> String) -> Vec<String> {
        let paths = self.description["paths"].as_object().unwrap();
        let mut readable: Vec<String> = Vec::new();
        for (template, _) in paths.iter().filter(|(_, verbs)| verbs.get("get").is_some()) {
            let address = match template.split_once('{') {
                Some(_) => part(template),
                None if template.ends_with("/report") => format!("{template}?format=json"),
                None if template.ends_with("/groups") => format!("{template}?group=account,rule,region"),
                None => template.clone(),
            };
            readable.push(address);
        }
        readable
    }
}

/// The first finding of a list that an address asks for.
pub async fn first(server: &Server, somebody: &Somebody, query: &str) -> Value {
    let found = server.get(somebody, &format!("/api/v1/findings?{query}")).await.json();
    found["findings"].get(0).cloned().unwrap_or(json!(null))
}
