//! The server as its users meet it, in this process.
#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod asvs;
mod browser;
mod changes;
mod command_line;
mod configuration;
mod gateway;
mod http;
mod junk;
mod outside;
mod panels;
mod rights;
mod search;
mod sessions;
mod text;
mod wording;
