//! Who calls, and what tests ask for again and again.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(dead_code, clippy::allow_attributes, reason = "each file of tests uses some of it")]

use domain::view::account::AccountInformation;
use domain::view::accounts::AccountQuery;
use domain::{
    account_number::AccountNumber,
    customer::FieldError,
    id::{AccountId, MembershipId, PartnerId, PersonId},
    role::{Caller, Seat},
};
use service::{
    Backend, Error,
    accounts::{
        information::{self},
        list::{self},
    },
};

/// Partner admin of the first partner.
pub fn partner() -> Caller {
    Caller { person: PersonId(1), name: "Marta Bianchi".into(), seat: Seat::PartnerAdmin { partner: PartnerId(1) } }
}

/// Account manager with five accounts.
pub fn manager() -> Caller {
    let seat = Seat::AccountManager { partner: PartnerId(1), membership: MembershipId(2) };
    Caller { person: PersonId(2), name: "Lucia Neri".into(), seat }
}

/// Account admin of the first account.
pub fn admin() -> Caller {
    let seat = Seat::AccountAdmin { partner: PartnerId(1), account: AccountId(1) };
    Caller { person: PersonId(3), name: "Paolo Rossi".into(), seat }
}

/// Plain user of the first account.
pub fn user() -> Caller {
    let seat = Seat::User { partner: PartnerId(1), account: AccountId(1) };
    Caller { person: PersonId(4), name: "Chiara Conti".into(), seat }
}

/// Partner admin of the second partner.
pub fn other_partner() -> Caller {
    Caller { person: PersonId(5), name: "Jonas Keller".into(), seat: Seat::PartnerAdmin { partner: PartnerId(2) } }
}

/// The first account.
pub async fn own(backend: &Backend) -> AccountNumber {
    information::own_number(backend, &admin()).await.unwrap()
}

/// What its page shows to the partner.
pub async fn page(backend: &Backend, number: AccountNumber) -> AccountInformation {
    information::find(backend, &partner(), number).await.unwrap()
}

/// The accounts that `caller` finds by `search`.
pub async fn accounts(backend: &Backend, caller: &Caller, search: &str) -> Vec<AccountNumber> {
    let query = AccountQuery { search: search.into(), ..AccountQuery::default() };
    let page = list::list(backend, caller, &query).await.unwrap();
    page.rows.into_iter().map(|row| row.number).collect()
}

/// What is wrong with the one field that was refused.
pub fn refused(result: Result<impl std::fmt::Debug, Error>) -> FieldError {
    match result {
        Err(Error::Invalid(fields)) => fields[0].1.clone(),
        other => panic!("{other:?}"),
    }
}
