//! Integrations, privileges and call services of an account.
//!
//! Every change is computed by [`domain::integrations::apply`] within the transaction that makes it.
//! What it causes elsewhere must have been confirmed; where something else would happen than what was
//! confirmed, nothing does, and the person is asked anew.

mod catalogue;
pub mod gateway;
pub mod microsoft;
pub(crate) mod removed;
pub(crate) mod stored;

use domain::view::integrations::{AccountServices, IntegrationView, PrivilegeView};
use std::collections::BTreeMap;

use domain::{
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    integrations::{
        Application, Catalogue, Effect, IntegrationKey, Privilege, Reversal, Services, SetUp, State, Wanted, apply,
    },
    rights::{AccountFacts, Action, Resource, decide},
    role::Caller,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Unchanged, EntityTrait, Set};

pub use self::{
    catalogue::{CatalogueError, read as read_catalogue},
    removed::{RESTORABLE_DAYS, sweep},
};
use crate::{
    Backend,
    accounts::{self, page::Panels},
    activity::{self, Actor, Record},
    entity::{account, account_integration},
    error::{Error, Result},
    store::Transaction,
    subscriptions,
};

/// What the page shows of the services of `account`.
pub(crate) async fn shown(
    backend: &Backend,
    caller: &Caller,
    account: &account::Model,
    panels: &Panels,
    licences: &BTreeMap<IntegrationKey, u64>,
    facts: AccountFacts,
) -> Result<AccountServices> {
    let catalogue = &backend.settings.catalogue;
    let services = &panels.services;
    let may = |action| decide(caller, action, Resource::Account(facts));
    let mut integrations = Vec::with_capacity(catalogue.applications().len());
    for application in catalogue.applications() {
        let mut integration = shown_integration(catalogue, services, application);
        integration.licences = licences.get(&application.key).copied().unwrap_or_default();
        integration.asks |= integration.on && integration.licences > 0;
        match (application.set_up, integration.state) {
            (Some(SetUp::GatewayOnboarding), State::NeedsSetUp) => {
                integration.gateway_code = gateway::code(backend, account.id).await?;
            }
            (_, State::Off) => {
                integration.removed = removed::configuration(&panels.removed, &application.key, backend.clock.now());
            }
            (Some(SetUp::AppRegistration), state) if state != State::Off => {
                integration.registration = panels.registrations.get(&application.key).cloned();
            }
            _ => {}
        }
        integrations.push(integration);
    }
    Ok(AccountServices {
        integrations,
        privileges: Privilege::ALL.iter().map(|&one| shown_privilege(catalogue, services, one)).collect(),
        bandwidth_optimisation: account.bandwidth_optimisation,
        edit_integrations: may(Action::EditIntegrations),
        edit_privileges: may(Action::EditPrivileges),
        edit_call_services: may(Action::EditCallServices),
    })
}

fn shown_integration(catalogue: &Catalogue, services: &Services, application: &Application) -> IntegrationView {
    let kept = services.integration(&application.key);
    let toggle = Wanted::Switch { key: application.key.clone(), on: !kept.on };
    let is_running = |key: &&IntegrationKey| catalogue.get(key).is_some_and(|needed| services.is_running(needed));
    let missing_needs = application.needs.iter().filter(|key| !is_running(key));
    let is_missing = |privilege: &&Privilege| services.is_running(application) && !services.privilege(**privilege).on;
    IntegrationView {
        state: services.state(application),
        on: kept.on,
        failure: kept.failure,
        presence_both_ways: kept.presence_both_ways,
        asks: asks(catalogue, services, &toggle),
        needs: missing_needs.map(|key| catalogue.name(key).to_owned()).collect(),
        missing: application.privileges.iter().filter(is_missing).copied().collect(),
        licences: 0,
        gateway_code: None,
        registration: None,
        removed: None,
        application: application.clone(),
    }
}

/// Whether a person has to confirm what `wanted` causes.
fn asks(catalogue: &Catalogue, services: &Services, wanted: &Wanted) -> bool {
    apply(catalogue, services, wanted).is_ok_and(|(_, effects)| effects.iter().any(Effect::needs_confirmation))
}

fn shown_privilege(catalogue: &Catalogue, services: &Services, privilege: Privilege) -> PrivilegeView {
    let setting = services.privilege(privilege);
    let toggle = Wanted::Privilege { privilege, on: !setting.on, by: String::new() };
    PrivilegeView {
        privilege,
        on: setting.on,
        wanted_by: services.wanting(catalogue, privilege).map(|one| one.name.clone()).collect(),
        set_by: setting.set_by,
        asks: asks(catalogue, services, &toggle),
    }
}

/// Makes a change to integrations or privileges, if what it causes is what was `confirmed`. Gives the
/// record of activity by which it can be undone, if it can and something was changed.
///
/// # Errors
/// [`Error::Unconfirmed`] with what it would cause; [`Error::Needs`] when something else must be in
/// use first; [`Error::NotFound`] and [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "integrations::change", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn change(
    backend: &Backend,
    caller: &Caller,
    number: AccountNumber,
    wanted: &Wanted,
    confirmed: &[Effect],
) -> Result<Option<i64>> {
    let (transaction, row) = accounts::begin(backend, caller, action(wanted), number).await?;
    let changing = Changing { backend, transaction: &transaction, account: &row, by: Actor::Person(caller) };
    let record = changing.make(wanted, Some(confirmed)).await?;
    transaction.commit().await?;
    Ok(record.filter(|_| is_reversible(wanted)))
}

const fn action(wanted: &Wanted) -> Action {
    match wanted {
        Wanted::Switch { .. } | Wanted::SetUp { .. } | Wanted::Remove { .. } => Action::EditIntegrations,
        Wanted::Privilege { .. } => Action::EditPrivileges,
    }
}

