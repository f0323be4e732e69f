//! Forms without JavaScript.
//!
//! A form is posted to the address of the page it stands on, with the server function that it is
//! for in the field `_form`. The function's arguments are read from the body and it is run, just as
//! when an island calls it. When it succeeds the browser is sent on, so that reloading posts nothing
//! twice; when it refuses, the page is rendered again with what was typed and what is wrong.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{
    account_number::AccountNumber,
    country::{CountryCode, CountryFormat, catalogue},
    customer::{
        CountryHistory, CustomerField, CustomerForm, CustomerInformation, FieldError, FieldErrors, required_email,
    },
    integrations::Effect,
    order::{QUANTITY_MAX, parse_quantity},
    order_file::{FileFault, LegacyEncoding},
    role::Caller,
};
use leptos::{prelude::*, server_fn::ServerFn};
use serde::de::DeserializeOwned;
use service::{
    Backend,
    accounts::add::NewAccount,
    idempotency::IdempotencyKey,
    orders::import::{self, Decoded, FILE_MAX},
};

use crate::{
    api::{
        AddAccount, AddContact, AssignOrder, BeginConsent, ChangePassword, Choice, ChooseLocale, ChooseMembership,
        CorrectAssignment, DeactivateAccount, DeleteAccount, ImportOrders, ImportedOrders, OptimiseBandwidth,
        ReactivateAccount, RemoveAssignment, RemoveContact, RemoveIntegration, RemovedAssignment, RemovedContact,
        Rename, RenewGatewayCode, ReportProblem, RestoreAccount, SaveCustomerInformation, SendReportAgain,
        SendTestMessage, SetUpRegistration, SignIn, SignOut, SwitchIntegration, SwitchPrivilege, Undo, UndoRemoval,
    },
    error::WireError,
    paths,
    request::{Posted, local_path},
};

/// The name of the hidden field that says which form was posted.
pub const FORM: &str = "_form";

/// The name of the hidden field by which a form that is sent twice is known again.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency_key";

/// A key under which a form is sent once; empty when there is no randomness, and then it may be sent twice.
pub(crate) fn idempotency_key() -> String {
    IdempotencyKey::random().map(|key| key.to_string()).unwrap_or_default()
}

/// The hidden field with a new key.
pub(crate) fn idempotency_field() -> AnyView {
    view! { <input type="hidden" name=IDEMPOTENCY_KEY value=idempotency_key() /> }.into_any()
}

/// The header with which an island posts a form of the page that it stands on.
pub const LIVE: &str = "tenantry-live";

/// The header with which a page asks for itself because something has changed, not because somebody did
/// something.
pub const FOLLOWS: &str = "tenantry-follows";

/// The name of the button that asks for the fields of the country just chosen.
pub(crate) const UPDATE_COUNTRY: &str = "update_country";

/// What became of a posted form.
pub enum Answer {
    /// It was not to be done yet; the page is to be shown again with what was typed.
    Again(Posted),
    /// It was done; the browser is sent to this address.
    Done(String),
    /// It was refused; the page is to be shown again.
    Refused(WireError, Posted),
    /// There is no such form.
    Unknown,
}

/// A server function that a page has a form for.
trait PageForm: ServerFn<Error = WireError> + DeserializeOwned + Clone + Send + Sync + 'static {
    /// Where the browser goes when it is done.
    fn destination(&self, output: &Self::Output) -> String;

    /// Whether it is not to be done yet, only to be shown again.
    fn is_draft(&self) -> bool {
        false
    }

    /// The form with the fields of the country that is chosen in it. `asked` says that its button for
    /// this was pressed; without it, the form has to say which country's fields it shows.
    fn with_chosen_country(self, _asked: bool) -> Self {
        self
    }
}

impl PageForm for SignIn {
    fn destination(&self, (): &()) -> String {
        local_path(&self.next).unwrap_or("/").to_owned()
    }
}

impl PageForm for SignOut {
    fn destination(&self, (): &()) -> String {
        paths::SIGN_IN.to_owned()
    }
}

impl PageForm for ChooseMembership {
    fn destination(&self, (): &()) -> String {
        "/".to_owned()
    }
}

impl PageForm for ChooseLocale {
    fn destination(&self, (): &()) -> String {
        local_path(&self.return_to).unwrap_or("/").to_owned()
    }
}

impl PageForm for AddAccount {
    fn destination(&self, number: &AccountNumber) -> String {
        format!("{}?done=added{}", paths::account(*number), emptied_suffix(&self.history))
    }

