//! Signing in and out, and finding the caller of a request by their session.

use domain::view::sessions::MembershipChoice;
use domain::{
    account::AccountStatus,
    activity::{ActivityKind, Change},
    email::EmailAddress,
    id::{AccountId, MembershipId, PartnerId, PersonId},
    locale::Locale,
    role::{Caller, Role, Seat},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Set, Statement,
};
use sha2::{Digest, Sha256};

use crate::{
    Backend,
    activity::Actor,
    entity::{account, membership, person, session},
    error::{Error, Result},
    passwords, profile, random,
    rate_limit::{self, Limit},
    store::Transaction,
};

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// Seconds without a request after which a session ends.
    pub idle: i64,
    /// Seconds after which a session ends in any case.
    pub absolute: i64,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { idle: 12 * 3600, absolute: 7 * 24 * 3600 }
    }
}

/// How exactly the last use of a session is kept: once in so many seconds, not at every request.
const SEEN_EVERY: i64 = 60;

/// The secret of a session: 256 random bits, of which only a hash is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken([u8; 32]);

impl SessionToken {
    /// The token as it goes into a cookie: 64 hexadecimal digits.
    #[must_use]
    pub fn to_cookie(&self) -> String {
        hex::encode(self.0)
    }

    /// Reads the token from a cookie; `None` for anything that is no token.
    #[must_use]
    pub fn from_cookie(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// The hash under which the session is stored.
    pub(crate) fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }
}

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SessionToken")
    }
}

/// A signed-in person, who may have yet to choose a seat.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who it is.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// The language they chose, if they did.
    pub locale: Option<Locale>,
    /// The seat they work from, and the name of its partner or account.
    pub seat: Option<(Seat, String)>,
    /// The membership that gives the seat.
    pub membership: Option<MembershipId>,
    /// Whether there are other memberships to switch to.
    pub has_several_memberships: bool,
}

impl SignedIn {
    /// The subject of questions of rights, once a seat is chosen.
    #[must_use]
    pub fn caller(&self) -> Option<Caller> {
        let (seat, _) = self.seat.as_ref()?;
        Some(Caller { person: self.person, name: self.name.clone(), seat: *seat })
    }
}

/// Attempts with wrong passwords on one account, within [`rate_limit::WINDOW`]: from a network from which nobody has
/// signed in to it yet, and from all of these together. NIST SP 800-63B allows a hundred in a row at most.
const MAX_FROM_UNKNOWN_NETWORK: i32 = 5;
const MAX_FROM_UNKNOWN_NETWORKS: i32 = 30;
const MAX_FROM_KNOWN_NETWORK: i32 = 100;

/// Attempts with wrong passwords from one network, on whatever accounts.
const MAX_OF_NETWORK: i32 = 100;

/// The most networks that are remembered of a person.
const MAX_KNOWN_NETWORKS: i64 = 20;

/// Signs a person in with their password, from a browser whose session so far was `former`, which ends. Where
/// they have one membership they work from it at once.
///
/// A wrong password and an address that nobody has are answered alike, after the same work.
///
/// # Errors
/// [`Error::Unauthenticated`] when the two do not fit, or the person has nowhere to work;
/// [`Error::RateLimited`] after too many attempts.
#[tracing::instrument(name = "sessions::sign_in", skip_all)]
pub async fn sign_in(
    backend: &Backend,
    address: &str,
    password: &str,
    network: &str,
    former: Option<&SessionToken>,
) -> Result<SessionToken> {
    let parsed = EmailAddress::parse(address).ok();
    let candidate = match &parsed {
        Some(parsed) => Candidate::find(backend, parsed.as_str(), network).await?,
        // What is no address is nobody's, and no database need look for it.
        None => None,
    };
    let address = parsed.map_or_else(|| address.trim().to_lowercase(), String::from);
    let attempt = Attempt::new(&address, network, candidate.as_ref());
    rate_limit::count(backend.store.writer(), backend.clock.now(), &attempt.limits).await?;
    let hash = candidate.as_ref().and_then(|candidate| candidate.password_hash.clone());
    let is_right = passwords::verify(password, hash.clone()).await?;
    let person = candidate.as_ref().map(|candidate| candidate.id);
    let (Some(person), Some(verified_hash), true) = (person, hash, is_right) else {
        tracing::warn!(person, network, "sign-in refused");
        return Err(Error::Unauthenticated);
    };
    let opening = Opening { person: PersonId(person), verified_hash: &verified_hash, former };
    let transaction = backend.store.begin().await?;
    let token = open(backend, &transaction, &opening).await?;
    attempt.succeeded(&transaction).await?;
    remember_network(&transaction, person, network, backend.clock.now()).await?;
    transaction.unrecorded("signing in is logged");
    transaction.commit().await?;
    tracing::info!(person, network, "signed in");
    Ok(token)
}

