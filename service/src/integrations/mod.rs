//! Integrations, privileges and call services of an account.
//!
//! Every change is computed by [`domain::integrations::apply`] within the transaction that makes it.
//! What it causes elsewhere must have been confirmed; where something else would happen than what was
//! confirmed, nothing does, and the person is asked anew.

mod catalogue;
pub mod gateway;
pub mod microsoft;
pub(crate) mod stored;

use domain::{
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    id::{AccountId, PartnerId},
    integrations::{
        Application, Catalogue, Effect, Failure, IntegrationKey, Privilege, Services, SetUp, State, Wanted, apply,
    },
    rights::{AccountFacts, Action, Decision, Resource, decide},
    role::Caller,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Unchanged, DatabaseTransaction, Set};

pub use self::catalogue::{CatalogueError, read as read_catalogue};
use crate::{
    Backend,
    accounts::{authorise_for_update, panels::Panels},
    activity::{Actor, Record},
    entity::account,
    error::{Error, Result},
};

/// An account's services as its page shows them.
#[derive(Clone, Debug)]
pub struct ShownServices {
    /// Integrations, in the order of the catalogue.
    pub integrations: Vec<ShownIntegration>,
    /// Privileges.
    pub privileges: Vec<ShownPrivilege>,
    /// Whether bandwidth optimisation is on.
    pub bandwidth_optimisation: bool,
    /// Whether the caller may switch integrations; the reason if not is theirs to see.
    pub edit_integrations: Decision,
    /// Whether the caller may switch privileges.
    pub edit_privileges: Decision,
    /// Whether the caller may switch call services.
    pub edit_call_services: Decision,
}

/// An integration as the page shows it.
#[derive(Clone, Debug)]
pub struct ShownIntegration {
    /// What it is.
    pub application: Application,
    /// What it truly is at the moment.
    pub state: State,
    /// Whether it is switched on.
    pub on: bool,
    /// Why it does not work, if it does not.
    pub failure: Option<Failure>,
    /// Whether presence goes both ways.
    pub presence_both_ways: bool,
    /// Whether switching it asks first, as it causes something elsewhere.
    pub asks: bool,
    /// The names of the integrations that must be in use first.
    pub needs: Vec<String>,
    /// The privileges that it wants and that were switched off.
    pub missing: Vec<Privilege>,
    /// The gateway's one-time code, while it waits to be used.
    pub gateway_code: Option<gateway::ShownCode>,
    /// What was filled in at the set-up of an app registration.
    pub registration: Option<microsoft::Registration>,
}

/// A privilege as the page shows it.
#[derive(Clone, Debug)]
pub struct ShownPrivilege {
    /// Which.
    pub privilege: Privilege,
    /// Whether it is on.
    pub on: bool,
    /// The names of the integrations in use that want it.
    pub wanted_by: Vec<String>,
    /// The person who switched it on, if a person did.
    pub set_by: Option<String>,
    /// Whether switching it asks first.
    pub asks: bool,
}

/// What the page shows of the services of `account`.
pub(crate) fn shown(
    backend: &Backend,
    caller: &Caller,
    account: &account::Model,
    panels: &Panels,
    facts: AccountFacts,
) -> Result<ShownServices> {
    let catalogue = &backend.settings.catalogue;
    let services = &panels.services;
    let may = |action| decide(caller, action, Resource::Account(facts));
    let mut integrations = Vec::with_capacity(catalogue.applications().len());
    for application in catalogue.applications() {
        let mut integration = shown_integration(catalogue, services, application);
        match (application.set_up, integration.state) {
            (Some(SetUp::GatewayOnboarding), State::NeedsSetUp) => {
                let code = panels.code.as_ref();
                integration.gateway_code = code.map(|code| code.shown(backend, account.id)).transpose()?;
            }
            (Some(SetUp::AppRegistration), state) if state != State::Off => {
                integration.registration = panels.registrations.get(&application.key).cloned();
            }
            _ => {}
        }
        integrations.push(integration);
    }
    Ok(ShownServices {
        integrations,
        privileges: Privilege::ALL.iter().map(|&one| shown_privilege(catalogue, services, one)).collect(),
        bandwidth_optimisation: account.bandwidth_optimisation,
        edit_integrations: may(Action::EditIntegrations),
        edit_privileges: may(Action::EditPrivileges),
        edit_call_services: may(Action::EditCallServices),
    })
}

