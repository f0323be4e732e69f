//! Server functions: each finds the caller, parses, calls one use case, and maps the error.
#![cfg_attr(feature = "ssr", expect(clippy::unused_async, reason = "server functions are asynchronous"))]
#![expect(missing_docs, reason = "the macro makes a field of each argument and keeps no docs for it")]

use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
use domain::integrations::Wanted;
use domain::{
    account_number::AccountNumber,
    country::CountryFormat,
    customer::{CountryHistory, CustomerField, CustomerForm},
    email::EmailAddress,
    integrations::{IntegrationKey, Privilege},
    locale::Locale,
    order::TrackingNumber,
};
use leptos::server;
use serde::{Deserialize, Serialize};

use crate::error::WireError;
#[cfg(feature = "ssr")]
use crate::request::{current, locale_cookie, session_cookie, set_cookie, set_status};

/// Gives an error the HTTP status that goes with it.
#[cfg(feature = "ssr")]
fn refuse(error: impl Into<WireError>) -> WireError {
    let error = error.into();
    set_status(error.status());
    error
}

/// The use cases for a request that was sent under `key`.
#[cfg(feature = "ssr")]
fn once(request: &crate::request::Request, key: &str) -> service::Backend {
    request.backend.with_idempotency_key(service::idempotency::IdempotencyKey::parse(key))
}

/// Signs in with e-mail and password.
#[server(prefix = "/api", endpoint = "sign_in")]
pub async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), WireError> {
    // Where to go afterwards is for the page's form to say; see `forms`.
    let _ = next;
    let request = current();
    let former = request.token.as_ref();
    let signing_in = service::sessions::sign_in(&request.backend, &email, &password, &request.source, former);
    let token = signing_in.await.map_err(refuse)?;
    let seconds = request.backend.settings.session.absolute;
    set_cookie(&request, session_cookie(request.secure), &token.to_cookie(), seconds);
    Ok(())
}

/// Ends the session.
#[server(prefix = "/api", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), WireError> {
    let request = current();
    if let Some(token) = &request.token {
        service::sessions::sign_out(&request.backend, token).await.map_err(refuse)?;
    }
    set_cookie(&request, session_cookie(request.secure), "", 0);
    Ok(())
}

/// Chooses the membership to work from.
#[server(prefix = "/api", endpoint = "choose_membership")]
pub async fn choose_membership(membership: i64) -> Result<(), WireError> {
    let request = current();
    let (signed_in, token) = request.session().map_err(refuse)?;
    let membership = domain::id::MembershipId(membership);
    service::sessions::choose(&request.backend, token, signed_in.person, membership).await.map_err(refuse)
}

/// Chooses the language of the console, for the browser and for the person if there is one.
#[server(prefix = "/api", endpoint = "choose_locale")]
pub async fn choose_locale(locale: Locale, #[server(default)] return_to: String) -> Result<(), WireError> {
    // Where to go afterwards is for the page's form to say; see `forms`.
    let _ = return_to;
    let request = current();
    set_cookie(&request, locale_cookie(request.secure), locale.tag(), 365 * 24 * 3600);
    match &request.signed_in {
        Some(person) => service::profile::choose_locale(&request.backend, person.person, locale).await.map_err(refuse),
        None => Ok(()),
    }
}

/// The form of a country's addresses, for one country at a time.
#[server(prefix = "/api", endpoint = "format_of_country")]
pub async fn format_of_country(country: String) -> Result<CountryFormat, WireError> {
    use domain::country::{CountryCode, catalogue};
    current().caller().map_err(refuse)?;
    let code = CountryCode::parse(&country).map_err(|_| refuse(WireError::NotFound))?;
    Ok(catalogue::format(code).clone())
}

/// An account that was found by typing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundAccount {
    /// Account ID.
    pub number: AccountNumber,
    /// Customer name.
    pub name: String,
    /// City.
    pub city: Option<String>,
}

