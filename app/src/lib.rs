//! What an administrator sees: pages, components, server functions, wording.
//!
//! Compiled twice. For the server (feature `ssr`) it renders whole pages, which work by plain links
//! and forms. For the browser (feature `hydrate`) only its islands remain: the parts that react
//! while somebody types. A form is described once, as a server function; an island calls it, and
//! without JavaScript the same arguments are posted to the page itself; see [`forms`].

// A view is one type, which the compiler follows to its depth.
#![recursion_limit = "256"]

#[cfg(not(any(feature = "ssr", feature = "hydrate")))]
compile_error!("app is built with the feature `ssr` or the feature `hydrate`");

pub mod api;
pub mod error;
#[cfg(feature = "ssr")]
pub mod forms;
pub mod islands;
#[cfg(feature = "ssr")]
mod layout;
#[cfg(feature = "ssr")]
mod mail;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod paths;
#[cfg(feature = "ssr")]
pub mod request;
pub mod ui;
pub mod wording;