    fn with_chosen_country(mut self, asked: bool) -> Self {
        if asked || !self.history.shown.is_empty() {
            let format = format_of(&self.customer);
            self.history.change_country(&mut self.customer, format);
        }
        self
    }
}

impl PageForm for SaveCustomerInformation {
    fn destination(&self, saved: &Self::Output) -> String {
        let (undo, emptied) = (undo_query(saved.undo), emptied_suffix(&self.history));
        format!("{}?{undo}done=saved{emptied}", paths::account(self.number))
    }

    fn with_chosen_country(mut self, asked: bool) -> Self {
        if asked || !self.history.shown.is_empty() {
            let format = format_of(&self.customer);
            self.history.change_country(&mut self.customer, format);
        }
        self
    }
}

impl PageForm for Undo {
    fn destination(&self, record: &Option<i64>) -> String {
        let (kept, undo) = (kept_query(), undo_query(*record));
        let panel = paths::encode(&self.panel);
        format!("{}?{kept}{undo}done=undone:{panel}#{panel}", paths::account(self.number))
    }
}

impl PageForm for ImportOrders {
    fn destination(&self, imported: &ImportedOrders) -> String {
        format!("{}?import={}&done=imported:{}", paths::ORDERS, imported.import, imported.orders)
    }

    fn is_draft(&self) -> bool {
        !self.confirmed
    }
}

impl PageForm for AssignOrder {
    fn destination(&self, to: &AccountNumber) -> String {
        let quantity = paths::encode(self.quantity.trim());
        match self.back_to {
            Some(account) => {
                format!("{}?done=assigned:{}:{quantity}#subscriptions", paths::account(account), self.order)
            }
            None => format!("{}?done=assigned:{to}:{quantity}#assignments", paths::order(&self.order)),
        }
    }
}

impl PageForm for CorrectAssignment {
    fn destination(&self, (): &()) -> String {
        format!("{}?done=corrected:{}#assignments", paths::order(&self.order), self.from)
    }
}

impl PageForm for RemoveAssignment {
    fn destination(&self, removed: &RemovedAssignment) -> String {
        let RemovedAssignment { number, quantity } = removed;
        format!("{}?done=removed:{}:{quantity}:{number}#assignments", paths::order(&self.order), self.from)
    }

    fn is_draft(&self) -> bool {
        !self.confirmed
    }
}

impl PageForm for UndoRemoval {
    fn destination(&self, (): &()) -> String {
        format!("{}?done=given-back:{}:{}#assignments", paths::order(&self.order), self.account, self.quantity)
    }
}

impl PageForm for DeleteAccount {
    fn destination(&self, (): &()) -> String {
        format!("{}?done=deleted#lifecycle", paths::account(self.number))
    }
}

/// The forms of the account page's panels: where the page goes on, whether what is open on it stays
/// open, and what it says then.
macro_rules! panel_forms {
    ($($form:ident: $panel:literal, $stays_open:literal, |$own:ident, $output:pat_param| $done:expr $(, $undo:expr)?;)*) => {$(
        impl PageForm for $form {
            fn destination(&self, $output: &Self::Output) -> String {
                let $own = self;
                let kept = if $stays_open { kept_query() } else { String::new() };
                let done = paths::encode($done.as_ref());
                let undo: Vec<String> = vec![$(undo_query($undo)),*];
                let undo = undo.concat();
                format!("{}?{kept}{undo}done={done}#{}", paths::account(self.number), $panel)
            }
        }
    )*};
}

panel_forms! {
    AddContact: "support-contacts", true, |_form, email| format!("contact-added:{email}");
    SendTestMessage: "support-contacts", true, |form, ()| format!("test:{}", form.email);
    ReportProblem: "problem-reports", false, |_form, ()| "reported";
    SendReportAgain: "problem-reports", true, |_form, recipient| format!("report-again:{recipient}");
    SwitchIntegration: "integrations", true, |form, undo| format!("integration:{}", form.key), *undo;
    RemoveIntegration: "integrations", true, |form, undo| format!("integration:{}", form.key), *undo;
    RenewGatewayCode: "integrations", true, |_form, ()| "gateway-code";
    SetUpRegistration: "integrations", false, |form, ()| format!("set-up:{}", form.key);
    SwitchPrivilege: "privileges", true, |form, undo| format!("privilege:{}", form.privilege.key()), *undo;
    OptimiseBandwidth: "call-services", true, |_form, undo| "bandwidth", *undo;
    DeactivateAccount: "lifecycle", false, |_form, ()| "deactivated";
    ReactivateAccount: "lifecycle", false, |_form, ()| "reactivated";
    RestoreAccount: "lifecycle", false, |_form, ()| "restored";
}

