//! Set-up of the Microsoft integrations: an app registration with its secret, and an administrator's
//! consent.

use std::{fmt::Debug, future::Future, pin::Pin};

use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    activity::ActivityKind,
    customer::{FieldCheck, FieldError, FieldErrors, required_line},
    id::PersonId,
    integrations::{Failure, IntegrationKey, SetUp, State, Wanted},
    rights::Action,
    role::Caller,
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Changing, stored};
use crate::{
    Backend,
    accounts::{self, account_number, authorise, status},
    activity::Actor,
    entity::{account, account_integration, consent_request},
    error::{Error, Result},
    random,
};

/// Seconds that an administrator has for consenting.
const CONSENT_LASTS: i64 = 3600;

/// What an administrator fills in for an app registration, but for its secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// A name for it.
    pub name: String,
    /// The directory (tenant) id: a GUID.
    pub tenant_id: String,
    /// The application (client) id: a GUID.
    pub client_id: String,
}

/// Credentials to be checked.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The directory (tenant) id.
    pub tenant_id: String,
    /// The application (client) id.
    pub client_id: String,
    /// The secret.
    pub client_secret: SecretString,
}

/// What came of checking credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// They are right.
    Accepted,
    /// They are not, for this reason in Microsoft's words.
    Refused(String),
    /// Nobody could say.
    Unreachable,
}

/// The token endpoint of the Microsoft identity platform.
pub trait TokenEndpoint: Debug + Send + Sync {
    /// Asks for a token with `credentials`.
    fn check<'a>(&'a self, credentials: &'a Credentials) -> Pin<Box<dyn Future<Output = Checked> + Send + 'a>>;
}

/// The token endpoint of a server that has none: nobody can say.
#[derive(Clone, Copy, Debug)]
pub struct NoTokenEndpoint;

impl TokenEndpoint for NoTokenEndpoint {
    fn check<'a>(&'a self, _: &'a Credentials) -> Pin<Box<dyn Future<Output = Checked> + Send + 'a>> {
        Box::pin(std::future::ready(Checked::Unreachable))
    }
}

/// What is configured of Microsoft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MicrosoftSettings {
    /// The base address of the identity platform; national clouds have their own.
    pub login_url: String,
    /// The client id of the operator's own multi-tenant application, to which administrators consent.
    pub client_id: Option<String>,
    /// Where browsers reach the console, to which Microsoft sends them back.
    pub public_url: String,
}

impl Default for MicrosoftSettings {
    fn default() -> Self {
        Self {
            login_url: "https://login.microsoftonline.com".to_owned(),
            client_id: None,
            public_url: "http://127.0.0.1:3000".to_owned(),
        }
    }
}

/// The path to which Microsoft sends administrators back.
pub const CONSENT_PATH: &str = "/integrations/consent";

/// What is typed into the form of an app registration.
#[derive(Clone, Debug)]
pub struct RegistrationForm<'a> {
    /// Which integration.
    pub key: IntegrationKey,
    /// What is not secret.
    pub registration: &'a Registration,
    /// The secret; empty to keep the one that is stored.
    pub client_secret: SecretString,
    /// Whether presence is to go both ways.
    pub presence_both_ways: bool,
}

