//! Taking a change back.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Catalogue, Integration, IntegrationKey, Privilege, PrivilegeSetting, Services, apply::is_settled};

/// What a change did to integrations and privileges, kept so that it can be taken back: each that it
/// touched, before and after. What was not there is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversal {
    integrations: BTreeMap<IntegrationKey, (Option<Integration>, Option<Integration>)>,
    privileges: BTreeMap<Privilege, (Option<PrivilegeSetting>, Option<PrivilegeSetting>)>,
    /// The integrations that wanted each of these privileges after the change.
    wanting: BTreeMap<Privilege, BTreeSet<IntegrationKey>>,
}

impl Reversal {
    /// What leads from `after` back to `before`.
    #[must_use]
    pub fn between(catalogue: &Catalogue, before: &Services, after: &Services) -> Self {
        let privileges = differing(&before.privileges, &after.privileges);
        let wanting = privileges.keys().map(|&privilege| (privilege, wanting(catalogue, after, privilege))).collect();
        Self { integrations: differing(&before.integrations, &after.integrations), privileges, wanting }
    }

    /// Whether the change was of privileges alone.
    #[must_use]
    pub fn is_of_privileges_alone(&self) -> bool {
        self.integrations.is_empty()
    }

    /// `services` with the change taken back; `None` when something of it was changed since, or when
    /// something that was changed since cannot be without it. A privilege that an integration switched on
    /// since wants too stays on.
    #[must_use]
    pub fn take_back(&self, catalogue: &Catalogue, services: &Services) -> Option<Services> {
        let mut restored = Services {
            integrations: restored(&self.integrations, &services.integrations)?,
            privileges: restored(&self.privileges, &services.privileges)?,
        };
        for (&privilege, known) in &self.wanting {
            let goes_off = services.privilege(privilege).on && !restored.privilege(privilege).on;
            if goes_off && !wanting(catalogue, &restored, privilege).is_subset(known) {
                restored.privileges.insert(privilege, services.privilege(privilege));
            }
        }
        is_settled(catalogue, &restored).then_some(restored)
    }
}

fn wanting(catalogue: &Catalogue, services: &Services, privilege: Privilege) -> BTreeSet<IntegrationKey> {
    services.wanting(catalogue, privilege).map(|application| application.key.clone()).collect()
}

/// What was under each key that differs: before, and after.
type Differences<K, V> = BTreeMap<K, (Option<V>, Option<V>)>;

fn differing<K: Ord + Clone, V: Clone + PartialEq>(
    before: &BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
) -> Differences<K, V> {
    let keys = before.keys().chain(after.keys());
    keys.filter(|key| before.get(key) != after.get(key))
        .map(|key| (key.clone(), (before.get(key).cloned(), after.get(key).cloned())))
        .collect()
}

fn restored<K: Ord + Clone, V: Clone + PartialEq>(
    differences: &Differences<K, V>,
    current: &BTreeMap<K, V>,
) -> Option<BTreeMap<K, V>> {
    let mut restored = current.clone();
    for (key, (before, after)) in differences {
        if current.get(key) != after.as_ref() {
            return None;
        }
        match before {
            Some(before) => drop(restored.insert(key.clone(), before.clone())),
            None => drop(restored.remove(key)),
        }
    }
    Some(restored)
}