/// The person who has an address, before their password is verified.
#[derive(FromQueryResult)]
struct Candidate {
    id: i64,
    password_hash: Option<String>,
    is_known_network: bool,
}

impl Candidate {
    async fn find(backend: &Backend, address: &str, network: &str) -> Result<Option<Self>> {
        let sql = "SELECT p.id, p.password_hash, EXISTS (SELECT 1 FROM known_network k WHERE k.person_id = p.id \
            AND k.network_hash = $2) AS is_known_network FROM person p WHERE p.email = $1";
        let values = [address.into(), network_hash(network).into()];
        let statement = Statement::from_sql_and_values(backend.store.backend(), sql, values);
        Ok(Self::find_by_statement(statement).one(backend.store.reader()).await?)
    }
}

/// An attempt to sign in and the limits on it. The first limit is that of the account from this network.
struct Attempt {
    limits: Vec<Limit>,
}

impl Attempt {
    /// Whoever comes from a network from which the account was signed in to before is counted apart, so that
    /// guesses from elsewhere, or at other accounts, do not lock them out.
    fn new(address: &str, network: &str, candidate: Option<&Candidate>) -> Self {
        let limits = if candidate.is_some_and(|candidate| candidate.is_known_network) {
            vec![Limit::new("sign-in from known network", &[address, network], MAX_FROM_KNOWN_NETWORK)]
        } else {
            vec![
                Limit::new("sign-in of account from network", &[address, network], MAX_FROM_UNKNOWN_NETWORK),
                Limit::new("sign-in of account", &[address], MAX_FROM_UNKNOWN_NETWORKS),
                Limit::new("sign-in from network", &[network], MAX_OF_NETWORK),
            ]
        };
        Self { limits }
    }

    /// Takes the attempt back, and forgives those before it on this account from this network.
    async fn succeeded(&self, transaction: &Transaction) -> Result<()> {
        let Some((own, others)) = self.limits.split_first() else { return Ok(()) };
        rate_limit::release(transaction, others, Some(own)).await
    }
}

/// The hash under which a network is remembered.
fn network_hash(network: &str) -> Vec<u8> {
    Sha256::digest(["known network", network].join("\n")).to_vec()
}

/// Remembers that `person` has signed in from `network`, and forgets the one used longest ago if these are too many.
async fn remember_network(transaction: &Transaction, person: i64, network: &str, now: Timestamp) -> Result<()> {
    let database = transaction.get_database_backend();
    let sql = "INSERT INTO known_network (person_id, network_hash, last_sign_in_at) VALUES ($1, $2, $3) \
        ON CONFLICT (person_id, network_hash) DO UPDATE SET last_sign_in_at = excluded.last_sign_in_at";
    let values = [person.into(), network_hash(network).into(), now.0.into()];
    transaction.execute_raw(Statement::from_sql_and_values(database, sql, values)).await?;
    let sql = "DELETE FROM known_network WHERE person_id = $1 AND network_hash NOT IN \
        (SELECT network_hash FROM known_network WHERE person_id = $1 \
        ORDER BY last_sign_in_at DESC, network_hash LIMIT $2)";
    let values = [person.into(), MAX_KNOWN_NETWORKS.into()];
    transaction.execute_raw(Statement::from_sql_and_values(database, sql, values)).await?;
    Ok(())
}

/// A session that is to be opened for somebody whose password was verified.
struct Opening<'a> {
    person: PersonId,
    verified_hash: &'a str,
    former: Option<&'a SessionToken>,
}

