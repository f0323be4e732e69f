//! An administrator's consent to the operator's application at Microsoft.

use domain::{
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    foreign_text,
    id::PersonId,
    integrations::{IntegrationKey, SetUp, State, Wanted},
    rights::Action,
    role::Caller,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use sha2::{Digest, Sha256};

use super::{CONSENT_PATH, Checked, Credentials, REASON_MAX, count_set_up, form::guid};
use crate::{
    Backend,
    accounts::{self, account_number},
    activity::Actor,
    entity::{account, consent_request},
    error::{Error, Result},
    integrations::{Changing, stored},
    random,
    sessions::SessionToken,
};

/// Seconds that an administrator has for consenting.
const TTL: i64 = 3600;

/// Begins an administrator's consent in the caller's `session`: the address at Microsoft to which the
/// browser is to go.
///
/// # Errors
/// [`Error::NotFound`] when no consent is waited for, or none is configured; also, and
/// [`Error::Forbidden`], by rights.
pub async fn begin_consent(
    backend: &Backend,
    caller: &Caller,
    session: &SessionToken,
    number: AccountNumber,
) -> Result<String> {
    let (transaction, row) = accounts::begin(backend, caller, Action::EditIntegrations, number).await?;
    waiting_for_consent(backend, &transaction, row.id).await?.ok_or(Error::NotFound)?;
    let settings = &backend.settings.microsoft;
    let application = settings.application.as_ref().ok_or(Error::NotFound)?;
    let state = random::hex(&random::bytes::<32>()?);
    let request = consent_request::ActiveModel {
        state_hash: Set(Sha256::digest(&state).to_vec()),
        account_id: Set(row.id),
        person_id: Set(caller.person.0),
        expires_at: Set(backend.clock.now().plus_seconds(TTL).0),
        session_hash: Set(Some(session.hash())),
        ended_at: Set(None),
    };
    consent_request::Entity::insert(request).exec_without_returning(&transaction).await?;
    transaction.unrecorded("what the administrator decides is recorded when they come back");
    transaction.commit().await?;
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &application.client_id)
        .append_pair("scope", "https://graph.microsoft.com/.default")
        .append_pair("redirect_uri", &format!("{}{CONSENT_PATH}", settings.public_url.trim_end_matches('/')))
        .append_pair("state", &state)
        .finish();
    Ok(format!("{}/organizations/v2.0/adminconsent?{query}", settings.login_url.trim_end_matches('/')))
}

/// What the browser brings back from Microsoft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsentAnswer {
    /// An administrator of this tenant is said to have consented.
    Granted {
        /// The directory (tenant) id.
        tenant: String,
    },
    /// The administrator did not consent.
    Denied,
    /// Microsoft could not complete it.
    Failed {
        /// Why, in its words.
        reason: String,
    },
}

/// What came of a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentOutcome {
    /// It was given, and Microsoft confirms it.
    Granted,
    /// It was denied.
    Denied,
    /// Microsoft could not complete it, or does not confirm it.
    Failed,
    /// The answer was dealt with before, or nothing waits for it any more.
    Ended,
    /// Microsoft cannot be asked at the moment; the same answer can be brought again.
    Unconfirmed,
}

