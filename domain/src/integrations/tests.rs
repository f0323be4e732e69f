#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

fn key(text: &str) -> IntegrationKey {
    IntegrationKey(text.to_owned())
}

fn application(name: &str, set_up: Option<SetUp>, privileges: &[Privilege], needs: &[&str]) -> Application {
    Application {
        key: key(name),
        name: name.to_owned(),
        description: Texts { en: String::new(), it: String::new() },
        group: Group::Mitel,
        set_up,
        privileges: privileges.to_vec(),
        needs: needs.iter().map(|needed| key(needed)).collect(),
        presence_needs: (name == "teams").then(|| vec![key("micollab")]),
    }
}

/// Every kind of application: with and without set-up, privileges and needs, in a chain too.
fn catalogue() -> Catalogue {
    use Privilege::{DelegatedAuthentication, GuestAccess};
    Catalogue::new(vec![
        application("micollab", None, &[DelegatedAuthentication], &[]),
        application("mitel-one", None, &[DelegatedAuthentication], &[]),
        application("micc", None, &[GuestAccess], &[]),
        application("teams", Some(SetUp::AppRegistration), &[], &[]),
        application("gateway", Some(SetUp::GatewayOnboarding), &[GuestAccess], &[]),
        application("recorder", None, &[GuestAccess], &["gateway"]),
        application("archive", None, &[DelegatedAuthentication], &["recorder", "micollab"]),
    ])
    .unwrap()
}

fn switch(name: &str, on: bool) -> Wanted {
    Wanted::Switch { key: key(name), on }
}

fn set_up(name: &str, presence_both_ways: bool) -> Wanted {
    Wanted::SetUp { key: key(name), presence_both_ways }
}

fn privilege(privilege: Privilege, on: bool) -> Wanted {
    Wanted::Privilege { privilege, on, by: "Marta".to_owned() }
}

/// What is after all of `wanted`, and what the last of them caused.
fn after(wanted: &[Wanted]) -> (Services, Vec<Effect>) {
    let mut reached = (Services::default(), Vec::new());
    for wanted in wanted {
        reached = apply(&catalogue(), &reached.0, wanted).unwrap();
    }
    reached
}

fn state(services: &Services, name: &str) -> State {
    services.state(catalogue().get(&key(name)).unwrap())
}

#[test]
fn a_privilege_goes_with_the_last_integration_that_wants_it() {
    use Privilege::DelegatedAuthentication;
    let (_, effects) = after(&[switch("micollab", true)]);
    assert_eq!(effects, [Effect::PrivilegeOn(DelegatedAuthentication)]);
    let (_, effects) = after(&[switch("micollab", true), switch("mitel-one", true)]);
    assert_eq!(effects, []);
    let (_, effects) = after(&[switch("micollab", true), switch("mitel-one", true), switch("micollab", false)]);
    assert_eq!(effects, []);
    let (services, effects) = after(&[switch("micollab", true), switch("micollab", false)]);
    assert_eq!(effects, [Effect::PrivilegeOff(DelegatedAuthentication)]);
    assert_eq!(services.privilege(DelegatedAuthentication), PrivilegeSetting::default());
}

#[test]
fn a_privilege_that_a_person_set_stays() {
    use Privilege::GuestAccess;
    let (services, effects) = after(&[privilege(GuestAccess, true), switch("micc", true), switch("micc", false)]);
    assert_eq!(effects, []);
    assert!(services.privilege(GuestAccess).on);
}

#[test]
fn a_privilege_can_be_switched_off_against_an_integration_and_comes_back_with_the_next() {
    use Privilege::DelegatedAuthentication;
    let (services, effects) = after(&[switch("micollab", true), privilege(DelegatedAuthentication, false)]);
    assert_eq!(effects, [Effect::PrivilegeMissing(DelegatedAuthentication, vec![key("micollab")])]);
    assert_eq!(state(&services, "micollab"), State::On);
    let (_, effects) =
        after(&[switch("micollab", true), privilege(DelegatedAuthentication, false), switch("mitel-one", true)]);
    assert_eq!(effects, [Effect::PrivilegeOn(DelegatedAuthentication)]);
}

