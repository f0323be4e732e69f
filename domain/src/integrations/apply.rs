//! What a change causes.

use serde::{Deserialize, Serialize};

use super::{Application, Catalogue, IntegrationKey, Privilege, Services};

/// A change that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// An integration is switched on or off. Off keeps its configuration.
    Switch {
        /// Which.
        key: IntegrationKey,
        /// On or off.
        on: bool,
    },
    /// An integration's set-up is complete, for the first time or anew.
    SetUp {
        /// Which.
        key: IntegrationKey,
        /// Whether presence is to go both ways.
        presence_both_ways: bool,
    },
    /// An integration is switched off and its configuration discarded.
    Remove {
        /// Which.
        key: IntegrationKey,
    },
    /// A privilege is switched by a person.
    Privilege {
        /// Which.
        privilege: Privilege,
        /// On or off.
        on: bool,
        /// The person's name.
        by: String,
    },
}

/// Something that a change causes elsewhere, or that a person should know before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// A privilege is turned on.
    PrivilegeOn(Privilege),
    /// A privilege is turned off: nobody wants it any more and no person had set it.
    PrivilegeOff(Privilege),
    /// An integration is switched off, for it needs one that is.
    IntegrationOff(IntegrationKey),
    /// An integration's presence goes one way from now on.
    PresenceOneWay(IntegrationKey),
    /// An integration's configuration is discarded; for a while it can be brought back.
    ConfigurationDiscarded(IntegrationKey),
    /// A privilege is switched off although these integrations want it.
    PrivilegeMissing(Privilege, Vec<IntegrationKey>),
    /// So many licences of an integration that goes off stay assigned to the account. It is known to
    /// who keeps the licences, and not found by [`apply`].
    LicencesStay(IntegrationKey, u64),
}

impl Effect {
    /// Whether a person has to confirm it: something is turned off, lost or broken.
    #[must_use]
    pub const fn needs_confirmation(&self) -> bool {
        !matches!(self, Self::PrivilegeOn(_))
    }
}

/// Why a change cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The catalogue has no such application.
    Unknown,
    /// It needs these integrations in use first.
    Needs(Vec<IntegrationKey>),
    /// It is not switched on, or needs no set-up.
    NothingToSetUp,
}

/// Applies `wanted` to `before`: what is after it, and what it causes elsewhere.
///
/// # Errors
/// [`Refusal`] when it cannot be done; nothing changes then.
pub fn apply(catalogue: &Catalogue, before: &Services, wanted: &Wanted) -> Result<(Services, Vec<Effect>), Refusal> {
    let mut after = before.clone();
    let mut effects = Vec::new();
    match wanted {
        Wanted::Switch { key, on: true } => {
            let application = catalogue.get(key).ok_or(Refusal::Unknown)?;
            need(catalogue, before, &application.needs)?;
            after.integrations.entry(key.clone()).or_default().on = true;
        }
        Wanted::Switch { key, on: false } => {
            catalogue.get(key).ok_or(Refusal::Unknown)?;
            switch_off(&mut after, key);
        }
        Wanted::SetUp { key, presence_both_ways } => {
            let application = catalogue.get(key).ok_or(Refusal::Unknown)?;
            if application.set_up.is_none() || !before.integration(key).on && !before.integration(key).set_up {
                return Err(Refusal::NothingToSetUp);
            }
            if *presence_both_ways {
                need(catalogue, before, application.presence_needs.as_deref().unwrap_or_default())?;
            }
            let integration = after.integrations.entry(key.clone()).or_default();
            integration.set_up = true;
            integration.failure = None;
            integration.presence_both_ways = *presence_both_ways && application.presence_needs.is_some();
        }
        Wanted::Remove { key } => {
            catalogue.get(key).ok_or(Refusal::Unknown)?;
            if after.integrations.remove(key).is_some_and(|integration| integration.set_up) {
                effects.push(Effect::ConfigurationDiscarded(key.clone()));
            }
        }
        Wanted::Privilege { privilege, on, by } => {
            let setting = after.privileges.entry(*privilege).or_default();
            if setting.on != *on {
                setting.on = *on;
                setting.set_by = on.then(|| by.clone());
                let wanting: Vec<_> = before.wanting(catalogue, *privilege).map(|one| one.key.clone()).collect();
                if !*on && !wanting.is_empty() {
                    effects.push(Effect::PrivilegeMissing(*privilege, wanting));
                }
            }
        }
    }
    switch_off_dependents(catalogue, &mut after, &mut effects);
    settle_presence(catalogue, &mut after, &mut effects);
    settle_privileges(catalogue, before, &mut after, &mut effects);
    Ok((after, effects))
}

