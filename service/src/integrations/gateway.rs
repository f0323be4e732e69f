//! The onboarding of a `CloudLink` Gateway: a one-time code that the gateway presents.

use domain::view::integrations::GatewayCode;
use domain::{
    account::{AccountStatus, PbxType},
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    customer::{FieldCheck, FieldError, required_line},
    integrations::{IntegrationKey, Services, SetUp, State, Wanted},
    rights::Action,
    role::Caller,
    time::Timestamp,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Unchanged, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set,
    sea_query::OnConflict,
};
use sha2::{Digest, Sha256};

use super::Changing;
use crate::{
    Backend,
    accounts::{self, account_number, status},
    activity::Actor,
    entity::{account, gateway_code},
    error::{Error, Result},
    random,
    rate_limit::{self, Limit},
};

/// Seconds for which a code can be used.
const LASTS: i64 = 7 * 24 * 3600;

/// Digits of a code (Crockford's base 32: none that is read as another).
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many digits a code has, 5 bits each.
const LENGTH: usize = 16;

/// Wrong codes from one source in a quarter of an hour.
const WRONG_CODES: i32 = 10;

/// Why a gateway was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum OnboardingError {
    /// No gateway waits for this code.
    #[error("no gateway is expected with this code")]
    Unknown,
    /// It was used before.
    #[error("this code was used already")]
    Used,
    /// It is too old.
    #[error("this code has expired; ask for a new one on the account's page")]
    Expired,
    /// Anything else.
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<sea_orm::DbErr> for OnboardingError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Other(error.into())
    }
}

/// What a gateway presents.
#[derive(Clone, Debug)]
pub struct Onboarding<'a> {
    /// The one-time code; groups and case do not matter.
    pub code: &'a str,
    /// The telephone system behind it.
    pub pbx_type: &'a str,
    /// Its serial number.
    pub serial: &'a str,
}

/// Takes in the gateway that presents a code; gives the account that it belongs to.
///
/// # Errors
/// [`OnboardingError`] for a code that is none, used or expired; of the others
/// [`Error::RateLimited`] after too many wrong codes and [`Error::Invalid`] for a type or a serial
/// number that is none.
#[tracing::instrument(name = "integrations::gateway::onboard", skip_all)]
pub async fn onboard(
    backend: &Backend,
    source: &str,
    presented: &Onboarding<'_>,
) -> std::result::Result<AccountNumber, OnboardingError> {
    let limit = [Limit::new("gateway codes", &[source], WRONG_CODES)];
    rate_limit::count(backend.store.writer(), backend.clock.now(), &limit).await?;
    let mut check = FieldCheck::default();
    let pbx_type = check.take("pbx_type", PbxType::from_key(presented.pbx_type).ok_or(FieldError::UnknownChoice));
    let serial = check.take("serial", required_line(presented.serial, 60));
    let (Some(pbx_type), Some(serial)) = (pbx_type, serial) else {
        rate_limit::release(backend.store.writer(), &limit, None).await?;
        return Err(Error::Invalid(check.into_errors()).into());
    };
    let transaction = backend.store.begin().await?;
    let by_code = gateway_code::Entity::find().filter(gateway_code::Column::CodeHash.eq(hash(presented.code)));
    let account = by_code.one(&transaction).await?.ok_or(OnboardingError::Unknown)?.account_id;
    let row = account::Entity::find_by_id(account).lock_exclusive().one(&transaction).await?;
    let row = row.ok_or(OnboardingError::Unknown)?;
    if status(&row.status)? == AccountStatus::Deleted {
        return Err(OnboardingError::Unknown);
    }
    // Read again behind the account's lock: of two at once, one finds it used.
    let code = gateway_code::Entity::find_by_id(account).one(&transaction).await?;
    let code = code.filter(|code| code.code_hash == hash(presented.code)).ok_or(OnboardingError::Unknown)?;
    let now = backend.clock.now();
    if code.used_at.is_some() {
        return Err(OnboardingError::Used);
    }
    if code.expires_at <= now.0 {
        return Err(OnboardingError::Expired);
    }
    let changing = Changing { backend, transaction: &transaction, account: &row, by: Actor::Named(&serial) };
    let services = super::stored::load(&transaction, account).await?;
    let key = waiting(backend, &services).ok_or(OnboardingError::Unknown)?;
    changing.make(&Wanted::SetUp { key, presence_both_ways: false }, None).await?;
    let used =
        gateway_code::ActiveModel { account_id: Unchanged(account), used_at: Set(Some(now.0)), ..Default::default() };
    used.update(&transaction).await?;
    let old = row.pbx_type.clone().unwrap_or_default();
    let new = pbx_type.key().to_owned();
    let changed =
        account::ActiveModel { id: Unchanged(account), pbx_type: Set(Some(new.clone())), ..Default::default() };
    changed.update(&transaction).await?;
    let change = Change { field: "pbx_type".to_owned(), old, new };
    changing.record(ActivityKind::GatewayOnboarded, &[change]).await?;
    rate_limit::release(&transaction, &limit, None).await?;
    transaction.commit().await?;
    Ok(account_number(row.number)?)
}

