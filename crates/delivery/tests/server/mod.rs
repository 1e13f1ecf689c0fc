//! Servers on ports of this machine that behave as they are told, and keep what they heard.

mod folder;
mod http;
mod smtp;
mod tls;

pub(crate) use folder::files_in;
pub(crate) use http::{HttpServer, Reply};
pub(crate) use smtp::{Behaviour, Encryption, Received, Server};
pub(crate) use tls::certificate_file;
