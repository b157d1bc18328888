//! A connection by HTTP/2, for the link of agents.

use super::Address;
use super::client::tls_to;
use super::route::Route;
use hyper::Uri;
use hyper::body::{Body, Bytes};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How often it is asked whether the other end is there, and how long it may take to answer.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// What carries requests to a server by HTTP/2.
pub type Http2Channel<B> = Pool<HttpsConnector<Route>, B>;

/// What carries requests to the server at that address, and the address itself. The environment's proxies count; the
/// authorities in `ca_file` are believed, or those of the system. Without TLS only this machine is reached.
///
/// # Errors
/// The address, the file or a proxy cannot be used, in words for people.
pub fn http2_channel<B: Body<Data = Bytes> + Send + Unpin + 'static>(
    url: &str,
    ca_file: Option<&Path>,
) -> Result<(Http2Channel<B>, Uri), String> {
    let address = Address::of_server(url)?;
    if !matches!(address.uri().path(), "" | "/") {
        return Err("the address of a server has no path here; leave it out".to_owned());
    }
    let route = Route::to(&address, &Matcher::from_env())?;
    let mut tls = tls_to(&address, ca_file)?;
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let channel = Pool::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .http2_only(true)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .http2_keep_alive_timeout(KEEP_ALIVE)
        .http2_keep_alive_while_idle(true)
        .build(HttpsConnector::from((route, Arc::new(tls))));
    Ok((channel, address.uri().clone()))
}
