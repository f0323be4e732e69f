//! How Tenantry is reached: the `tenantry` binary with its command line, configuration, HTTP,
//! sessions, headers and background work.

// Pages are views of one type each, which the compiler follows to their depth.
#![recursion_limit = "512"]

mod background;
pub mod cli;
mod config;
mod connections;
mod demo;
mod files;
mod health;
mod http;
mod logging;
mod mail;
mod microsoft;
mod serve;
mod site;

pub use self::http::{AppState, PLAIN_ROUTES, function_routes, page_routes, router};
pub use self::site::Files;