#[test]
fn what_needs_set_up_wants_nothing_before_it() {
    let (services, effects) = after(&[switch("gateway", true)]);
    assert_eq!((state(&services, "gateway"), effects.len()), (State::NeedsSetUp, 0));
    let (services, effects) = after(&[switch("gateway", true), set_up("gateway", false)]);
    assert_eq!(state(&services, "gateway"), State::On);
    assert_eq!(effects, [Effect::PrivilegeOn(Privilege::GuestAccess)]);
    let (services, _) = after(&[switch("gateway", true), set_up("gateway", false), switch("gateway", false)]);
    assert_eq!(state(&services, "gateway"), State::Paused);
}

#[test]
fn removing_discards_the_configuration_and_says_so() {
    let remove = Wanted::Remove { key: key("teams") };
    let (services, effects) = after(&[switch("teams", true), set_up("teams", false), remove.clone()]);
    assert_eq!(state(&services, "teams"), State::Off);
    assert_eq!(effects, [Effect::ConfigurationDiscarded(key("teams"))]);
    let (_, effects) = after(&[switch("teams", true), remove]);
    assert_eq!(effects, []);
}

#[test]
fn what_depends_goes_off_along_the_whole_chain() {
    let all = [
        switch("micollab", true),
        switch("gateway", true),
        set_up("gateway", false),
        switch("recorder", true),
        switch("archive", true),
        switch("gateway", false),
    ];
    let (services, effects) = after(&all);
    assert_eq!(
        effects,
        [
            Effect::IntegrationOff(key("recorder")),
            Effect::IntegrationOff(key("archive")),
            Effect::PrivilegeOff(Privilege::GuestAccess)
        ]
    );
    assert_eq!(state(&services, "micollab"), State::On);
}

#[test]
fn what_is_needed_comes_first() {
    let refused = apply(&catalogue(), &Services::default(), &switch("archive", true));
    assert_eq!(refused, Err(Refusal::Needs(vec![key("recorder"), key("micollab")])));
    let refused = apply(&catalogue(), &Services::default(), &switch("unheard-of", true));
    assert_eq!(refused, Err(Refusal::Unknown));
    let refused = apply(&catalogue(), &Services::default(), &set_up("teams", false));
    assert_eq!(refused, Err(Refusal::NothingToSetUp));
}

#[test]
fn presence_both_ways_goes_with_what_it_needs() {
    let (services, _) = after(&[switch("teams", true)]);
    assert_eq!(apply(&catalogue(), &services, &set_up("teams", true)), Err(Refusal::Needs(vec![key("micollab")])));
    let (services, effects) =
        after(&[switch("micollab", true), switch("teams", true), set_up("teams", true), switch("micollab", false)]);
    assert!(effects.contains(&Effect::PresenceOneWay(key("teams"))));
    assert_eq!(state(&services, "teams"), State::On);
}

#[test]
fn a_catalogue_that_cannot_be_is_refused_with_its_place() {
    let wrong = |applications| Catalogue::new(applications).unwrap_err();
    let twice = vec![application("a", None, &[], &[]), application("a", None, &[], &[])];
    assert_eq!(wrong(twice), (1, "the key a is there twice".to_owned()));
    let unknown = vec![application("a", None, &[], &["b"])];
    assert_eq!(wrong(unknown), (0, "a needs b, which is not in the catalogue".to_owned()));
    let circle = vec![application("a", None, &[], &["b"]), application("b", None, &[], &["a"])];
    assert_eq!(wrong(circle), (0, "a needs itself, by way of what it needs".to_owned()));
}

#[test]
fn keys_are_plain() {
    for wrong in ["", "1a", "A", "a b", "a_b", "à", &"a".repeat(41)] {
        assert_eq!(IntegrationKey::parse(wrong), Err(IntegrationKeyError), "{wrong}");
    }
    assert!(IntegrationKey::parse("microsoft-office-365").is_ok());
}

fn any_wanted() -> impl Strategy<Value = Wanted> {
    const KEYS: [&str; 8] = ["micollab", "mitel-one", "micc", "teams", "gateway", "recorder", "archive", "unheard-of"];
    let key = select(&KEYS[..]).prop_map(key);
    prop_oneof![
        4 => (key.clone(), any::<bool>()).prop_map(|(key, on)| Wanted::Switch { key, on }),
        2 => (key.clone(), any::<bool>()).prop_map(|(key, both)| Wanted::SetUp { key, presence_both_ways: both }),
        1 => key.prop_map(|key| Wanted::Remove { key }),
        2 => (select(Privilege::ALL), any::<bool>()).prop_map(|(which, on)| privilege(which, on)),
    ]
}