impl PageForm for RemoveContact {
    fn destination(&self, removed: &Option<RemovedContact>) -> String {
        let mut kept = kept();
        if let Some(removed) = removed {
            let mut gone = kept.remove(GONE).unwrap_or_default();
            if !gone.is_empty() {
                gone.push(',');
            }
            gone.push_str(&removed.id.to_string());
            kept.insert(GONE.to_owned(), gone);
        }
        let (kept, undo) = (to_query(&kept), undo_query(removed.map(|removed| removed.undo)));
        let done = paths::encode(&format!("contact-removed:{}", self.email));
        format!("{}?{kept}{undo}done={done}#support-contacts", paths::account(self.number))
    }
}

/// The part of the page's address that names the contacts removed on it, whose places stay empty: what
/// stands below them does not move up under the pointer.
pub(crate) const GONE: &str = "gone";

/// The parts of the page's address that are said again after a form: what is open, what is filtered, and
/// what was removed.
pub(crate) const KEPT_PARAMETERS: [&str; 4] = ["open", "product", "status", GONE];

/// What of the address of the page is to be said again.
fn kept_query() -> String {
    to_query(&kept())
}

fn kept() -> BTreeMap<String, String> {
    let request = crate::request::current();
    let query = request.uri.split_once('?').map_or("", |(_, query)| query);
    let parts = form_urlencoded::parse(query.as_bytes()).into_owned();
    parts.filter(|(name, _)| KEPT_PARAMETERS.contains(&name.as_str())).collect()
}

fn to_query(parts: &BTreeMap<String, String>) -> String {
    parts
        .iter()
        .flat_map(|(name, value)| [name.clone(), "=".to_owned(), paths::encode(value), "&".to_owned()])
        .collect()
}

/// The fields that a change of country emptied, as the end of what the page's address says was done.
fn emptied_suffix(history: &CountryHistory) -> String {
    let fields: Vec<&str> = history.emptied.iter().map(|field| field.key()).collect();
    if fields.is_empty() { String::new() } else { format!(":{}", fields.join(",")) }
}

/// The fields that [`emptied_suffix`] names.
pub(crate) fn emptied(done: &str) -> Vec<CustomerField> {
    let fields = done.split_once(':').map_or("", |(_, fields)| fields);
    fields.split(',').filter_map(CustomerField::from_key).collect()
}

/// What undoes a change, as a part of the page's address.
fn undo_query(undo: Option<i64>) -> String {
    undo.map_or_else(String::new, |record| format!("undo={record}&"))
}

impl PageForm for BeginConsent {
    fn destination(&self, address: &String) -> String {
        address.clone()
    }
}

/// Effects as a form carries them: what was confirmed.
pub(crate) fn confirmed(effects: &[Effect]) -> String {
    serde_json::to_string(effects).unwrap_or_default()
}

/// The effects that a form says were confirmed; none where it carries nothing that can be read.
pub(crate) fn read_confirmed(text: &str) -> Vec<Effect> {
    serde_json::from_str(text).unwrap_or_default()
}

impl PageForm for Rename {
    fn destination(&self, (): &()) -> String {
        format!("{}?done=saved", paths::PROFILE)
    }
}

impl PageForm for ChangePassword {
    fn destination(&self, (): &()) -> String {
        format!("{}?done=password", paths::PROFILE)
    }
}

/// Runs the form in `body`, within the context of its request.
pub async fn run(body: &str) -> Answer {
    /// One arm for each form.
    macro_rules! run_named {
        ($name:expr, $($form:ty),*) => {
            match $name { $(name if name == <$form>::PATH => run_form::<$form>(body).await,)* _ => Answer::Unknown }
        };
    }
    run_named!(
        name(body).as_str(),
        SignIn,
        SignOut,
        ChooseMembership,
        ChooseLocale,
        AddAccount,
        SaveCustomerInformation,
        AddContact,
        RemoveContact,
        SendTestMessage,
        ReportProblem,
        SendReportAgain,
        SwitchIntegration,
        RemoveIntegration,
        RenewGatewayCode,
        SetUpRegistration,
        BeginConsent,
        SwitchPrivilege,
        OptimiseBandwidth,
        Undo,
        DeactivateAccount,
        ReactivateAccount,
        DeleteAccount,
        RestoreAccount,
        ImportOrders,
        AssignOrder,
        CorrectAssignment,
        RemoveAssignment,
        UndoRemoval,
        Rename,
        ChangePassword
    )
}