/// Ends an administrator's consent; gives the account that it was for. Each state counts once, for the
/// session only in which it was begun, and nothing is believed that Microsoft does not confirm.
///
/// # Errors
/// [`Error::NotFound`] for a state that is none of the session's; also, and [`Error::Forbidden`], by
/// rights.
pub async fn end_consent(
    backend: &Backend,
    caller: &Caller,
    session: &SessionToken,
    state: &str,
    answer: &ConsentAnswer,
) -> Result<(AccountNumber, ConsentOutcome)> {
    let hash = Sha256::digest(state).to_vec();
    let reader = backend.store.reader();
    let request = consent_request::Entity::find_by_id(hash.clone()).one(reader).await?;
    let now = backend.clock.now().0;
    let session = Some(session.hash());
    let own = |request: &consent_request::Model| {
        request.expires_at > now && PersonId(request.person_id) == caller.person && request.session_hash == session
    };
    let request = request.filter(own).ok_or(Error::NotFound)?;
    let row = account::Entity::find_by_id(request.account_id).one(reader).await?;
    let number = account_number(row.ok_or(Error::NotFound)?.number)?;
    accounts::authorise(reader, caller, Action::EditIntegrations, number).await?;
    if request.ended_at.is_some() {
        return Ok((number, ConsentOutcome::Ended));
    }
    count_set_up(backend, request.account_id).await?;
    let Some(verdict) = confirm(backend, answer).await else { return Ok((number, ConsentOutcome::Unconfirmed)) };
    let (transaction, row) = accounts::begin(backend, caller, Action::EditIntegrations, number).await?;
    let ended = consent_request::Entity::update_many()
        .set(consent_request::ActiveModel { ended_at: Set(Some(now)), ..Default::default() })
        .filter(consent_request::Column::StateHash.eq(hash))
        .filter(consent_request::Column::EndedAt.is_null());
    // Of two that come back at once, one finds it ended.
    if ended.exec(&transaction).await?.rows_affected == 0 {
        return Ok((number, ConsentOutcome::Ended));
    }
    let changing = Changing { backend, transaction: &transaction, account: &row, by: Actor::Person(caller) };
    let Some(key) = waiting_for_consent(backend, &transaction, row.id).await? else {
        transaction.unrecorded("nothing waits for consent any more; the request alone is used up");
        transaction.commit().await?;
        return Ok((number, ConsentOutcome::Ended));
    };
    let outcome = record(&changing, key, verdict).await?;
    transaction.commit().await?;
    Ok((number, outcome))
}

/// What is true of an answer.
enum Verdict {
    Granted,
    Denied,
    Failed(String),
}

/// Asks Microsoft for a token of the tenant that is said to have consented; `None` when it cannot say.
async fn confirm(backend: &Backend, answer: &ConsentAnswer) -> Option<Verdict> {
    let tenant = match answer {
        ConsentAnswer::Denied => return Some(Verdict::Denied),
        ConsentAnswer::Failed { reason } => return Some(Verdict::Failed(foreign_text::one_line(reason, REASON_MAX))),
        ConsentAnswer::Granted { tenant } => tenant,
    };
    let (Ok(tenant_id), Some(application)) = (guid(tenant), &backend.settings.microsoft.application) else {
        return Some(Verdict::Failed(String::new()));
    };
    let credentials = Credentials {
        tenant_id,
        client_id: application.client_id.clone(),
        client_secret: application.client_secret.clone(),
    };
    match backend.token_endpoint.check(&credentials).await {
        Checked::Accepted => Some(Verdict::Granted),
        Checked::Refused(reason) => Some(Verdict::Failed(foreign_text::one_line(&reason, REASON_MAX))),
        Checked::Unreachable => None,
    }
}

async fn record(changing: &Changing<'_>, key: IntegrationKey, verdict: Verdict) -> Result<ConsentOutcome> {
    match verdict {
        Verdict::Granted => {
            changing.make(&Wanted::SetUp { key, presence_both_ways: false }, None).await?;
            Ok(ConsentOutcome::Granted)
        }
        Verdict::Denied => {
            changing.record(ActivityKind::ConsentDenied, &[]).await?;
            Ok(ConsentOutcome::Denied)
        }
        Verdict::Failed(reason) => {
            let change = Change { field: "reason".to_owned(), old: String::new(), new: reason };
            let changes = Some(change).filter(|change| !change.new.is_empty());
            changing.record(ActivityKind::ConsentFailed, changes.as_slice()).await?;
            Ok(ConsentOutcome::Failed)
        }
    }
}

/// Removes requests for consent that are too old to be answered.
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
