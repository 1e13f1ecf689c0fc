//! The partner site of the demonstration: `fixtures/site` on an ephemeral loopback port.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ETAG, HeaderValue, IF_NONE_MATCH};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use model::SubmissionHash;
use tokio::net::TcpListener;

/// Serves the files of a folder until the program ends. Gives back the address, without a slash
/// at the end.
pub(crate) async fn serve(folder: PathBuf) -> std::io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let folder = folder.clone();
            // Answers are small: waiting to fill a packet would only cost time.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!("The demonstration's site could not set TCP_NODELAY: {error}");
            }
            tokio::spawn(async move {
                let service = service_fn(|request| {
                    let response = respond(&folder, &request);
                    async move { Ok::<_, Infallible>(response) }
                });
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                if let Err(error) = connection.await {
                    tracing::debug!("The demonstration's site lost a connection: {error}");
                }
            });
        }
    });
    Ok(address)
}

fn respond(folder: &Path, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let Some(bytes) = file(folder, request.uri().path()) else {
        return with_status(StatusCode::NOT_FOUND);
    };
    let etag = format!("\"{}\"", SubmissionHash::of(&bytes).short());
    let asked = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = if asked == Some(etag.as_str()) {
        with_status(StatusCode::NOT_MODIFIED)
    } else {
        Response::new(Full::new(Bytes::from(bytes)))
    };
    if let Ok(value) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(ETAG, value);
    }
    response
}

fn with_status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

/// A file below the folder; plain names only, so that no path leads out of it.
fn file(folder: &Path, path: &str) -> Option<Vec<u8>> {
    let mut wanted = folder.to_path_buf();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let plain = part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if !plain || part.starts_with('.') {
            return None;
        }
        wanted.push(part);
    }
    std::fs::read(wanted).ok()
}