/// Opens a session, if the verified password is still the person's, and ends the former one of that browser.
///
/// The account that the person works for is locked first and the person next, so that a session is not
/// opened beside a deactivation, nor beside a change of the password, that ends all of them.
async fn open(backend: &Backend, transaction: &Transaction, opening: &Opening<'_>) -> Result<SessionToken> {
    let choices = choices(transaction, opening.person).await?;
    let only = if let [only] = choices.as_slice() { Some(only.membership) } else { None };
    if let Some(membership) = only {
        lock_membership(transaction, opening.person, membership).await?.ok_or(Error::Unauthenticated)?;
    }
    let person = person::Entity::find_by_id(opening.person.0).lock_exclusive().one(transaction).await?;
    let is_current = person.is_some_and(|person| person.password_hash.as_deref() == Some(opening.verified_hash));
    if choices.is_empty() || !is_current {
        return Err(Error::Unauthenticated);
    }
    if let Some(former) = opening.former {
        session::Entity::delete_by_id(former.hash()).exec(transaction).await?;
    }
    let token = SessionToken(random::bytes()?);
    let now = backend.clock.now().0;
    let row = session::ActiveModel {
        token_hash: Set(token.hash()),
        person_id: Set(opening.person.0),
        membership_id: Set(only.map(|membership| membership.0)),
        created_at: Set(now),
        seen_at: Set(now),
    };
    session::Entity::insert(row).exec_without_returning(transaction).await?;
    Ok(token)
}

/// A membership of `person` in a partner or in an active account, which is locked against being deactivated until
/// the transaction ends; `None` when they have no such membership.
async fn lock_membership(
    transaction: &Transaction,
    person: PersonId,
    membership: MembershipId,
) -> Result<Option<membership::Model>> {
    let own = membership::Entity::find_by_id(membership.0).filter(membership::Column::PersonId.eq(person.0));
    let Some(membership) = own.one(transaction).await? else { return Ok(None) };
    let Some(account) = membership.account_id else { return Ok(Some(membership)) };
    let account = account::Entity::find_by_id(account).lock_shared().one(transaction).await?;
    let is_active = account.is_some_and(|account| account.status == AccountStatus::Active.key());
    Ok(is_active.then_some(membership))
}

/// Ends the session of `token`. Ending one that is not there is no error.
///
/// # Errors
/// Those of the database.
#[tracing::instrument(name = "sessions::sign_out", skip_all)]
pub async fn sign_out(backend: &Backend, token: &SessionToken) -> Result<()> {
    let by_token = session::Entity::delete_by_id(token.hash());
    if let Some(session) = by_token.exec_with_returning(backend.store.writer()).await? {
        tracing::info!(person = session.person_id, "signed out");
    }
    Ok(())
}

/// Ends every session of the person with this address, and records it. Done by the operator.
///
/// # Errors
/// [`Error::NotFound`] when nobody has the address.
pub async fn end_all(backend: &Backend, email: &EmailAddress) -> Result<u64> {
    let transaction = backend.store.begin().await?;
    let by_email = person::Entity::find().filter(person::Column::Email.eq(email.as_str()));
    let person = by_email.lock_exclusive().one(&transaction).await?.ok_or(Error::NotFound)?;
    let ended = end_sessions_of(&transaction, PersonId(person.id)).await?;
    let change = Change { field: "person".to_owned(), old: String::new(), new: person.email };
    profile::record(backend, &transaction, person.id, Actor::Operator, ActivityKind::SessionsEnded, &[change]).await?;
    transaction.commit().await?;
    tracing::info!(person = person.id, ended, "sessions ended by the operator");
    Ok(ended)
}

/// Ends every session of `person`; gives how many there were.
pub(crate) async fn end_sessions_of(database: &impl ConnectionTrait, person: PersonId) -> Result<u64> {
    let own = session::Entity::delete_many().filter(session::Column::PersonId.eq(person.0));
    Ok(own.exec(database).await?.rows_affected)
}