/// The gateway integration that waits for its onboarding.
fn waiting(backend: &Backend, services: &Services) -> Option<IntegrationKey> {
    let applications = backend.settings.catalogue.applications().iter();
    let mut gateways = applications.filter(|one| one.set_up == Some(SetUp::GatewayOnboarding));
    gateways.find(|one| services.state(one) == State::NeedsSetUp).map(|one| one.key.clone())
}

/// Draws a new code in place of one that was lost or has expired.
///
/// # Errors
/// [`Error::NotFound`] when no gateway is waited for; also, and [`Error::Forbidden`], by rights.
#[tracing::instrument(name = "integrations::gateway::renew", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn renew(backend: &Backend, caller: &Caller, number: AccountNumber) -> Result<()> {
    let (transaction, row) = accounts::begin(backend, caller, Action::EditIntegrations, number).await?;
    let services = super::stored::load(&transaction, row.id).await?;
    waiting(backend, &services).ok_or(Error::NotFound)?;
    let changing = Changing { backend, transaction: &transaction, account: &row, by: Actor::Person(caller) };
    issue(&changing).await?;
    changing.record(ActivityKind::GatewayCodeRenewed, &[]).await?;
    transaction.commit().await
}

/// Issues a code when a gateway begins to be waited for, and forgets it when its configuration is
/// discarded.
pub(super) async fn follow(changing: &Changing<'_>, before: &Services, after: &Services) -> Result<()> {
    let catalogue = &changing.backend.settings.catalogue;
    let mut gateways = catalogue.applications().iter().filter(|one| one.set_up == Some(SetUp::GatewayOnboarding));
    let Some(gateway) = gateways.find(|one| before.state(one) != after.state(one)) else { return Ok(()) };
    match after.state(gateway) {
        State::NeedsSetUp => issue(changing).await,
        State::Off => {
            let account = changing.account.id;
            gateway_code::Entity::delete_by_id(account).exec(changing.transaction).await?;
            Ok(())
        }
        State::On | State::Paused | State::Failing => Ok(()),
    }
}

async fn issue(changing: &Changing<'_>) -> Result<()> {
    use gateway_code::Column;
    let code = draw()?;
    let account = changing.account.id;
    let row = sealed(changing.backend, account, &code)?;
    let conflict = OnConflict::column(Column::AccountId)
        .update_columns([Column::CodeHash, Column::SealedCode, Column::ExpiresAt, Column::UsedAt])
        .to_owned();
    gateway_code::Entity::insert(row).on_conflict(conflict).exec_without_returning(changing.transaction).await?;
    Ok(())
}

/// The row of a code.
pub(crate) fn sealed(backend: &Backend, account: i64, code: &str) -> Result<gateway_code::ActiveModel> {
    Ok(gateway_code::ActiveModel {
        account_id: Set(account),
        code_hash: Set(hash(code)),
        sealed_code: Set(backend.settings.sealer.seal(&place(account), code)?),
        expires_at: Set(backend.clock.now().plus_seconds(LASTS).0),
        used_at: Set(None),
    })
}

/// The code that the gateway of `account` is waited for with; `None` once it was used. One that cannot be opened
/// has to be renewed as if it had expired.
pub(super) async fn code(backend: &Backend, account: i64) -> Result<Option<GatewayCode>> {
    let row = gateway_code::Entity::find_by_id(account).one(backend.store.reader()).await?;
    let Some(row) = row.filter(|row| row.used_at.is_none()) else { return Ok(None) };
    let opened = backend.settings.sealer.open(&place(account), &row.sealed_code);
    let opened = opened.inspect_err(|error| tracing::error!(account, %error, "a code cannot be opened"));
    let expires_at = Timestamp(row.expires_at);
    let expired = opened.is_err() || expires_at <= backend.clock.now();
    Ok(Some(GatewayCode { code: grouped(&opened.unwrap_or_default()), expires_at, expired }))
}

fn place(account: i64) -> String {
    format!("gateway_code {account}")
}

fn draw() -> Result<String> {
    let bytes: [u8; LENGTH] = random::bytes()?;
    Ok(bytes.iter().map(|byte| char::from(DIGITS[usize::from(byte % 32)])).collect())
}

fn grouped(code: &str) -> String {
    let mut groups = String::new();
    for (index, digit) in code.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            groups.push('-');
        }
        groups.push(digit);
    }
    groups
}

/// The hash by which a code is found, however it was typed.
fn hash(code: &str) -> Vec<u8> {
    let digits: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|digit| digit.to_ascii_uppercase()).collect();
    Sha256::digest(digits).to_vec()
}
