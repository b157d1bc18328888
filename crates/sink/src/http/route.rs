//! The way to a receiver: straight, or through a proxy.

use super::Address;
use futures_util::future::BoxFuture;
use hyper::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tower_service::Service;

type BoxError = Box<dyn Error + Send + Sync>;

/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The way to a receiver.
#[derive(Clone)]
pub enum Route {
    Straight(HttpConnector),
    Proxy(Tunnel<HttpConnector>),
}

impl Route {
    /// The way that the environment's `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name; this machine is reached
    /// straight.
    ///
    /// # Errors
    /// The proxy cannot be used, in words for people.
    pub(crate) fn to(address: &Address, proxies: &Matcher) -> Result<Self, String> {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let proxy = (!address.is_local()).then(|| proxies.intercept(address.uri())).flatten();
        let Some(proxy) = proxy else { return Ok(Self::Straight(connector)) };
        if proxy.uri().scheme_str() != Some("http") {
            return Err("its proxy must be one by `http://`; see the variable `HTTPS_PROXY`".to_owned());
        }
        let tunnel = Tunnel::new(proxy.uri().clone(), connector);
        Ok(Self::Proxy(match proxy.basic_auth() {
            Some(authorization) => tunnel.with_auth(authorization.clone()),
            None => tunnel,
        }))
    }
}

impl Service<Uri> for Route {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::Straight(connector) => connector.poll_ready(context).map_err(BoxError::from),
            Self::Proxy(tunnel) => tunnel.poll_ready(context).map_err(BoxError::from),
        }
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        match self {
            Self::Straight(connector) => {
                let connecting = connector.call(destination);
                Box::pin(async move { connecting.await.map_err(BoxError::from) })
            }
            Self::Proxy(tunnel) => {
                let connecting = tunnel.call(with_port(destination));
                Box::pin(async move { connecting.await.map_err(BoxError::from) })
            }
        }
    }
}

/// The address with its port: a tunnel takes 443 for one that has none, whatever the scheme.
fn with_port(address: Uri) -> Uri {
    if address.port().is_some() || address.scheme_str() != Some("http") {
        return address;
    }
    let host = address.host().unwrap_or_default();
    let parts = Uri::builder().scheme("http").authority(format!("{host}:80")).path_and_query("/");
    parts.build().unwrap_or(address)
}