/// The first accounts that match what was typed into the account switcher.
#[server(prefix = "/api", endpoint = "find_accounts")]
pub async fn find_accounts(#[server(default)] search: String) -> Result<Vec<FoundAccount>, WireError> {
    use service::accounts::list::{AccountQuery, list};
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let query = AccountQuery { search, ..AccountQuery::default() };
    let page = list(&request.backend, &caller, &query).await.map_err(refuse)?;
    let first = page.rows.into_iter().take(8);
    Ok(first.map(|row| FoundAccount { number: row.number, name: row.name, city: row.city }).collect())
}

/// Adds an account; gives its Account ID.
#[server(prefix = "/api", endpoint = "add_account")]
pub async fn add_account(
    #[server(flatten)] customer: CustomerForm,
    #[server(default)] cloud_location: String,
    #[server(default)] support_contact: String,
    #[server(default)] history: CountryHistory,
    #[server(default)] idempotency_key: String,
) -> Result<AccountNumber, WireError> {
    // What a change of country leads to is for the page's form to say; see `forms`.
    let _ = history;
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let new = crate::forms::new_account(&customer, cloud_location, &support_contact).map_err(refuse)?;
    service::accounts::add::add(&once(&request, &idempotency_key), &caller, new).await.map_err(refuse)
}

/// Customer information as it is stored after saving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedCustomer {
    /// The version that the next edit has to state.
    pub version: i64,
    /// Customer information, with what others saved meanwhile.
    pub customer: CustomerForm,
    /// What undoes it; `None` when nothing was changed.
    pub undo: Option<i64>,
}

/// Which of two values to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// The one that is stored.
    Stored,
    /// The one that was typed.
    Mine,
}

/// Saves customer information that was edited from `version` on. Where two edits met, `choice`
/// says for each field whether the value in `stored` is to stay.
#[server(prefix = "/api", endpoint = "save_customer_information")]
pub async fn save_customer_information(
    number: AccountNumber,
    version: i64,
    #[server(flatten)] customer: CustomerForm,
    #[server(default)] choice: BTreeMap<CustomerField, Choice>,
    #[server(default)] stored: CustomerForm,
    #[server(default)] history: CountryHistory,
) -> Result<SavedCustomer, WireError> {
    // As with a new account.
    let _ = history;
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let wanted = crate::forms::chosen(customer, &choice, &stored);
    let information = crate::forms::customer_information(&wanted).map_err(refuse)?;
    let saving = service::accounts::information::save(&request.backend, &caller, number, version, &information);
    let saved = saving.await.map_err(refuse)?;
    Ok(SavedCustomer { version: saved.version, customer: saved.customer, undo: saved.undo })
}

/// A person of the partner, found by typing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPerson {
    /// Name.
    pub name: String,
    /// Address.
    pub email: String,
}

/// The people of the account's partner that what was typed may mean.
#[server(prefix = "/api", endpoint = "find_people")]
pub async fn find_people(
    number: AccountNumber,
    #[server(default)] typed: String,
) -> Result<Vec<FoundPerson>, WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let found = service::contacts::find_people(&request.backend, &caller, number, &typed).await.map_err(refuse)?;
    let readable = |email: &str| domain::email::readable(email);
    Ok(found.into_iter().map(|person| FoundPerson { email: readable(&person.email), name: person.name }).collect())
}

/// Adds a support contact; gives its address.
#[server(prefix = "/api", endpoint = "add_contact")]
pub async fn add_contact(
    number: AccountNumber,
    #[server(default)] contact: String,
    #[server(default)] idempotency_key: String,
) -> Result<EmailAddress, WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    service::contacts::add(&once(&request, &idempotency_key), &caller, number, &contact).await.map_err(refuse)
}

/// A support contact that was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedContact {
    /// Its key, by which its place in the list is kept.
    pub id: i64,
    /// What undoes the removal.
    pub undo: i64,
}

