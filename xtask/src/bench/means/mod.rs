//! What benchmarks measure with: databases, the server, requests, load, and the sums over it.

pub(super) mod database;
pub(super) mod disk;
pub(super) mod http;
pub(super) mod load;
pub(super) mod server;
pub(super) mod statistics;
pub(super) mod visitor;
