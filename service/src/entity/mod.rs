//! The tables, one entity each; see `migration` for what their columns mean.

pub(crate) mod account;
pub(crate) mod account_assignment;
pub(crate) mod account_integration;
pub(crate) mod account_number;
pub(crate) mod account_privilege;
pub(crate) mod account_word;
pub(crate) mod activity;
pub(crate) mod activity_word;
pub(crate) mod consent_request;
pub(crate) mod gateway_code;
pub(crate) mod mail;
pub(crate) mod membership;
pub(crate) mod order_import;
pub(crate) mod order_word;
pub(crate) mod partner;
pub(crate) mod partner_order;
pub(crate) mod person;
pub(crate) mod problem_report;
pub(crate) mod removed_integration;
pub(crate) mod session;
pub(crate) mod subscription;
pub(crate) mod support_contact;
