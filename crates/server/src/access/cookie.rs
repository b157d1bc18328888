//! The one cookie: the secret of a session, or of a visit before it.

use super::Entrance;
use axum::http::{HeaderMap, HeaderValue, header};
use stance_store::Secret;

/// The cookie's name. `__Host-` has the browser refuse one that another host or an unsafe page has set.
fn name(entrance: &Entrance) -> &'static str {
    if entrance.has_tls { "__Host-stance" } else { "stance" }
}

/// The secret that a request bears; nothing where there is none, or several.
pub(super) fn shown(headers: &HeaderMap, entrance: &Entrance) -> Option<Secret> {
    let name = name(entrance);
    let mut values = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let first = values.next()?;
    // one of two may have been planted
    if values.next().is_some() { None } else { Secret::shown(first) }
}

/// Has the browser keep a secret, until it is closed.
pub(crate) fn set(secret: &Secret, entrance: &Entrance) -> HeaderValue {
    written(secret.reveal(), "", entrance)
}

/// Has the browser forget it.
pub(crate) fn ended(entrance: &Entrance) -> HeaderValue {
    written("", "; Max-Age=0", entrance)
}

fn written(value: &str, age: &str, entrance: &Entrance) -> HeaderValue {
    let secure = if entrance.has_tls { "; Secure" } else { "" };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", name(entrance));
    // a name of ours and hexadecimal digits are always a header
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}
