//! What things are and which rules hold: types, parsing, rights, merging of edits.
//!
//! Nothing here does I/O, and everything compiles natively and to WebAssembly: the browser checks
//! a form with the very code by which the server decides about it.

pub mod account;
pub mod account_number;
pub mod activity;
mod choices;
pub mod country;
pub mod customer;
pub mod email;
pub mod foreign_text;
pub mod id;
pub mod integrations;
pub mod locale;
pub mod mail;
pub mod order;
pub mod order_file;
pub mod password;
pub mod rights;
pub mod role;
pub mod text;
pub mod time;
pub mod view;
