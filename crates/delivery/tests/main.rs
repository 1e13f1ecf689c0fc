//! The tests of `delivery` from outside: against servers on this machine that behave as they are
//! told.

mod contract;
mod faults;
mod oauth;
mod ping;
mod probe;
mod server;
