//! Whom a scan can sign in as: keys of the mock AWS, and the peers that hand out or check credentials.

use super::peer::{Peer, Reply, Request, ask_aws};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};

/// An access key that the mock AWS knows.
#[derive(Clone, Debug)]
pub struct Keys {
    pub id: String,
    pub secret: String,
    /// Temporary ones have a token.
    pub token: Option<String>,
}

impl Keys {
    /// The keys of a new user in an account of the mock AWS.
    pub fn of_user(account: &str, name: &str) -> Self {
        let administrator = Self::of_role(account, "administrator", "test");
        ask(&administrator.id, "iam", &[("Action", "CreateUser"), ("UserName", name)]);
        let answer = ask(&administrator.id, "iam", &[("Action", "CreateAccessKey"), ("UserName", name)]);
        Self { id: within(&answer, "AccessKeyId"), secret: within(&answer, "SecretAccessKey"), token: None }
    }

    /// Temporary keys of a role's session; the mock AWS needs no such role.
    pub fn of_role(account: &str, role: &str, session: &str) -> Self {
        let arn = format!("arn:aws:iam::{account}:role/{role}");
        let answer =
            ask("test", "sts", &[("Action", "AssumeRole"), ("RoleArn", &arn), ("RoleSessionName", session)]);
        Self {
            id: within(&answer, "AccessKeyId"),
            secret: within(&answer, "SecretAccessKey"),
            token: Some(within(&answer, "SessionToken")),
        }
    }

    /// As a section of a shared credentials file.
    pub fn section(&self, profile: &str) -> String {
        let token = self.token.iter().map(|token| format!("aws_session_token = {token}\n"));
        format!(
            "[{profile}]\naws_access_key_id = {}\naws_secret_access_key = {}\n{}",
            self.id,
            self.secret,
            token.collect::<String>()
        )
    }

    /// As metadata endpoints tell them, good for that long.
    pub fn document(&self, lasting: TimeDelta) -> Value {
        json!({
            "Code": "Success",
            "LastUpdated": Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "Type": "AWS-HMAC",
            "AccessKeyId": self.id,
            "SecretAccessKey": self.secret,
            "Token": self.token,
            "Expiration": (Utc::now() + lasting).format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        })
    }
}

/// Asks the mock AWS, which reads the key of a signature and does not check the signature.
fn ask(key: &str, service: &str, parameters: &[(&str, &str)]) -> String {
    let encode = |value: &str| value.replace(':', "%3A").replace('/', "%2F");
    let body: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let headers = [
        ("host", format!("{service}.amazonaws.com")),
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
        (
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
            ),
        ),
    ];
    let answer = ask_aws(&Request {
        method: "POST".into(),
        path: "/".into(),
        headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
        body: body.join("&").into_bytes(),
    });
    assert!(answer.contains(" 200 "), "{answer}");
    answer
}

/// The text of the first XML element of a name.
fn within(xml: &str, name: &str) -> String {
    let after = xml.split(&format!("<{name}>")).nth(1).unwrap_or_else(|| panic!("no {name} in {xml}"));
    after.split("</").next().unwrap_or_default().to_owned()
}

/// The instance metadata service, version 2 only: it wants a token that was put with a time to live, and
/// gives the keys one after the other, the last one for ever. Each is good for that long.
pub fn instance_metadata(role: &str, keys: Vec<(Keys, TimeDelta)>) -> Peer {
    const TOKEN: &str = "token-of-the-instance";
    const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
    let (role, given) = (role.to_owned(), AtomicUsize::new(0));
    Peer::answering(move |request| {
        if (request.method.as_str(), request.path.as_str()) == ("PUT", "/latest/api/token") {
            let ttl = request.header("x-aws-ec2-metadata-token-ttl-seconds");
            return match ttl.and_then(|ttl| ttl.parse::<u32>().ok()) {
                Some(seconds @ 1..=21_600) => Reply {
                    headers: vec![("x-aws-ec2-metadata-token-ttl-seconds", seconds.to_string())],
                    ..Reply::text(200, TOKEN)
                },
                _ => Reply::text(400, "Bad Request"),
            };
        }
        if request.header("x-aws-ec2-metadata-token") != Some(TOKEN) {
            return Reply::text(401, "Unauthorized");
        }
        match request.path.strip_prefix(ROLES) {
            Some("") => Reply::text(200, role.clone()),
            Some(name) if name == role => {
                let (keys, lasting) = &keys[given.fetch_add(1, Ordering::Relaxed).min(keys.len() - 1)];
                Reply::json(&keys.document(*lasting))
            }
            _ => Reply::text(404, "Not Found"),
        }
    })
}

/// The endpoint that gives containers their credentials; it asks for that authorization.
pub fn container_credentials(keys: Keys, authorization: Option<&str>) -> Peer {
    let wanted = authorization.map(str::to_owned);
    Peer::answering(move |request| match request.header("authorization") {
        given if given == wanted.as_deref() => Reply::json(&keys.document(TimeDelta::hours(6))),
        _ => Reply::text(401, "Unauthorized"),
    })
}