fn need(catalogue: &Catalogue, services: &Services, needs: &[IntegrationKey]) -> Result<(), Refusal> {
    let missing: Vec<_> = missing(catalogue, services, needs).cloned().collect();
    if missing.is_empty() { Ok(()) } else { Err(Refusal::Needs(missing)) }
}

/// Those of `needs` that are not in use.
fn missing<'a>(
    catalogue: &'a Catalogue,
    services: &'a Services,
    needs: &'a [IntegrationKey],
) -> impl Iterator<Item = &'a IntegrationKey> {
    needs.iter().filter(|key| catalogue.get(key).is_none_or(|application| !services.is_running(application)))
}

fn switch_off(services: &mut Services, key: &IntegrationKey) {
    if let Some(integration) = services.integrations.get_mut(key) {
        integration.on = false;
        integration.failure = None;
    }
}

/// Whether `services` hold together as they are: [`apply`] would have nothing to add to them.
pub(super) fn is_settled(catalogue: &Catalogue, services: &Services) -> bool {
    let (mut after, mut effects) = (services.clone(), Vec::new());
    switch_off_dependents(catalogue, &mut after, &mut effects);
    settle_presence(catalogue, &mut after, &mut effects);
    settle_privileges(catalogue, services, &mut after, &mut effects);
    effects.is_empty()
}

/// Switches off what is on without what it needs, until nothing is.
fn switch_off_dependents(catalogue: &Catalogue, services: &mut Services, effects: &mut Vec<Effect>) {
    let lacks = |services: &Services, application: &&Application| {
        services.integration(&application.key).on && missing(catalogue, services, &application.needs).next().is_some()
    };
    while let Some(application) = catalogue.applications().iter().find(|one| lacks(services, one)) {
        switch_off(services, &application.key);
        effects.push(Effect::IntegrationOff(application.key.clone()));
    }
}

fn settle_presence(catalogue: &Catalogue, services: &mut Services, effects: &mut Vec<Effect>) {
    for application in catalogue.applications() {
        let Some(needs) = &application.presence_needs else { continue };
        if !services.integration(&application.key).presence_both_ways
            || missing(catalogue, services, needs).next().is_none()
        {
            continue;
        }
        if let Some(integration) = services.integrations.get_mut(&application.key) {
            integration.presence_both_ways = false;
            effects.push(Effect::PresenceOneWay(application.key.clone()));
        }
    }
}

fn settle_privileges(catalogue: &Catalogue, before: &Services, after: &mut Services, effects: &mut Vec<Effect>) {
    for &privilege in Privilege::ALL {
        let newly_wanted = after.wanting(catalogue, privilege).any(|application| !before.is_running(application));
        let wanted = after.wanting(catalogue, privilege).next().is_some();
        let setting = after.privilege(privilege);
        let on = if newly_wanted { true } else { setting.on && (wanted || setting.set_by.is_some()) };
        if on != setting.on {
            after.privileges.entry(privilege).or_default().on = on;
            effects.push(if on { Effect::PrivilegeOn(privilege) } else { Effect::PrivilegeOff(privilege) });
        }
    }
}