/// Which form `body` is of.
fn name(body: &str) -> String {
    let mut fields = form_urlencoded::parse(body.as_bytes());
    fields.find(|(name, _)| name == FORM).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

async fn run_form<F: PageForm>(body: &str) -> Answer {
    let Ok(form) = serde_qs::Config::new(5, false).deserialize_str::<F>(body) else { return Answer::Unknown };
    let asks_for_country = form_urlencoded::parse(body.as_bytes()).any(|(name, _)| name == UPDATE_COUNTRY);
    let form = form.with_chosen_country(asks_for_country);
    if form.is_draft() || asks_for_country {
        return Answer::Again(Posted { input: Arc::new(form), error: None });
    }
    match form.clone().run_body().await {
        Ok(output) => Answer::Done(form.destination(&output)),
        Err(error) => Answer::Refused(error.clone(), Posted { input: Arc::new(form), error: Some(error) }),
    }
}

/// Reads customer information by the rules of the country that is typed in it.
pub(crate) fn customer_information(form: &CustomerForm) -> Result<CustomerInformation, WireError> {
    CustomerInformation::parse(form, format_of(form)).map_err(|fields| WireError::Invalid { fields })
}

/// The format of a form's country, if it is one.
pub(crate) fn format_of(form: &CustomerForm) -> Option<&'static CountryFormat> {
    CountryCode::parse(&form.country).ok().map(catalogue::format)
}

/// Reads the form of a new account.
pub(crate) fn new_account(
    form: &CustomerForm,
    cloud_location: String,
    support_contact: &str,
) -> Result<NewAccount, WireError> {
    let customer = CustomerInformation::parse(form, format_of(form));
    let contact = required_email(support_contact);
    match (customer, contact, cloud_location.is_empty()) {
        (Ok(customer), Ok(support_contact), false) => Ok(NewAccount { customer, cloud_location, support_contact }),
        (customer, contact, no_location) => {
            let mut fields: FieldErrors = customer.err().unwrap_or_default();
            if no_location {
                fields.push(("cloud_location".to_owned(), FieldError::Required));
            }
            fields.extend(contact.err().map(|error| ("support_contact".to_owned(), error)));
            Err(WireError::Invalid { fields })
        }
    }
}

/// The text of an import: of the file that was chosen, or what was pasted.
pub(crate) fn uploaded(file: &str, encoding: &str, pasted: &str) -> Result<Decoded, WireError> {
    let text = match (file.is_empty(), pasted.trim().is_empty()) {
        (true, true) => Err(FileFault::Missing),
        (false, false) => Err(FileFault::FileAndText),
        (true, false) if pasted.len() > 2 * FILE_MAX => {
            Err(FileFault::TooLarge { bytes: pasted.len() as u64, max: FILE_MAX as u64 })
        }
        (true, false) => Ok(Decoded { text: pasted.to_owned(), legacy: None }),
        (false, true) => BASE64_STANDARD
            .decode(file)
            .map_err(|_| FileFault::Binary)
            .and_then(|bytes| import::decode(&bytes, LegacyEncoding::from_key(encoding))),
    };
    text.map_err(|fault| WireError::Invalid { fields: vec![(import::FIELD.to_owned(), FieldError::File(fault))] })
}

/// Reads to which account how many licences are to be assigned.
pub(crate) async fn assignment(
    backend: &Backend,
    caller: &Caller,
    account: &str,
    quantity: &str,
) -> Result<(AccountNumber, u32), WireError> {
    let quantity = parse_quantity(quantity, QUANTITY_MAX);
    match (service::accounts::list::resolve(backend, caller, account).await, quantity) {
        (Ok(account), Ok(quantity)) => Ok((account, quantity)),
        (Err(service::Error::Invalid(mut fields)), quantity) => {
            fields.extend(quantity.err().map(|error| ("quantity".to_owned(), error)));
            Err(WireError::Invalid { fields })
        }
        (Err(error), _) => Err(error.into()),
        (Ok(_), Err(error)) => Err(WireError::Invalid { fields: vec![("quantity".to_owned(), error)] }),
    }
}

/// The form with those stored values in it that a person chose to keep.
pub(crate) fn chosen(
    mut form: CustomerForm,
    choice: &BTreeMap<CustomerField, Choice>,
    stored: &CustomerForm,
) -> CustomerForm {
    for (&field, &choice) in choice {
        if choice == Choice::Stored {
            stored.get(field).clone_into(form.get_mut(field));
        }
    }
    form
}
