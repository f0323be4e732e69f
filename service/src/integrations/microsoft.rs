//! Set-up of the Microsoft integrations: an app registration with its secret, and an administrator's
//! consent.

mod consent;
mod form;

use domain::view::integrations::AppRegistration;
use std::{fmt::Debug, future::Future, pin::Pin};

use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    activity::ActivityKind,
    customer::FieldError,
    foreign_text,
    integrations::{Failure, IntegrationKey, MicrosoftRefusal, SetUp, Wanted},
    rights::Action,
    role::Caller,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use secrecy::{ExposeSecret, SecretString};

pub use self::consent::{ConsentAnswer, ConsentOutcome, begin_consent, end_consent, sweep};
use self::form::Secret;
use super::{Changing, stored};
use crate::{
    Backend,
    accounts::{self, authorise_change, status},
    activity::Actor,
    entity::{account, account_integration},
    error::{Error, Result},
    rate_limit::{self, Limit},
};

/// The most characters that are kept of what Microsoft says.
const REASON_MAX: usize = 300;

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
#[derive(Clone, Debug)]
pub struct MicrosoftSettings {
    /// The base address of the identity platform; national clouds have their own.
    pub login_url: String,
    /// The operator's own multi-tenant application, to which administrators consent.
    pub application: Option<OwnApplication>,
    /// Where browsers reach the console, to which Microsoft sends them back.
    pub public_url: String,
}

/// The operator's own application at Microsoft.
#[derive(Clone, Debug)]
pub struct OwnApplication {
    /// The application (client) id.
    pub client_id: String,
    /// Its secret, with which a consent is confirmed.
    pub client_secret: SecretString,
}

impl Default for MicrosoftSettings {
    fn default() -> Self {
        Self {
            login_url: "https://login.microsoftonline.com".to_owned(),
            application: None,
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
    pub registration: &'a AppRegistration,
    /// The secret; empty to keep the one that is stored.
    pub client_secret: SecretString,
    /// Whether a new secret is meant, so that an empty field keeps none.
    pub new_secret: bool,
    /// Whether presence is to go both ways.
    pub presence_both_ways: bool,
}

/// How often the credentials of an account are passed on to Microsoft within a quarter of an hour.
const MAX_SET_UPS: i32 = 10;

/// Counts a time that Microsoft is asked about `account`.
///
/// # Errors
/// [`Error::RateLimited`] after too many.
async fn count_set_up(backend: &Backend, account: i64) -> Result<()> {
    let limit = Limit::new("set-ups of account", &[&account.to_string()], MAX_SET_UPS);
    rate_limit::count(backend.store.writer(), backend.clock.now(), &[limit]).await
}

/// Sets up an integration by an app registration, once Microsoft has accepted its credentials.
///
/// # Errors
/// [`Error::Invalid`] for what is refused, here or by Microsoft; [`Error::Needs`] when presence
/// both ways needs something that is not in use; [`Error::RateLimited`] after too many set-ups of the account;
/// [`Error::NotFound`] and [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "integrations::microsoft::register", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn register(
    backend: &Backend,
    caller: &Caller,
    number: AccountNumber,
    form: &RegistrationForm<'_>,
) -> Result<()> {
    let database = backend.store.reader();
    let row = authorise_change(backend, caller, Action::EditIntegrations, number).await?;
    let application = backend.settings.catalogue.get(&form.key).ok_or(Error::NotFound)?;
    if application.set_up != Some(SetUp::AppRegistration) {
        return Err(Error::NotFound);
    }
    let stored = account_integration::Entity::find_by_id((row.id, form.key.to_string())).one(database).await?;
    let sealed = stored.and_then(|row| row.secret);
    let (registration, secret) = form::read(form, sealed.is_some()).map_err(Error::Invalid)?;
    let is_typed = matches!(secret, Secret::Typed(_));
    let credentials = Credentials {
        tenant_id: registration.tenant_id.clone(),
        client_id: registration.client_id.clone(),
        client_secret: match secret {
            Secret::Typed(secret) => secret,
            Secret::Stored => open_secret(backend, row.id, &form.key, sealed.as_deref().unwrap_or_default())
                .map_err(|_| Error::field("client_secret", FieldError::SecretAgain))?,
        },
    };
    count_set_up(backend, row.id).await?;
    let refused = match backend.token_endpoint.check(&credentials).await {
        Checked::Accepted => None,
        Checked::Refused(reason) => Some(refusal(&reason)),
        Checked::Unreachable => Some(("client_secret", FieldError::Unreachable)),
    };
    if let Some((field, error)) = refused {
        let errors = vec![(field.to_owned(), error)];
        let again = is_typed && field != "client_secret";
        return Err(Error::Invalid(if again { form::with_secret_again(errors) } else { errors }));
    }
    let (transaction, row) = accounts::begin(backend, caller, Action::EditIntegrations, number).await?;
    if !is_typed {
        // Somebody else may have given a newer secret while Microsoft was asked about this one.
        let by_id = account_integration::Entity::find_by_id((row.id, form.key.to_string()));
        if by_id.one(&transaction).await?.and_then(|row| row.secret) != sealed {
            return Err(Error::Outdated);
        }
    }
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
    registration: &AppRegistration,
    secret: &str,
    row: &mut account_integration::ActiveModel,
) -> Result<()> {
    let settings = serde_json::to_string(registration).map_err(|error| Error::Internal(error.to_string()))?;
    row.settings = Set(Some(settings));
    row.secret = Set(Some(backend.settings.sealer.seal(&place(account, key), secret)?));
    Ok(())
}

fn place(account: i64, key: &IntegrationKey) -> String {
    format!("account_integration {account} {key}")
}

/// The field that Microsoft refuses, and why.
fn refusal(reason: &str) -> (&'static str, FieldError) {
    let field = MicrosoftRefusal::of(reason).map_or("client_secret", MicrosoftRefusal::field);
    (field, FieldError::Refused { reason: foreign_text::one_line(reason, REASON_MAX) })
}

/// Opens the secret of an app registration.
fn open_secret(backend: &Backend, account: i64, key: &IntegrationKey, sealed: &[u8]) -> Result<SecretString> {
    Ok(backend.settings.sealer.open(&place(account, key), sealed)?.into())
}

/// Registrations that are looked up at once.
const BATCH: u64 = 100;

/// Checks the credentials of every app registration in use anew: one that Microsoft does not accept any
/// more is failing from now on, one that it accepts again is not. Trouble with one ends with it.
///
/// # Errors
/// When registrations cannot be listed.
#[tracing::instrument(name = "integrations::microsoft::recheck_all", skip_all)]
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
        for row in &batch {
            if let Err(error) = recheck(backend, row).await {
                tracing::warn!(account = row.account_id, key = row.key, %error, "credentials could not be checked");
            }
        }
    }
}

