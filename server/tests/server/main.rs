//! The server as its users meet it, in this process.
#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod browser;
mod changes;
mod gateway;
mod http;
mod outside;
mod panels;
mod rights;