/// Whether the change can be undone: a set-up cannot.
const fn is_reversible(wanted: &Wanted) -> bool {
    !matches!(wanted, Wanted::SetUp { .. })
}

/// A change under way, within its transaction, with the account locked.
pub(crate) struct Changing<'a> {
    pub(crate) backend: &'a Backend,
    pub(crate) transaction: &'a Transaction,
    pub(crate) account: &'a account::Model,
    pub(crate) by: Actor<'a>,
}

impl Changing<'_> {
    /// Makes the change and gives its record; `None` when there was nothing to change. `confirmed` is
    /// what a person was told; `None` where there is nobody to ask.
    async fn make(&self, wanted: &Wanted, confirmed: Option<&[Effect]>) -> Result<Option<i64>> {
        let catalogue = &self.backend.settings.catalogue;
        let before = stored::load(self.transaction, self.account.id).await?;
        let (after, mut effects) = apply(catalogue, &before, wanted).map_err(Error::from)?;
        if let Some(confirmed) = confirmed {
            effects.extend(self.licences_that_stay(&before, &after).await?);
            if confirmed != effects && effects.iter().any(Effect::needs_confirmation) {
                return Err(Error::Unconfirmed(effects));
            }
        }
        if after == before && !matches!(wanted, Wanted::SetUp { .. }) {
            return Ok(None);
        }
        let reversal = is_reversible(wanted).then(|| Reversal::between(catalogue, &before, &after));
        let removed = self.removed_by(wanted).await?;
        let record = self.store(&before, &after, kind(wanted), reversal.as_ref()).await?;
        if let Some(removed) = removed {
            removed::keep(self, removed, record).await?;
        }
        Ok(Some(record))
    }

    /// The configuration that the change discards.
    async fn removed_by(&self, wanted: &Wanted) -> Result<Option<account_integration::Model>> {
        let Wanted::Remove { key } = wanted else { return Ok(None) };
        let row = account_integration::Entity::find_by_id((self.account.id, key.to_string()));
        Ok(row.one(self.transaction).await?.filter(|row| row.is_set_up))
    }

    /// Stores what differs between `before` and `after`, and records it.
    pub(crate) async fn store(
        &self,
        before: &Services,
        after: &Services,
        kind: ActivityKind,
        reversal: Option<&Reversal>,
    ) -> Result<i64> {
        stored::store(self.transaction, self.account.id, before, after).await?;
        gateway::follow(self, before, after).await?;
        let changes = after.changes_from(before, &self.backend.settings.catalogue);
        let record = Record::of(self.backend, self.account, self.by, kind, &changes);
        let reversal = reversal.map(activity::reversal_to_json).transpose()?;
        Record { reversal, ..record }.write(self.transaction).await
    }

    /// The licences of what goes off, which stay assigned to the account.
    async fn licences_that_stay(&self, before: &Services, after: &Services) -> Result<Vec<Effect>> {
        let goes_off = |key: &&IntegrationKey| before.integration(key).on && !after.integration(key).on;
        let off: Vec<&IntegrationKey> = before.integrations.keys().filter(goes_off).collect();
        if off.is_empty() {
            return Ok(Vec::new());
        }
        let today = self.backend.clock.now().date();
        let stored = subscriptions::ROWS.load(self.transaction, self.account.id).await?;
        let licences = subscriptions::licences(&subscriptions::shown(stored, true, today)?);
        let staying = |key: &IntegrationKey| Some(Effect::LicencesStay(key.clone(), *licences.get(key)?));
        Ok(off.into_iter().filter_map(staying).collect())
    }

    async fn record(&self, kind: ActivityKind, changes: &[Change]) -> Result<i64> {
        Record::of(self.backend, self.account, self.by, kind, changes).write(self.transaction).await
    }
}

const fn kind(wanted: &Wanted) -> ActivityKind {
    match wanted {
        Wanted::Switch { .. } => ActivityKind::IntegrationSwitched,
        Wanted::SetUp { .. } => ActivityKind::IntegrationSetUp,
        Wanted::Remove { .. } => ActivityKind::IntegrationRemoved,
        Wanted::Privilege { .. } => ActivityKind::PrivilegeSwitched,
    }
}

/// The name of bandwidth optimisation in records of activity.
pub(crate) const BANDWIDTH_OPTIMISATION: &str = "bandwidth_optimisation";

/// Switches bandwidth optimisation. Gives the record of activity by which it can be undone, if
/// something was changed.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "integrations::optimise_bandwidth", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn optimise_bandwidth(
    backend: &Backend,
    caller: &Caller,
    number: AccountNumber,
    on: bool,
) -> Result<Option<i64>> {
    let (transaction, row) = accounts::begin(backend, caller, Action::EditCallServices, number).await?;
    if row.bandwidth_optimisation == on {
        return Ok(None);
    }
    let changing = Changing { backend, transaction: &transaction, account: &row, by: Actor::Person(caller) };
    let record = changing.store_bandwidth(on, ActivityKind::CallServiceSwitched).await?;
    transaction.commit().await?;
    Ok(Some(record))
}

impl Changing<'_> {
    /// Stores that bandwidth optimisation is `on` and records it as `kind`.
    pub(crate) async fn store_bandwidth(&self, on: bool, kind: ActivityKind) -> Result<i64> {
        let id = Unchanged(self.account.id);
        let change = account::ActiveModel { id, bandwidth_optimisation: Set(on), ..Default::default() };
        change.update(self.transaction).await?;
        let in_words = |on: bool| if on { "on" } else { "off" }.to_owned();
        let change = Change { field: BANDWIDTH_OPTIMISATION.to_owned(), old: in_words(!on), new: in_words(on) };
        self.record(kind, &[change]).await
    }
}
