//! What carries requests to the server.

use tonic::body::Body;
use tonic::client::GrpcService;
use tonic::codegen::{Body as HttpBody, Bytes, StdError};
use tonic::{Request, Status};

/// What carries requests to the server: a client of HTTP/2.
pub trait Channel:
    GrpcService<Body, ResponseBody = Self::Answer, Future: Send> + Clone + Send + Sync + 'static
{
    /// The body of an answer.
    type Answer: HttpBody<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static;
}

impl<T> Channel for T
where
    T: GrpcService<Body, Future: Send> + Clone + Send + Sync + 'static,
    T::ResponseBody: HttpBody<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
{
    type Answer = T::ResponseBody;
}

/// A request of whoever has that credential.
///
/// # Errors
/// The credential cannot be a header.
pub(super) fn request<T>(message: T, credential: &str) -> Result<Request<T>, Status> {
    let mut request = Request::new(message);
    let mut value = format!("Bearer {credential}")
        .parse::<tonic::metadata::MetadataValue<_>>()
        .map_err(|_| Status::unauthenticated("the credential holds characters that cannot be sent"))?;
    value.set_sensitive(true);
    request.metadata_mut().insert("authorization", value);
    Ok(request)
}