/// Ends every session of `person` but that of `except`.
pub(crate) async fn end_others(database: &impl ConnectionTrait, person: PersonId, except: &SessionToken) -> Result<()> {
    session::Entity::delete_many()
        .filter(session::Column::PersonId.eq(person.0))
        .filter(session::Column::TokenHash.ne(except.hash()))
        .exec(database)
        .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct SessionRow {
    created_at: i64,
    seen_at: i64,
    person_id: i64,
    person_name: String,
    email: String,
    locale: Option<String>,
    membership_id: Option<i64>,
    role: Option<String>,
    partner_id: Option<i64>,
    account_id: Option<i64>,
    organisation: Option<String>,
    memberships: i64,
}

/// The session with the person and their seat, read in one go at every request: a right that was
/// taken away is gone from the very next one. A seat in an account that is not active is no seat.
const FIND: &str = "SELECT s.created_at, s.seen_at, p.id AS person_id, p.name AS person_name, p.email, p.locale, \
    m.id AS membership_id, m.role, m.partner_id, m.account_id, COALESCE(a.name, o.name) AS organisation, \
    (SELECT COUNT(*) FROM membership n LEFT JOIN account b ON b.id = n.account_id \
    WHERE n.person_id = p.id AND (b.id IS NULL OR b.status = 'active')) AS memberships \
    FROM session s JOIN person p ON p.id = s.person_id \
    LEFT JOIN membership m ON m.id = s.membership_id \
    LEFT JOIN partner o ON o.id = m.partner_id \
    LEFT JOIN account a ON a.id = m.account_id \
    WHERE s.token_hash = $1 AND (a.id IS NULL OR a.status = 'active')";

/// Who is signed in with `token`; `None` when the session has ended or never was. That they use it is
/// noted.
///
/// # Errors
/// Those of the database.
pub async fn find(backend: &Backend, token: &SessionToken) -> Result<Option<SignedIn>> {
    let Some((person, idle)) = look(backend, token).await? else { return Ok(None) };
    if idle >= SEEN_EVERY {
        session::Entity::update_many()
            .set(session::ActiveModel { seen_at: Set(backend.clock.now().0), ..Default::default() })
            .filter(session::Column::TokenHash.eq(token.hash()))
            .exec(backend.store.writer())
            .await?;
    }
    Ok(Some(person))
}

/// The same of an open page that follows what others do, while its person may be elsewhere: it is no
/// use of the session.
///
/// # Errors
/// Those of the database.
pub async fn find_unused(backend: &Backend, token: &SessionToken) -> Result<Option<SignedIn>> {
    Ok(look(backend, token).await?.map(|(person, _)| person))
}

/// Who is signed in, and for how many seconds they have done nothing.
async fn look(backend: &Backend, token: &SessionToken) -> Result<Option<(SignedIn, i64)>> {
    let statement = Statement::from_sql_and_values(backend.store.backend(), FIND, [token.hash().into()]);
    let row = SessionRow::find_by_statement(statement).one(backend.store.reader()).await?;
    let Some(row) = row else { return Ok(None) };
    let now = backend.clock.now();
    let limits = backend.settings.session;
    let idle = now.seconds_since(Timestamp(row.seen_at));
    if idle >= limits.idle || now.seconds_since(Timestamp(row.created_at)) >= limits.absolute {
        return Ok(None);
    }
    Ok(Some((row.into_signed_in(), idle)))
}

impl SessionRow {
    fn into_signed_in(self) -> SignedIn {
        let seat = self.membership_id.and_then(|membership| {
            let role = Role::from_key(self.role.as_deref()?)?;
            seat(role, MembershipId(membership), PartnerId(self.partner_id?), self.account_id.map(AccountId))
        });
        SignedIn {
            person: PersonId(self.person_id),
            name: self.person_name,
            email: self.email,
            locale: self.locale.as_deref().and_then(Locale::from_tag),
            seat: seat.map(|seat| (seat, self.organisation.unwrap_or_default())),
            membership: self.membership_id.map(MembershipId),
            has_several_memberships: self.memberships > 1,
        }
    }
}

fn seat(role: Role, membership: MembershipId, partner: PartnerId, account: Option<AccountId>) -> Option<Seat> {
    Some(match role {
        Role::PartnerAdmin => Seat::PartnerAdmin { partner },
        Role::AccountManager => Seat::AccountManager { partner, membership },
        Role::AccountAdmin => Seat::AccountAdmin { partner, account: account? },
        Role::User => Seat::User { partner, account: account? },
    })
}

#[derive(FromQueryResult)]
struct ChoiceRow {
    id: i64,
    role: String,
    organisation: String,
}

/// The memberships among which `person` can choose, in the order in which they were given.
///
/// # Errors
/// Those of the database.
#[tracing::instrument(name = "sessions::memberships", skip_all, fields(person = person.0))]
pub async fn memberships(backend: &Backend, person: PersonId) -> Result<Vec<MembershipChoice>> {
    choices(backend.store.reader(), person).await
}

async fn choices(database: &impl ConnectionTrait, person: PersonId) -> Result<Vec<MembershipChoice>> {
    let sql = "SELECT m.id, m.role, COALESCE(a.name, o.name) AS organisation FROM membership m \
        JOIN partner o ON o.id = m.partner_id LEFT JOIN account a ON a.id = m.account_id \
        WHERE m.person_id = $1 AND (a.id IS NULL OR a.status = 'active') ORDER BY m.id";
    let statement = Statement::from_sql_and_values(database.get_database_backend(), sql, [person.0.into()]);
    let rows = ChoiceRow::find_by_statement(statement).all(database).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(MembershipChoice {
                membership: MembershipId(row.id),
                role: Role::from_key(&row.role)?,
                organisation: row.organisation,
            })
        })
        .collect())
}