/// Removes a support contact; gives what was removed, unless it was gone already.
#[server(prefix = "/api", endpoint = "remove_contact")]
pub async fn remove_contact(number: AccountNumber, email: EmailAddress) -> Result<Option<RemovedContact>, WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let removed = service::contacts::remove(&request.backend, &caller, number, &email).await.map_err(refuse)?;
    Ok(removed.map(|removed| RemovedContact { id: removed.id, undo: removed.record }))
}

/// Sends a test message to a support contact.
#[server(prefix = "/api", endpoint = "send_test_message")]
pub async fn send_test_message(
    number: AccountNumber,
    email: EmailAddress,
    #[server(default)] idempotency_key: String,
) -> Result<(), WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let text = crate::mail::test_message(request.locale, &caller.name);
    let backend = once(&request, &idempotency_key);
    service::contacts::send_test(&backend, &caller, number, &email, text).await.map_err(refuse)
}

/// Reports a problem to every support contact.
#[server(prefix = "/api", endpoint = "report_problem")]
pub async fn report_problem(
    number: AccountNumber,
    #[server(default)] subject: String,
    #[server(default)] description: String,
    #[server(default)] idempotency_key: String,
) -> Result<(), WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let text = crate::mail::report(request.locale, &caller.name, number);
    let backend = once(&request, &idempotency_key);
    let report = service::reports::report(&backend, &caller, number, &subject, &description, text);
    report.await.map_err(refuse)
}

/// Sends the mail of a report again that finally failed; gives its recipient.
#[server(prefix = "/api", endpoint = "send_report_again")]
pub async fn send_report_again(number: AccountNumber, mail: i64) -> Result<String, WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    service::reports::send_again(&request.backend, &caller, number, mail).await.map_err(refuse)
}

/// Switches an integration on or off, if what it causes is what was confirmed. Gives what undoes it.
#[server(prefix = "/api", endpoint = "switch_integration")]
pub async fn switch_integration(
    number: AccountNumber,
    key: IntegrationKey,
    on: bool,
    #[server(default)] confirmed: String,
) -> Result<Option<i64>, WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let confirmed = crate::forms::read_confirmed(&confirmed);
    let wanted = Wanted::Switch { key, on };
    service::integrations::change(&request.backend, &caller, number, &wanted, &confirmed).await.map_err(refuse)
}

/// Removes an integration and its configuration. Gives what undoes it.
#[server(prefix = "/api", endpoint = "remove_integration")]
pub async fn remove_integration(
    number: AccountNumber,
    key: IntegrationKey,
    #[server(default)] confirmed: String,
) -> Result<Option<i64>, WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let confirmed = crate::forms::read_confirmed(&confirmed);
    let wanted = Wanted::Remove { key };
    service::integrations::change(&request.backend, &caller, number, &wanted, &confirmed).await.map_err(refuse)
}

/// Draws a new one-time code for the gateway.
#[server(prefix = "/api", endpoint = "renew_gateway_code")]
pub async fn renew_gateway_code(number: AccountNumber) -> Result<(), WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    service::integrations::gateway::renew(&request.backend, &caller, number).await.map_err(refuse)
}

/// What is typed of an application registered at Microsoft, but for its secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedRegistration {
    /// A name for it.
    pub name: String,
    /// The directory (tenant): its GUID, or a domain of it.
    pub tenant_id: String,
    /// The application (client) id.
    pub client_id: String,
}

/// Sets an integration up by an application registered at Microsoft.
#[server(prefix = "/api", endpoint = "set_up_registration")]
pub async fn set_up_registration(
    number: AccountNumber,
    key: IntegrationKey,
    #[server(flatten)] registration: TypedRegistration,
    #[server(default)] client_secret: String,
    #[server(default)] new_secret: bool,
    #[server(default)] presence_both_ways: bool,
) -> Result<(), WireError> {
    use service::integrations::microsoft::{AppRegistration, RegistrationForm, register};
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let TypedRegistration { name, tenant_id, client_id } = registration;
    let registration = &AppRegistration { name, tenant_id, client_id };
    let client_secret = client_secret.into();
    let form = RegistrationForm { key, registration, client_secret, new_secret, presence_both_ways };
    register(&request.backend, &caller, number, &form).await.map_err(refuse)
}