/// What is found out about the credentials of an integration.
enum Verdict {
    Working,
    Failing(String),
}

async fn recheck(backend: &Backend, row: &account_integration::Model) -> Result<()> {
    let Some(verdict) = verdict(backend, row).await else { return Ok(()) };
    let failing = matches!(verdict, Verdict::Failing(_));
    let Ok(key) = IntegrationKey::parse(&row.key) else { return Ok(()) };
    if failing == row.failure.is_some() {
        return Ok(());
    }
    let transaction = backend.store.begin().await?;
    let account = account::Entity::find_by_id(row.account_id).lock_exclusive().one(&transaction).await?;
    let present = account_integration::Entity::find_by_id((row.account_id, row.key.clone())).one(&transaction).await?;
    let is_same = |present: &account_integration::Model| {
        (&present.secret, &present.settings, &present.failure) == (&row.secret, &row.settings, &row.failure)
    };
    // Each sealing is unlike any other: a verdict on credentials that were replaced meanwhile is void.
    if !present.is_some_and(|present| is_same(&present)) {
        return Ok(());
    }
    let before = stored::load(&transaction, row.account_id).await?;
    let mut after = before.clone();
    let (Some(account), Some(kept)) = (account, after.integrations.get_mut(&key)) else { return Ok(()) };
    if !kept.on || !kept.set_up || status(&account.status)? == AccountStatus::Deleted {
        return Ok(());
    }
    kept.failure = match verdict {
        Verdict::Working => None,
        Verdict::Failing(reason) => Some(Failure { reason, since: backend.clock.now() }),
    };
    stored::store(&transaction, account.id, &before, &after).await?;
    let by = Actor::Named("Microsoft");
    let changing = Changing { backend, transaction: &transaction, account: &account, by };
    let changes = after.changes_from(&before, &backend.settings.catalogue);
    changing.record(ActivityKind::IntegrationChecked, &changes).await?;
    transaction.commit().await
}

/// Asks Microsoft about the credentials of `row`; `None` when nobody can say.
async fn verdict(backend: &Backend, row: &account_integration::Model) -> Option<Verdict> {
    let key = IntegrationKey::parse(&row.key).ok()?;
    let registration = serde_json::from_str::<AppRegistration>(row.settings.as_deref()?).ok()?;
    let client_secret = match open_secret(backend, row.account_id, &key, row.secret.as_deref()?) {
        Ok(secret) => secret,
        Err(error) => {
            tracing::error!(account = row.account_id, %key, %error, "a secret cannot be opened");
            return Some(Verdict::Failing(domain::integrations::SECRET_UNREADABLE.to_owned()));
        }
    };
    let AppRegistration { tenant_id, client_id, .. } = registration;
    match backend.token_endpoint.check(&Credentials { tenant_id, client_id, client_secret }).await {
        Checked::Unreachable => None,
        Checked::Accepted => Some(Verdict::Working),
        Checked::Refused(reason) => Some(Verdict::Failing(foreign_text::one_line(&reason, REASON_MAX))),
    }
}