/// Sets up an integration by an app registration, once Microsoft has accepted its credentials.
///
/// # Errors
/// [`Error::Invalid`] for what is refused, here or by Microsoft; [`Error::Needs`] when presence
/// both ways needs something that is not in use; [`Error::NotFound`] and [`Error::Forbidden`] by rights.
pub async fn register(
    backend: &Backend,
    caller: &Caller,
    number: AccountNumber,
    form: &RegistrationForm<'_>,
) -> Result<()> {
    let database = backend.store.reader();
    let row = authorise(database, caller, Action::EditIntegrations, number).await?;
    let application = backend.settings.catalogue.get(&form.key).ok_or(Error::NotFound)?;
    if application.set_up != Some(SetUp::AppRegistration) {
        return Err(Error::NotFound);
    }
    let kept = kept_secret(backend, database, row.id, &form.key).await?;
    let (registration, client_secret) = read(form, kept).map_err(Error::Invalid)?;
    let credentials = Credentials {
        tenant_id: registration.tenant_id.clone(),
        client_id: registration.client_id.clone(),
        client_secret,
    };
    match backend.token_endpoint.check(&credentials).await {
        Checked::Accepted => {}
        Checked::Refused(reason) => return Err(Error::field("client_secret", FieldError::Refused { reason })),
        Checked::Unreachable => return Err(Error::field("client_secret", FieldError::Unreachable)),
    }
    let (transaction, row) = accounts::begin(backend, caller, Action::EditIntegrations, number).await?;
    let changing = Changing { backend, transaction: &transaction, account: &row, by: Actor::Person(caller) };
    let wanted = Wanted::SetUp { key: form.key.clone(), presence_both_ways: form.presence_both_ways };
    // The page has named the privileges that come with it, beside the form.
    changing.make(&wanted, None).await?;
    let secret = credentials.client_secret.expose_secret();
    let mut change = account_integration::ActiveModel::default();
    seal_registration(backend, row.id, &form.key, &registration, secret, &mut change)?;
    account_integration::Entity::update_many()
        .set(change)
        .filter(account_integration::Column::AccountId.eq(row.id))
        .filter(account_integration::Column::Key.eq(form.key.as_str()))
        .exec(&transaction)
        .await?;
    transaction.commit().await
}

/// Puts a registration and its sealed secret into the row of its integration.
pub(crate) fn seal_registration(
    backend: &Backend,
    account: i64,
    key: &IntegrationKey,
    registration: &Registration,
    secret: &str,
    row: &mut account_integration::ActiveModel,
) -> Result<()> {
    let settings = serde_json::to_string(registration).map_err(|error| Error::Internal(error.to_string()))?;
    row.settings = Set(Some(settings));
    row.secret = Set(Some(backend.settings.sealer.seal(&place(account, key), secret)?));
    Ok(())
}

/// Reads the form; a secret that is left empty is the one that is stored.
fn read(
    form: &RegistrationForm<'_>,
    kept: Option<SecretString>,
) -> std::result::Result<(Registration, SecretString), FieldErrors> {
    let mut check = FieldCheck::default();
    let typed = form.registration;
    let name = check.take("name", required_line(&typed.name, 120));
    let tenant_id = check.take("tenant_id", guid(&typed.tenant_id));
    let client_id = check.take("client_id", guid(&typed.client_id));
    let secret = form.client_secret.expose_secret().trim();
    let secret =
        if secret.is_empty() { kept.ok_or(FieldError::Required) } else { required_line(secret, 512).map(Into::into) };
    let secret = check.take("client_secret", secret);
    match (name, tenant_id, client_id, secret) {
        (Some(name), Some(tenant_id), Some(client_id), Some(secret)) => {
            Ok((Registration { name, tenant_id, client_id }, secret))
        }
        _ => Err(check.into_errors()),
    }
}

/// Reads a GUID, such as `72f988bf-86f1-41af-91ab-2d7cd011db47`.
fn guid(text: &str) -> std::result::Result<String, FieldError> {
    let text = text.trim().to_ascii_lowercase();
    if text.is_empty() {
        return Err(FieldError::Required);
    }
    let groups: Vec<&str> = text.split('-').collect();
    let fits = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if fits { Ok(text) } else { Err(FieldError::Guid) }
}

fn place(account: i64, key: &IntegrationKey) -> String {
    format!("account_integration {account} {key}")
}

async fn kept_secret(
    backend: &Backend,
    database: &impl ConnectionTrait,
    account: i64,
    key: &IntegrationKey,
) -> Result<Option<SecretString>> {
    let row = account_integration::Entity::find_by_id((account, key.to_string())).one(database).await?;
    let Some(sealed) = row.and_then(|row| row.secret) else { return Ok(None) };
    Ok(Some(backend.settings.sealer.open(&place(account, key), &sealed)?.into()))
}