/// Begins an administrator's consent; gives the address at Microsoft to go to.
#[server(prefix = "/api", endpoint = "begin_consent")]
pub async fn begin_consent(number: AccountNumber) -> Result<String, WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let (_, session) = request.session().map_err(refuse)?;
    service::integrations::microsoft::begin_consent(&request.backend, &caller, session, number).await.map_err(refuse)
}

/// Switches a privilege, if what it causes is what was confirmed. Gives what undoes it.
#[server(prefix = "/api", endpoint = "switch_privilege")]
pub async fn switch_privilege(
    number: AccountNumber,
    privilege: Privilege,
    on: bool,
    #[server(default)] confirmed: String,
) -> Result<Option<i64>, WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let confirmed = crate::forms::read_confirmed(&confirmed);
    let wanted = Wanted::Privilege { privilege, on, by: caller.name.clone() };
    service::integrations::change(&request.backend, &caller, number, &wanted, &confirmed).await.map_err(refuse)
}

/// Switches bandwidth optimisation. Gives what undoes it.
#[server(prefix = "/api", endpoint = "optimise_bandwidth")]
pub async fn optimise_bandwidth(number: AccountNumber, on: bool) -> Result<Option<i64>, WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    service::integrations::optimise_bandwidth(&request.backend, &caller, number, on).await.map_err(refuse)
}

/// Takes back a change that the person made a short while ago. Gives what undoes that, if anything does.
#[server(prefix = "/api", endpoint = "undo")]
pub async fn undo(
    number: AccountNumber,
    record: i64,
    #[server(default)] panel: String,
) -> Result<Option<i64>, WireError> {
    // On which panel the page goes on is for its form to say; see `forms`.
    let _ = panel;
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    service::undo::undo(&request.backend, &caller, number, record).await.map_err(refuse)
}

/// Deactivates an account.
#[server(prefix = "/api", endpoint = "deactivate_account")]
pub async fn deactivate_account(number: AccountNumber) -> Result<(), WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    service::accounts::lifecycle::deactivate(&request.backend, &caller, number).await.map_err(refuse)
}

/// Returns a deactivated account.
#[server(prefix = "/api", endpoint = "reactivate_account")]
pub async fn reactivate_account(number: AccountNumber) -> Result<(), WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    service::accounts::lifecycle::reactivate(&request.backend, &caller, number).await.map_err(refuse)
}

/// Deletes an account, of which the customer's name was typed.
#[server(prefix = "/api", endpoint = "delete_account")]
pub async fn delete_account(number: AccountNumber, #[server(default)] name: String) -> Result<(), WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    service::accounts::lifecycle::delete(&request.backend, &caller, number, &name).await.map_err(refuse)
}

/// Restores a deleted account.
#[server(prefix = "/api", endpoint = "restore_account")]
pub async fn restore_account(number: AccountNumber) -> Result<(), WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    service::accounts::lifecycle::restore(&request.backend, &caller, number).await.map_err(refuse)
}

/// An import that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedOrders {
    /// Its key, by which the list shows its orders.
    pub import: i64,
    /// How many orders it made.
    pub orders: u64,
}

/// Imports the orders of a file, which comes in Base64, or of what was pasted. Unless it is `confirmed`, the
/// page only says what it would do; see `forms`.
#[server(prefix = "/api", endpoint = "import_orders")]
pub async fn import_orders(
    #[server(default)] csv: String,
    #[server(default)] file: String,
    #[server(default)] encoding: String,
    #[server(default)] confirmed: bool,
    #[server(default)] expected: Option<u64>,
    #[server(default)] idempotency_key: String,
) -> Result<ImportedOrders, WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    if !confirmed {
        return Err(refuse(WireError::Unconfirmed { effects: Vec::new() }));
    }
    let csv = crate::forms::uploaded(&file, &encoding, &csv).map_err(refuse)?.text;
    let backend = once(&request, &idempotency_key);
    let imported = service::orders::import::import(&backend, &caller, &csv, expected).await.map_err(refuse)?;
    Ok(ImportedOrders { import: imported.import, orders: imported.orders })
}