/// Takes a seat: `membership`, which must be one of the person's own, and not in an account that is deactivated.
///
/// # Errors
/// [`Error::NotFound`] when it is not.
#[tracing::instrument(name = "sessions::choose", skip_all, fields(person = person.0))]
pub async fn choose(backend: &Backend, token: &SessionToken, person: PersonId, membership: MembershipId) -> Result<()> {
    let transaction = backend.store.begin().await?;
    let membership = lock_membership(&transaction, person, membership).await?.ok_or(Error::NotFound)?;
    session::Entity::update_many()
        .set(session::ActiveModel { membership_id: Set(Some(membership.id)), ..Default::default() })
        .filter(session::Column::TokenHash.eq(token.hash()))
        .filter(session::Column::PersonId.eq(person.0))
        .exec(&transaction)
        .await?;
    transaction.unrecorded("which membership a person works from changes nothing of a partner or account");
    transaction.commit().await
}

/// Removes sessions that have ended and counts of attempts that no longer matter.
///
/// # Errors
/// Those of the database.
pub async fn sweep(backend: &Backend) -> Result<()> {
    let now = backend.clock.now();
    let limits = backend.settings.session;
    session::Entity::delete_many()
        .filter(
            Condition::any()
                .add(session::Column::SeenAt.lte(now.plus_seconds(-limits.idle).0))
                .add(session::Column::CreatedAt.lte(now.plus_seconds(-limits.absolute).0)),
        )
        .exec(backend.store.writer())
        .await?;
    rate_limit::sweep(backend).await
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;
    use crate::{
        demo::PASSWORD,
        testing::{on_each_demo, rows},
    };

    #[tokio::test]
    async fn a_session_is_opened_only_while_the_verified_password_is_the_stored_one() {
        on_each_demo(async |backend| {
            let person = person::Entity::find_by_id(1).one(backend.store.reader()).await.unwrap().unwrap();
            let verified_hash = person.password_hash.unwrap();
            let opening = Opening { person: PersonId(1), verified_hash: &verified_hash, former: None };
            let changed = passwords::hash(PASSWORD).await.unwrap();
            let change = person::ActiveModel { password_hash: Set(Some(changed)), ..Default::default() };
            let by_id = person::Entity::update_many().set(change).filter(person::Column::Id.eq(1));
            by_id.exec(backend.store.writer()).await.unwrap();
            let transaction = backend.store.begin().await.unwrap();
            assert!(matches!(open(&backend, &transaction, &opening).await, Err(Error::Unauthenticated)));
            transaction.commit().await.unwrap();
            assert_eq!(rows(&backend, "session").await, 0);
        })
        .await;
    }
}