/// Registrations that are looked up at once.
const BATCH: u64 = 100;

/// Checks the credentials of every app registration in use anew: one that Microsoft does not accept any
/// more is failing from now on, one that it accepts again is not.
///
/// # Errors
/// Those of the database.
pub async fn recheck_all(backend: &Backend) -> Result<()> {
    use account_integration::Column;
    let mut last = (0, String::new());
    loop {
        let beyond = Condition::any()
            .add(Column::AccountId.gt(last.0))
            .add(Condition::all().add(Column::AccountId.eq(last.0)).add(Column::Key.gt(last.1)));
        let batch = account_integration::Entity::find()
            .filter(beyond)
            .filter(Column::IsOn.eq(true))
            .filter(Column::Secret.is_not_null())
            .order_by_asc(Column::AccountId)
            .order_by_asc(Column::Key)
            .limit(BATCH)
            .all(backend.store.reader())
            .await?;
        let Some(row) = batch.last() else { return Ok(()) };
        last = (row.account_id, row.key.clone());
        for row in batch {
            recheck(backend, row).await?;
        }
    }
}

async fn recheck(backend: &Backend, row: account_integration::Model) -> Result<()> {
    let (Ok(key), Some(settings), Some(sealed)) = (IntegrationKey::parse(&row.key), row.settings, row.secret) else {
        return Ok(());
    };
    let Ok(registration) = serde_json::from_str::<Registration>(&settings) else { return Ok(()) };
    let credentials = Credentials {
        tenant_id: registration.tenant_id,
        client_id: registration.client_id,
        client_secret: backend.settings.sealer.open(&place(row.account_id, &key), &sealed)?.into(),
    };
    let failure = match backend.token_endpoint.check(&credentials).await {
        Checked::Unreachable => return Ok(()),
        Checked::Accepted => None,
        Checked::Refused(reason) => Some(Failure { reason, since: backend.clock.now() }),
    };
    if failure.is_some() == row.failure.is_some() {
        return Ok(());
    }
    let transaction = backend.store.begin().await?;
    let account = account::Entity::find_by_id(row.account_id).lock_exclusive().one(&transaction).await?;
    let before = stored::load(&transaction, row.account_id).await?;
    let mut after = before.clone();
    let (Some(account), Some(kept)) = (account, after.integrations.get_mut(&key)) else { return Ok(()) };
    if !kept.on || !kept.set_up || status(&account.status)? == AccountStatus::Deleted {
        return Ok(());
    }
    kept.failure = failure;
    stored::store(&transaction, account.id, &before, &after).await?;
    let by = Actor::Named("Microsoft");
    let changing = Changing { backend, transaction: &transaction, account: &account, by };
    let changes = after.changes_from(&before, &backend.settings.catalogue);
    changing.record(ActivityKind::IntegrationChecked, &changes).await?;
    transaction.commit().await
}

/// Begins an administrator's consent: the address at Microsoft to which the browser is to go.
///
/// # Errors
/// [`Error::NotFound`] when no consent is waited for, or none is configured; also, and
/// [`Error::Forbidden`], by rights.
pub async fn begin_consent(backend: &Backend, caller: &Caller, number: AccountNumber) -> Result<String> {
    let (transaction, row) = accounts::begin(backend, caller, Action::EditIntegrations, number).await?;
    waiting_for_consent(backend, &transaction, row.id).await?.ok_or(Error::NotFound)?;
    let settings = &backend.settings.microsoft;
    let client_id = settings.client_id.as_deref().ok_or(Error::NotFound)?;
    let state = random::hex(&random::bytes::<32>()?);
    let request = consent_request::ActiveModel {
        state_hash: Set(Sha256::digest(&state).to_vec()),
        account_id: Set(row.id),
        person_id: Set(caller.person.0),
        expires_at: Set(backend.clock.now().plus_seconds(CONSENT_LASTS).0),
    };
    consent_request::Entity::insert(request).exec_without_returning(&transaction).await?;
    transaction.unrecorded("what the administrator decides is recorded when they come back");
    transaction.commit().await?;
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", client_id)
        .append_pair("scope", "https://graph.microsoft.com/.default")
        .append_pair("redirect_uri", &format!("{}{CONSENT_PATH}", settings.public_url.trim_end_matches('/')))
        .append_pair("state", &state)
        .finish();
    Ok(format!("{}/organizations/v2.0/adminconsent?{query}", settings.login_url.trim_end_matches('/')))
}