/// Assigns licences of an order to an account, named by its Account ID or by enough of its name; gives
/// which it is.
#[server(prefix = "/api", endpoint = "assign_order")]
pub async fn assign_order(
    order: TrackingNumber,
    version: i64,
    #[server(default)] account: String,
    #[server(default)] quantity: String,
    #[server(default)] back_to: Option<AccountNumber>,
    #[server(default)] idempotency_key: String,
) -> Result<AccountNumber, WireError> {
    // Where to go afterwards is for the page's form to say; see `forms`.
    let _ = back_to;
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let (to, quantity) =
        crate::forms::assignment(&request.backend, &caller, &account, &quantity).await.map_err(refuse)?;
    let backend = once(&request, &idempotency_key);
    let assigning = service::orders::assign::assign(&backend, &caller, &order, version, to, quantity);
    assigning.await.map_err(refuse).map(|()| to)
}

/// Corrects what of an order is assigned to an account: how much, and to which.
#[server(prefix = "/api", endpoint = "correct_assignment")]
pub async fn correct_assignment(
    order: TrackingNumber,
    version: i64,
    from: AccountNumber,
    #[server(default)] account: String,
    #[server(default)] quantity: String,
) -> Result<(), WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let (to, quantity) =
        crate::forms::assignment(&request.backend, &caller, &account, &quantity).await.map_err(refuse)?;
    let correction = service::orders::assign::correct(&request.backend, &caller, &order, version, from, to, quantity);
    correction.await.map_err(refuse)
}

/// What was taken back from an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedAssignment {
    /// The number of its subscription.
    pub number: String,
    /// The licences.
    pub quantity: i64,
}

/// Takes back what of an order is assigned to an account. Unless it is `confirmed`, the page only asks; see
/// `forms`.
#[server(prefix = "/api", endpoint = "remove_assignment")]
pub async fn remove_assignment(
    order: TrackingNumber,
    version: i64,
    from: AccountNumber,
    #[server(default)] confirmed: bool,
) -> Result<RemovedAssignment, WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    if !confirmed {
        return Err(refuse(WireError::Unconfirmed { effects: Vec::new() }));
    }
    let removal = service::orders::assign::remove(&request.backend, &caller, &order, version, from);
    let removed = removal.await.map_err(refuse)?;
    Ok(RemovedAssignment { number: removed.number, quantity: removed.quantity })
}

/// Gives back to an account what was taken from it, under the number that it had.
#[server(prefix = "/api", endpoint = "undo_removal")]
pub async fn undo_removal(
    order: TrackingNumber,
    version: i64,
    account: AccountNumber,
    number: String,
    quantity: i64,
) -> Result<(), WireError> {
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let removed = service::orders::assign::Removed { account, number, quantity };
    let undoing = service::orders::assign::undo_removal(&request.backend, &caller, &order, version, &removed);
    undoing.await.map_err(refuse)
}

/// Changes the person's own name.
#[server(prefix = "/api", endpoint = "rename")]
pub async fn rename(#[server(default)] name: String) -> Result<(), WireError> {
    let request = current();
    let (signed_in, _) = request.session().map_err(refuse)?;
    service::profile::rename(&request.backend, signed_in.person, &name).await.map_err(refuse)
}

/// Changes the person's own password.
#[server(prefix = "/api", endpoint = "change_password")]
pub async fn change_password(
    #[server(default)] password: String,
    #[server(default)] new_password: String,
) -> Result<(), WireError> {
    let request = current();
    let (signed_in, token) = request.session().map_err(refuse)?;
    let person = signed_in.person;
    service::profile::change_password(&request.backend, person, token, &password, &new_password).await.map_err(refuse)
}