proptest! {
    /// However people switch: no privilege is on for no reason, nothing is on without what it needs,
    /// presence goes both ways only where it can, and what changed elsewhere was said, nothing more.
    #[test]
    fn whatever_is_switched_holds_together(all in vec(any_wanted(), 1..40)) {
        let catalogue = catalogue();
        let mut services = Services::default();
        for wanted in &all {
            let before = services.clone();
            let Ok((after, effects)) = apply(&catalogue, &before, wanted) else { continue };
            for &one in Privilege::ALL {
                let setting = after.privilege(one);
                prop_assert!(!setting.on || setting.set_by.is_some() || after.wanting(&catalogue, one).next().is_some());
                let own = matches!(wanted, Wanted::Privilege { privilege, .. } if *privilege == one);
                let said = effects.contains(&Effect::PrivilegeOn(one)) || effects.contains(&Effect::PrivilegeOff(one));
                prop_assert_eq!(said, !own && before.privilege(one).on != setting.on);
            }
            for application in catalogue.applications() {
                let (kept, earlier) = (after.integration(&application.key), before.integration(&application.key));
                let runs = |key: &IntegrationKey| catalogue.get(key).is_some_and(|needed| after.is_running(needed));
                prop_assert!(!kept.on || application.needs.iter().all(runs));
                prop_assert!(!kept.presence_both_ways || application.presence_needs.iter().flatten().all(runs));
                let own = match wanted {
                    Wanted::Switch { key, .. } | Wanted::SetUp { key, .. } | Wanted::Remove { key } => *key == application.key,
                    Wanted::Privilege { .. } => false,
                };
                prop_assert_eq!(effects.contains(&Effect::IntegrationOff(application.key.clone())), !own && earlier.on != kept.on);
                let fell = earlier.presence_both_ways && !kept.presence_both_ways;
                prop_assert_eq!(effects.contains(&Effect::PresenceOneWay(application.key.clone())), !own && fell);
            }
            services = after;
        }
    }

    /// Each change can be taken back at once, and gives back exactly what was there. Later it can be
    /// where nothing it touched has changed since, and what is then holds together.
    #[test]
    fn what_is_taken_back_is_as_it_was(all in vec(any_wanted(), 1..30), later in vec(any_wanted(), 0..4)) {
        let catalogue = catalogue();
        let mut services = Services::default();
        for wanted in &all {
            let Ok((after, _)) = apply(&catalogue, &services, wanted) else { continue };
            let reversal = Reversal::between(&catalogue, &services, &after);
            prop_assert_eq!(reversal.take_back(&catalogue, &after), Some(services.clone()));
            let mut now = after.clone();
            for wanted in &later {
                now = apply(&catalogue, &now, wanted).map_or(now, |(after, _)| after);
            }
            if let Some(back) = reversal.take_back(&catalogue, &now) {
                for &one in Privilege::ALL {
                    let wants_it_since = |application: &&Application| {
                        !after.is_running(application) && application.privileges.contains(&one)
                    };
                    let mut running = catalogue.applications().iter().filter(|application| back.is_running(application));
                    let kept = !now.privilege(one).on || back.privilege(one).on || !running.any(|one| wants_it_since(&one));
                    prop_assert!(kept, "what was switched on since has lost a privilege");
                }
                let (same, effects) = apply(&catalogue, &back, &switch("recorder", back.integration(&key("recorder")).on))
                    .unwrap_or((back.clone(), vec![]));
                prop_assert!(effects.is_empty());
                prop_assert_eq!(same.privileges, back.privileges);
            }
            services = after;
        }
    }

    /// What somebody wants twice is done once.
    #[test]
    fn the_same_again_changes_nothing(all in vec(any_wanted(), 1..20)) {
        let catalogue = catalogue();
        let mut services = Services::default();
        for wanted in &all {
            let Ok((after, _)) = apply(&catalogue, &services, wanted) else { continue };
            if matches!(wanted, Wanted::Switch { .. } | Wanted::Privilege { .. }) {
                prop_assert_eq!(apply(&catalogue, &after, wanted).unwrap(), (after.clone(), vec![]));
            }
            services = after;
        }
    }
}
