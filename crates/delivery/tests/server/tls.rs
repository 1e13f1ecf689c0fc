//! The encrypted side of the servers.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A file of the tests' certificates.
pub(crate) fn certificate_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates").join(name)
}

/// A server's end of TLS, with the certificate of this name.
pub(super) fn tls(name: &str, stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
    let file = |ending: &str| certificate_file(&format!("{name}.{ending}"));
    let certificate = CertificateDer::from_pem_file(file("pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(file("key")).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a pair");
    let connection = ServerConnection::new(Arc::new(config)).expect("a connection");
    StreamOwned::new(connection, stream)
}