/// An identity provider: it publishes its configuration and its key, and signs tokens by name of that key.
///
/// The mock AWS takes any token, so that [`Issuer::trust`] stands before it and checks what STS checks, but
/// for one thing: the signature is a mark of the issuer and not a cryptographic one.
pub struct Issuer {
    peer: Peer,
}

const KEY_ID: &str = "key-of-the-issuer";

impl Issuer {
    pub fn start() -> Self {
        let peer = Peer::answering(|request| match request.path.as_str() {
            "/.well-known/openid-configuration" => {
                let url = format!("http://{}", request.header("host").unwrap_or_default());
                Reply::json(&json!({
                    "issuer": url,
                    "jwks_uri": format!("{url}/keys"),
                    "response_types_supported": ["id_token"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }))
            }
            "/keys" => {
                let key = json!({"kid": KEY_ID, "kty": "RSA", "use": "sig", "alg": "RS256", "n": "AQAB", "e": "AQAB"});
                Reply::json(&json!({"keys": [key]}))
            }
            _ => Reply::text(404, "Not Found"),
        });
        Self { peer }
    }

    pub fn url(&self) -> String {
        self.peer.url()
    }

    /// A token for that subject, good for that long.
    pub fn token(&self, subject: &str, lasting: TimeDelta) -> String {
        let now = Utc::now();
        let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(json!({"alg": "RS256", "typ": "JWT", "kid": KEY_ID}));
        let claims = part(json!({
            "iss": self.url(),
            "sub": subject,
            "aud": "sts.amazonaws.com",
            "iat": now.timestamp(),
            "exp": (now + lasting).timestamp(),
        }));
        format!("{header}.{claims}.{}", BASE64_URL_SAFE_NO_PAD.encode(format!("{KEY_ID} of {}", self.url())))
    }

    /// What STS answers to a request with a web identity that it refuses, where it trusts that subject of
    /// this issuer and no other. Issuer, keys, audience, end and subject are checked.
    pub fn trust(&self, subject: &str) -> impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static + use<> {
        let (issuer, subject) = (self.url(), subject.to_owned());
        move |request| {
            if request.action().as_deref() != Some("AssumeRoleWithWebIdentity") {
                return None;
            }
            let invalid = |message: &str| Some(Reply::error(400, "InvalidIdentityToken", message));
            let token = request.parameter("WebIdentityToken").unwrap_or_default();
            let parts: Vec<Value> = token.split('.').take(2).filter_map(decoded).collect();
            let [header, claims] = parts.as_slice() else {
                return invalid("The ID Token provided is not a valid JWT.");
            };
            if request.access_key().is_some() || claims["iss"] != issuer.as_str() {
                return invalid("No OpenIDConnect provider found in your account");
            }
            let configuration = get(&issuer, "/.well-known/openid-configuration");
            let keys = configuration["jwks_uri"].as_str().unwrap_or_default().replace(&issuer, "");
            let keys = get(&issuer, &keys);
            if !keys["keys"].as_array().into_iter().flatten().any(|key| key["kid"] == header["kid"]) {
                return invalid("Couldn't retrieve verification key from your identity provider");
            }
            if claims["aud"] != "sts.amazonaws.com" {
                return invalid("Incorrect token audience");
            }
            if claims["exp"].as_i64().is_none_or(|end| end <= Utc::now().timestamp()) {
                return Some(Reply::error(400, "ExpiredTokenException", "Token expired"));
            }
            if claims["sub"] != subject.as_str() {
                let message = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
                return Some(Reply::error(403, "AccessDenied", message));
            }
            None
        }
    }
}

fn decoded(part: &str) -> Option<Value> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn get(url: &str, path: &str) -> Value {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("the issuer answers");
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n").expect("the issuer reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the issuer answers in UTF-8");
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    serde_json::from_str(body).unwrap_or_default()
}

/// What refuses a role to whoever lacks the external id that its trust policy asks for.
pub fn asks_for_external_id(wanted: &'static str) -> impl Fn(&Request) -> Option<Reply> + Send + Sync {
    move |request| {
        let refused = request.action().as_deref() == Some("AssumeRole")
            && request.parameter("ExternalId").as_deref() != Some(wanted);
        let role = request.parameter("RoleArn").unwrap_or_default();
        let message = format!("User: moto is not authorized to perform: sts:AssumeRole on resource: {role}");
        refused.then(|| Reply::error(403, "AccessDenied", &message))
    }
}

/// A device whose code is checked where a session with a second factor is asked for.
pub fn checks_code(
    serial: &'static str,
    code: &'static str,
) -> impl Fn(&Request) -> Option<Reply> + Send + Sync {
    move |request| {
        let refused = request.action().as_deref() == Some("GetSessionToken")
            && (request.parameter("SerialNumber").as_deref() != Some(serial)
                || request.parameter("TokenCode").as_deref() != Some(code));
        let message = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
        refused.then(|| Reply::error(403, "AccessDenied", message))
    }
}