/// What Microsoft said when it sent the administrator back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// They consented.
    Granted,
    /// They did not.
    Denied,
}

/// Ends an administrator's consent; gives the account that it was for. Each state counts once, and for
/// the person only who set out with it.
///
/// # Errors
/// [`Error::NotFound`] for a state that is none of the person's; also, and [`Error::Forbidden`], by rights.
pub async fn end_consent(backend: &Backend, caller: &Caller, state: &str, consent: Consent) -> Result<AccountNumber> {
    let hash = Sha256::digest(state).to_vec();
    let reader = backend.store.reader();
    let request = consent_request::Entity::find_by_id(hash.clone()).one(reader).await?;
    let now = backend.clock.now().0;
    let own =
        |request: &consent_request::Model| request.expires_at > now && PersonId(request.person_id) == caller.person;
    let request = request.filter(own).ok_or(Error::NotFound)?;
    let row = account::Entity::find_by_id(request.account_id).one(reader).await?;
    let number = account_number(row.ok_or(Error::NotFound)?.number)?;
    let (transaction, row) = accounts::begin(backend, caller, Action::EditIntegrations, number).await?;
    // Of two that come back at once, one finds it gone.
    if consent_request::Entity::delete_by_id(hash).exec(&transaction).await?.rows_affected == 0 {
        return Err(Error::NotFound);
    }
    let changing = Changing { backend, transaction: &transaction, account: &row, by: Actor::Person(caller) };
    match (consent, waiting_for_consent(backend, &transaction, row.id).await?) {
        (Consent::Granted, Some(key)) => {
            changing.make(&Wanted::SetUp { key, presence_both_ways: false }, None).await?;
        }
        (Consent::Denied, Some(_)) => drop(changing.record(ActivityKind::ConsentDenied, &[]).await?),
        (_, None) => transaction.unrecorded("nothing waits for consent any more; the request alone is used up"),
    }
    transaction.commit().await?;
    Ok(number)
}

/// Removes requests for consent from which nobody has come back in time.
///
/// # Errors
/// Those of the database.
pub async fn sweep(backend: &Backend) -> Result<()> {
    consent_request::Entity::delete_many()
        .filter(consent_request::Column::ExpiresAt.lte(backend.clock.now().0))
        .exec(backend.store.writer())
        .await?;
    Ok(())
}

/// The integration that waits for an administrator's consent.
async fn waiting_for_consent(
    backend: &Backend,
    database: &impl ConnectionTrait,
    account: i64,
) -> Result<Option<IntegrationKey>> {
    let services = stored::load(database, account).await?;
    let applications = backend.settings.catalogue.applications().iter();
    let mut waiting = applications
        .filter(|one| one.set_up == Some(SetUp::AdministratorConsent) && services.state(one) == State::NeedsSetUp);
    Ok(waiting.next().map(|one| one.key.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_five_groups_of_hexadecimal_digits() {
        assert_eq!(
            guid(" 72F988BF-86f1-41af-91ab-2d7cd011db47 "),
            Ok("72f988bf-86f1-41af-91ab-2d7cd011db47".to_owned())
        );
        for wrong in
            ["contoso.onmicrosoft.com", "72f988bf86f141af91ab2d7cd011db47", "72f988bg-86f1-41af-91ab-2d7cd011db47"]
        {
            assert_eq!(guid(wrong), Err(FieldError::Guid), "{wrong}");
        }
    }
}
