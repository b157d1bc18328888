//! Serves a recording over loopback HTTP.

use crate::Recording;
use crate::recording::key;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;

/// A server of recorded answers; it ends with the run time that it was started on.
#[derive(Debug)]
pub struct DemoServer {
    address: SocketAddr,
}

impl DemoServer {
    /// Serves a recording on a free port of loopback.
    ///
    /// # Errors
    /// If no port can be opened.
    pub async fn start(recording: Recording) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let recording = Arc::new(recording);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let recording = Arc::clone(&recording);
                tokio::spawn(async move {
                    let service = service_fn(move |request| answer(Arc::clone(&recording), request));
                    let connection = hyper::server::conn::http1::Builder::new();
                    if let Err(error) = connection.serve_connection(TokioIo::new(stream), service).await {
                        tracing::debug!(%error, "a connection to the demo ended early");
                    }
                });
            }
        });
        Ok(Self { address })
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn answer(
    recording: Arc<Recording>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let key = key(text("authorization"), head.method.as_str(), path, text("x-amz-target"), &body);
    let mut response = Response::new(Full::default());
    if let Some(recorded) = recording.answer(&key) {
        *response.status_mut() =
            StatusCode::from_u16(recorded.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Ok(content_type) = recorded.content_type.parse() {
            response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        }
        *response.body_mut() = Full::from(recorded.body.clone());
    } else {
        // told as unreadable by the scan, like anything else that fails
        tracing::debug!(key, "not in the recording");
        *response.status_mut() = StatusCode::NOT_IMPLEMENTED;
    }
    Ok(response)
}
