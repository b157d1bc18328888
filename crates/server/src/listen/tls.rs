//! TLS from a certificate and its key.

use super::TlsFiles;
use crate::ServeError;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// What the second version of HTTP is called in a handshake.
pub(super) const HTTP2: &[u8] = b"h2";

/// What takes connections over TLS 1.2 or 1.3.
pub(super) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, ServeError> {
    let unusable =
        |path: &Path, message: String| ServeError::Tls { path: path.display().to_string(), message };
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(|error| unusable(&files.certificate, error.to_string()))?;
    if certificates.is_empty() {
        return Err(unusable(&files.certificate, "it holds no certificate in the PEM form".to_owned()));
    }
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|error| unusable(&files.key, error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(certificates, key))
        .map_err(|error| unusable(&files.key, error.to_string()))?;
    // browsers, which know both, get the first; agents know the second alone
    config.alpn_protocols = vec![b"http/1.1".to_vec(), HTTP2.to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
