//! Signing in and out, and finding the caller of a request by their session.

use domain::{
    email::EmailAddress,
    id::{AccountId, MembershipId, PartnerId, PersonId},
    locale::Locale,
    role::{Caller, Role, Seat},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Set, Statement,
};
use sha2::{Digest, Sha256};

use crate::{
    Backend,
    attempts::{self, Attempt},
    entity::{membership, person, session},
    error::{Error, Result},
    passwords, random,
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
        random::hex(&self.0)
    }

    /// Reads the token from a cookie; `None` for anything that is no token.
    #[must_use]
    pub fn from_cookie(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
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

/// A membership that a person can choose to work from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipChoice {
    /// Its key.
    pub membership: MembershipId,
    /// What it makes of the person.
    pub role: Role,
    /// The name of the partner or of the account.
    pub organisation: String,
}

/// Signs a person in with their password. Where they have one membership it is their seat at once.
///
/// A wrong password and an address that nobody has are answered alike, after the same work.
///
/// # Errors
/// [`Error::Unauthenticated`] when the two do not fit, or the person has nowhere to work;
/// [`Error::RateLimited`] after too many attempts.
pub async fn sign_in(backend: &Backend, address: &str, password: &str, source: &str) -> Result<SessionToken> {
    let typed = address.trim().to_lowercase();
    let attempt = Attempt::begin(backend, &typed, source).await?;
    let person = match EmailAddress::parse(address) {
        Ok(address) => {
            let by_email = person::Entity::find().filter(person::Column::Email.eq(address.as_str()));
            by_email.one(backend.store.reader()).await?
        }
        Err(_) => None,
    };
    let hash = person.as_ref().and_then(|person| person.password_hash.clone());
    let verified = passwords::verify(password, hash).await?;
    let Some(person) = person.filter(|_| verified) else { return Err(Error::Unauthenticated) };
    attempt.succeeded(backend).await?;
    let choices = memberships(backend, PersonId(person.id)).await?;
    if choices.is_empty() {
        return Err(Error::Unauthenticated);
    }
    let seat = if let [only] = choices.as_slice() { Some(only.membership) } else { None };
    open(backend, PersonId(person.id), seat).await
}

async fn open(backend: &Backend, person: PersonId, seat: Option<MembershipId>) -> Result<SessionToken> {
    let token = SessionToken(random::bytes()?);
    let now = backend.clock.now().0;
    let row = session::ActiveModel {
        token_hash: Set(token.hash()),
        person_id: Set(person.0),
        membership_id: Set(seat.map(|membership| membership.0)),
        created_at: Set(now),
        seen_at: Set(now),
    };
    session::Entity::insert(row).exec_without_returning(backend.store.writer()).await?;
    Ok(token)
}

/// Ends the session of `token`. Ending one that is not there is no error.
///
/// # Errors
/// Those of the database.
pub async fn sign_out(backend: &Backend, token: &SessionToken) -> Result<()> {
    session::Entity::delete_by_id(token.hash()).exec(backend.store.writer()).await?;
    Ok(())
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
    (SELECT COUNT(*) FROM membership WHERE person_id = p.id) AS memberships \
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
pub async fn memberships(backend: &Backend, person: PersonId) -> Result<Vec<MembershipChoice>> {
    let sql = "SELECT m.id, m.role, COALESCE(a.name, o.name) AS organisation FROM membership m \
        JOIN partner o ON o.id = m.partner_id LEFT JOIN account a ON a.id = m.account_id \
        WHERE m.person_id = $1 AND (a.id IS NULL OR a.status = 'active') ORDER BY m.id";
    let statement = Statement::from_sql_and_values(backend.store.backend(), sql, [person.0.into()]);
    let rows = ChoiceRow::find_by_statement(statement).all(backend.store.reader()).await?;
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

/// Takes a seat: `membership`, which must be one of the person's own.
///
/// # Errors
/// [`Error::NotFound`] when it is not.
pub async fn choose(backend: &Backend, token: &SessionToken, person: PersonId, membership: MembershipId) -> Result<()> {
    let own = membership::Entity::find_by_id(membership.0)
        .filter(membership::Column::PersonId.eq(person.0))
        .order_by_asc(membership::Column::Id)
        .one(backend.store.reader())
        .await?;
    if own.is_none() {
        return Err(Error::NotFound);
    }
    session::Entity::update_many()
        .set(session::ActiveModel { membership_id: Set(Some(membership.0)), ..Default::default() })
        .filter(session::Column::TokenHash.eq(token.hash()))
        .filter(session::Column::PersonId.eq(person.0))
        .exec(backend.store.writer())
        .await?;
    Ok(())
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
    let sql = "DELETE FROM sign_in_attempt WHERE since <= $1";
    let before = now.plus_seconds(-attempts::WINDOW).0;
    let statement = Statement::from_sql_and_values(backend.store.backend(), sql, [before.into()]);
    backend.store.writer().execute_raw(statement).await?;
    Ok(())
}