fn shown_integration(catalogue: &Catalogue, services: &Services, application: &Application) -> ShownIntegration {
    let kept = services.integration(&application.key);
    let toggle = Wanted::Switch { key: application.key.clone(), on: !kept.on };
    let is_running = |key: &&IntegrationKey| catalogue.get(key).is_some_and(|needed| services.is_running(needed));
    let missing_needs = application.needs.iter().filter(|key| !is_running(key));
    let is_missing = |privilege: &&Privilege| services.is_running(application) && !services.privilege(**privilege).on;
    ShownIntegration {
        state: services.state(application),
        on: kept.on,
        failure: kept.failure,
        presence_both_ways: kept.presence_both_ways,
        asks: apply(catalogue, services, &toggle).is_ok_and(|(_, effects)| !effects.is_empty()),
        needs: missing_needs.map(|key| catalogue.name(key).to_owned()).collect(),
        missing: application.privileges.iter().filter(is_missing).copied().collect(),
        gateway_code: None,
        registration: None,
        application: application.clone(),
    }
}

fn shown_privilege(catalogue: &Catalogue, services: &Services, privilege: Privilege) -> ShownPrivilege {
    let setting = services.privilege(privilege);
    let toggle = Wanted::Privilege { privilege, on: !setting.on, by: String::new() };
    ShownPrivilege {
        privilege,
        on: setting.on,
        wanted_by: services.wanting(catalogue, privilege).map(|one| one.name.clone()).collect(),
        set_by: setting.set_by,
        asks: apply(catalogue, services, &toggle).is_ok_and(|(_, effects)| !effects.is_empty()),
    }
}

/// Makes a change to integrations or privileges, if what it causes is what was `confirmed`.
///
/// # Errors
/// [`Error::Unconfirmed`] with what it would cause; [`Error::Needs`] when something else must be in
/// use first; [`Error::NotFound`] and [`Error::Forbidden`] by rights.
pub async fn change(
    backend: &Backend,
    caller: &Caller,
    number: AccountNumber,
    wanted: &Wanted,
    confirmed: &[Effect],
) -> Result<()> {
    let transaction = backend.store.begin().await?;
    let row = authorise_for_update(&transaction, caller, action(wanted), number).await?;
    let changing = Changing { backend, transaction: &transaction, account: &row, by: Actor::Person(caller) };
    if changing.make(wanted, Some(confirmed)).await? {
        transaction.commit().await?;
    }
    Ok(())
}

const fn action(wanted: &Wanted) -> Action {
    match wanted {
        Wanted::Switch { .. } | Wanted::SetUp { .. } | Wanted::Remove { .. } => Action::EditIntegrations,
        Wanted::Privilege { .. } => Action::EditPrivileges,
    }
}

/// A change under way, within its transaction, with the account locked.
struct Changing<'a> {
    backend: &'a Backend,
    transaction: &'a DatabaseTransaction,
    account: &'a account::Model,
    by: Actor<'a>,
}

impl Changing<'_> {
    /// Makes the change and records it; false when there was nothing to change. `confirmed` is what a
    /// person was told; `None` where there is nobody to ask.
    async fn make(&self, wanted: &Wanted, confirmed: Option<&[Effect]>) -> Result<bool> {
        let catalogue = &self.backend.settings.catalogue;
        let before = stored::load(self.transaction, self.account.id).await?;
        let (after, effects) = apply(catalogue, &before, wanted).map_err(Error::from)?;
        if confirmed.is_some_and(|confirmed| confirmed != effects && !effects.is_empty()) {
            return Err(Error::Unconfirmed(effects));
        }
        if after == before && !matches!(wanted, Wanted::SetUp { .. }) {
            return Ok(false);
        }
        stored::store(self.transaction, self.account.id, &before, &after).await?;
        gateway::follow(self, &before, &after).await?;
        let changes = after.changes_from(&before, catalogue);
        self.record(kind(wanted), &changes).await?;
        Ok(true)
    }

    async fn record(&self, kind: ActivityKind, changes: &[Change]) -> Result<()> {
        let record = Record {
            at: self.backend.clock.now(),
            partner: PartnerId(self.account.partner_id),
            account: Some(AccountId(self.account.id)),
            version: None,
            by: self.by,
            kind,
            changes,
        };
        record.write(self.transaction).await
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

/// Switches bandwidth optimisation.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] by rights.
pub async fn optimise_bandwidth(backend: &Backend, caller: &Caller, number: AccountNumber, on: bool) -> Result<()> {
    let transaction = backend.store.begin().await?;
    let row = authorise_for_update(&transaction, caller, Action::EditCallServices, number).await?;
    if row.bandwidth_optimisation == on {
        return Ok(());
    }
    let change = account::ActiveModel { id: Unchanged(row.id), bandwidth_optimisation: Set(on), ..Default::default() };
    change.update(&transaction).await?;
    let in_words = |on: bool| if on { "on" } else { "off" }.to_owned();
    let change = Change { field: "bandwidth_optimisation".to_owned(), old: in_words(!on), new: in_words(on) };
    let changing = Changing { backend, transaction: &transaction, account: &row, by: Actor::Person(caller) };
    changing.record(ActivityKind::CallServiceSwitched, &[change]).await?;
    Ok(transaction.commit().await?)
}
