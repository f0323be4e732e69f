//! Signing in and out, seats, limits; each on both databases.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use common::{other_partner, own, page, partner, refused};
use domain::view::activity::ActivityQuery;
use domain::{
    activity::ActivityKind,
    customer::FieldError,
    email::EmailAddress,
    id::{MembershipId, PersonId},
    password::NewPassword,
    role::{Role, Seat},
};
use service::{
    Backend, Error,
    accounts::{information, lifecycle},
    activity::find::{Of, find},
    demo::PASSWORD,
    partners::{self, FirstAdmin},
    profile, sessions,
    testing::{NOW, on_each_database, on_each_demo, rate_limits, rows},
};

async fn sign_in(backend: &Backend, email: &str) -> sessions::SessionToken {
    sessions::sign_in(backend, email, PASSWORD, "192.0.2.1", None).await.unwrap()
}

#[tokio::test]
async fn each_role_takes_its_seat() {
    on_each_demo(async |backend| {
        for (email, role) in [
            ("partner@example.com", Role::PartnerAdmin),
            ("Manager@Example.COM ", Role::AccountManager),
            ("admin@example.com", Role::AccountAdmin),
            ("user@example.com", Role::User),
        ] {
            let token = sign_in(&backend, email).await;
            let signed_in = sessions::find(&backend, &token).await.unwrap().unwrap();
            assert_eq!(signed_in.caller().unwrap().seat.role(), role, "{email}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    on_each_demo(async |backend| {
        for (email, password) in
            [("partner@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("no address", PASSWORD), ("", "")]
        {
            let refused = sessions::sign_in(&backend, email, password, "192.0.2.1", None).await;
            assert!(matches!(refused, Err(Error::Unauthenticated)), "{email}");
        }
    })
    .await;
}

#[tokio::test]
async fn guessing_is_stopped_whatever_the_password() {
    on_each_demo(async |backend| {
        let guess =
            async |source: &str| sessions::sign_in(&backend, "partner@example.com", "guess", source, None).await;
        for _ in 0..5 {
            assert!(matches!(guess("192.0.2.66").await, Err(Error::Unauthenticated)));
        }
        let Err(Error::RateLimited { retry_after }) = guess("192.0.2.66").await else { panic!("not limited") };
        assert!(retry_after > 0 && retry_after <= 900, "{retry_after}");
        let right = sessions::sign_in(&backend, "partner@example.com", PASSWORD, "192.0.2.66", None).await;
        assert!(matches!(right, Err(Error::RateLimited { .. })), "the right password is not to be told apart");

        sign_in(&backend, "partner@example.com").await;
        backend.clock.set(NOW.plus_seconds(15 * 60));
        sessions::sign_in(&backend, "partner@example.com", PASSWORD, "192.0.2.66", None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn guesses_from_many_networks_lock_out_nobody_who_has_signed_in_from_theirs() {
    on_each_demo(async |backend| {
        let token = sign_in(&backend, "partner@example.com").await;
        let person = sessions::find(&backend, &token).await.unwrap().unwrap().person;
        for guess in 0..36 {
            let source = format!("198.51.100.{}", guess % 9);
            let refused = sessions::sign_in(&backend, "Partner@Example.com ", "guess", &source, None).await;
            let expected = if guess < 30 { "Unauthenticated" } else { "RateLimited" };
            assert!(format!("{refused:?}").contains(expected), "{guess}: {refused:?}");
        }
        sign_in(&backend, "partner@example.com").await;
        profile::change_password(&backend, person, &token, PASSWORD, "a new long password").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_network_that_guesses_at_others_does_not_lock_out_who_has_signed_in_from_it() {
    on_each_demo(async |backend| {
        sign_in(&backend, "admin@example.com").await;
        for guess in 0..100 {
            let refused = sessions::sign_in(&backend, &format!("p{guess}@example.com"), "x", "192.0.2.1", None).await;
            assert!(matches!(refused, Err(Error::Unauthenticated)));
        }
        let refused = sessions::sign_in(&backend, "partner@example.com", PASSWORD, "192.0.2.1", None).await;
        assert!(matches!(refused, Err(Error::RateLimited { .. })));
        for _ in 0..10 {
            let refused = sessions::sign_in(&backend, "admin@example.com", "guess", "192.0.2.1", None).await;
            assert!(matches!(refused, Err(Error::Unauthenticated)));
        }
        sign_in(&backend, "admin@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn a_known_network_is_limited_too() {
    on_each_demo(async |backend| {
        sign_in(&backend, "admin@example.com").await;
        for _ in 0..100 {
            let refused = sessions::sign_in(&backend, "admin@example.com", "guess", "192.0.2.1", None).await;
            assert!(matches!(refused, Err(Error::Unauthenticated)));
        }
        let refused = sessions::sign_in(&backend, "admin@example.com", PASSWORD, "192.0.2.1", None).await;
        assert!(matches!(refused, Err(Error::RateLimited { .. })));
    })
    .await;
}

#[tokio::test]
async fn only_the_networks_used_last_are_remembered() {
    on_each_demo(async |backend| {
        for network in 0..30 {
            backend.clock.set(NOW.plus_seconds(network));
            let network = format!("203.0.113.{network}");
            sessions::sign_in(&backend, "admin@example.com", PASSWORD, &network, None).await.unwrap();
        }
        assert_eq!(rows(&backend, "known_network").await, 20);
        let guesses_until_limited = async |network: &str| {
            let mut guesses = 0;
            while let Err(Error::Unauthenticated) =
                sessions::sign_in(&backend, "admin@example.com", "guess", network, None).await
            {
                guesses += 1;
            }
            guesses
        };
        assert_eq!(guesses_until_limited("203.0.113.0").await, 5);
        assert_eq!(guesses_until_limited("203.0.113.29").await, 100);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_written_once_a_limit_is_reached() {
    on_each_demo(async |backend| {
        for guess in 0..100 {
            let _ = sessions::sign_in(&backend, &format!("p{guess}@example.com"), "x", "192.0.2.66", None).await;
        }
        let before = rate_limits(&backend).await;
        for address in ["another@example.com", "p1@example.com", "partner@example.com"] {
            let refused = sessions::sign_in(&backend, address, "x", "192.0.2.66", None).await;
            assert!(matches!(refused, Err(Error::RateLimited { .. })), "{address}");
        }
        assert_eq!(rate_limits(&backend).await, before);
        backend.clock.set(NOW.plus_seconds(15 * 60));
        sessions::sweep(&backend).await.unwrap();
        assert!(rate_limits(&backend).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn wrong_present_passwords_are_counted_by_person() {
    on_each_demo(async |backend| {
        let mut people = Vec::new();
        for email in ["partner@example.com", "manager@example.com", "user@example.com", "admin@example.com"] {
            let token = sign_in(&backend, email).await;
            people.push((sessions::find(&backend, &token).await.unwrap().unwrap().person, token));
        }
        let (last, others) = people.split_last().unwrap();
        for (person, token) in others {
            let change =
                async || profile::change_password(&backend, *person, token, "wrong", "a new long password").await;
            for _ in 0..10 {
                assert!(matches!(change().await, Err(Error::Invalid(_))));
            }
            assert!(matches!(change().await, Err(Error::RateLimited { .. })));
        }
        profile::change_password(&backend, last.0, &last.1, PASSWORD, "a new long password").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn signing_in_ends_the_session_that_the_browser_had() {
    on_each_demo(async |backend| {
        let former = sign_in(&backend, "partner@example.com").await;
        let wrong = sessions::sign_in(&backend, "admin@example.com", "wrong", "192.0.2.1", Some(&former)).await;
        assert!(matches!(wrong, Err(Error::Unauthenticated)));
        assert!(sessions::find(&backend, &former).await.unwrap().is_some(), "only when it succeeds");
        let next =
            sessions::sign_in(&backend, "admin@example.com", PASSWORD, "192.0.2.1", Some(&former)).await.unwrap();
        assert!(sessions::find(&backend, &former).await.unwrap().is_none());
        assert!(sessions::find(&backend, &next).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn no_session_is_opened_with_a_password_that_is_changed_meanwhile() {
    on_each_demo(async |backend| {
        let here = sign_in(&backend, "admin@example.com").await;
        let person = sessions::find(&backend, &here).await.unwrap().unwrap().person;
        let elsewhere = || Box::pin(sessions::sign_in(&backend, "admin@example.com", PASSWORD, "192.0.2.7", None));
        let (changed, first, second) = tokio::join!(
            profile::change_password(&backend, person, &here, PASSWORD, "a new long password"),
            elsewhere(),
            elsewhere()
        );
        changed.unwrap();
        for token in [first, second].into_iter().flatten() {
            assert!(sessions::find(&backend, &token).await.unwrap().is_none());
        }
        assert_eq!(rows(&backend, "session").await, 1);
    })
    .await;
}

#[tokio::test]
async fn no_session_outlives_a_deactivation_that_it_was_opened_beside() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let signing_in = || Box::pin(sessions::sign_in(&backend, "user@example.com", PASSWORD, "192.0.2.7", None));
        let partner = partner();
        let (first, second, deactivated, third) = tokio::join!(
            signing_in(),
            signing_in(),
            Box::pin(lifecycle::deactivate(&backend, &partner, number)),
            signing_in()
        );
        deactivated.unwrap();
        lifecycle::reactivate(&backend, &partner, number).await.unwrap();
        for token in [first, second, third].into_iter().flatten() {
            assert!(sessions::find(&backend, &token).await.unwrap().is_none());
        }
    })
    .await;
}

#[tokio::test]
async fn a_membership_in_a_deactivated_account_is_neither_offered_nor_taken() {
    on_each_demo(async |backend| {
        let token = sign_in(&backend, "several@example.com").await;
        let person = sessions::find(&backend, &token).await.unwrap().unwrap().person;
        let choices = sessions::memberships(&backend, person).await.unwrap();
        let [manager, admin] = choices.as_slice() else { panic!("{choices:?}") };
        let seat = async || sessions::find(&backend, &token).await.unwrap().unwrap();
        sessions::choose(&backend, &token, person, admin.membership).await.unwrap();
        let account = information::own_number(&backend, &seat().await.caller().unwrap()).await.unwrap();
        assert!(seat().await.has_several_memberships);
        sessions::choose(&backend, &token, person, manager.membership).await.unwrap();
        lifecycle::deactivate(&backend, &partner(), account).await.unwrap();
        let choice = sessions::choose(&backend, &token, person, admin.membership).await;
        assert!(matches!(choice, Err(Error::NotFound)), "{choice:?}");
        assert_eq!(sessions::memberships(&backend, person).await.unwrap(), std::slice::from_ref(manager));
        assert!(!seat().await.has_several_memberships);
        assert_eq!(seat().await.membership, Some(manager.membership));
    })
    .await;
}

#[tokio::test]
async fn the_operator_gives_a_new_password_and_ends_sessions() {
    on_each_demo(async |backend| {
        let email = EmailAddress::parse("admin@example.com").unwrap();
        let nobody = EmailAddress::parse("nobody@example.com").unwrap();
        let new = |text| NewPassword::parse(text).unwrap();
        let token = sign_in(&backend, "admin@example.com").await;
        let weak = profile::reset_password(&backend, &email, &new("admin@example.com")).await;
        assert_eq!(refused(weak), FieldError::GuessablePassword);
        let unknown = profile::reset_password(&backend, &nobody, &new("a new long password")).await;
        assert!(matches!(unknown, Err(Error::NotFound)));
        profile::reset_password(&backend, &email, &new("a new long password")).await.unwrap();
        assert!(sessions::find(&backend, &token).await.unwrap().is_none());
        let latest = &page(&backend, own(&backend).await).await.activity[0];
        assert_eq!((latest.kind, latest.person_name.as_str()), (ActivityKind::PasswordChanged, ""));
        assert_eq!(latest.changes[0].new, "admin@example.com");

        let signing_in = sessions::sign_in(&backend, "admin@example.com", "a new long password", "192.0.2.1", None);
        let token = signing_in.await.unwrap();
        assert_eq!(sessions::end_all(&backend, &email).await.unwrap(), 1);
        assert!(sessions::find(&backend, &token).await.unwrap().is_none());
        assert!(matches!(sessions::end_all(&backend, &nobody).await, Err(Error::NotFound)));
        let latest = &page(&backend, own(&backend).await).await.activity[0];
        assert_eq!(latest.kind, ActivityKind::SessionsEnded);
    })
    .await;
}

#[tokio::test]
async fn a_guessable_password_is_refused_wherever_one_is_set() {
    on_each_demo(async |backend| {
        let token = sign_in(&backend, "admin@example.com").await;
        let person = sessions::find(&backend, &token).await.unwrap().unwrap().person;
        for new in ["123456789012", "            ", "admin@example.com", "Paolo Rossi 1"] {
            let changed = profile::change_password(&backend, person, &token, PASSWORD, new).await;
            assert_eq!(refused(changed), FieldError::GuessablePassword, "{new}");
        }
        let admin = FirstAdmin {
            name: "Ada".into(),
            email: EmailAddress::parse("ada@partner.example").unwrap(),
            password: NewPassword::parse("ada@partner.example").ok(),
        };
        let added = partners::add(&backend, "Partner", admin).await;
        assert_eq!(refused(added), FieldError::GuessablePassword);
    })
    .await;
}

#[tokio::test]
async fn a_password_is_accepted_in_either_form_of_its_accents() {
    on_each_demo(async |backend| {
        let token = sign_in(&backend, "admin@example.com").await;
        let person = sessions::find(&backend, &token).await.unwrap().unwrap().person;
        profile::change_password(&backend, person, &token, PASSWORD, "caffè lungo al banco").await.unwrap();
        for typed in ["caffè lungo al banco", "caffe\u{300} lungo al banco"] {
            sessions::sign_in(&backend, "admin@example.com", typed, "192.0.2.1", None).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_changed_name_and_password_are_recorded_with_the_person() {
    on_each_demo(async |backend| {
        let token = sign_in(&backend, "several@example.com").await;
        let person = sessions::find(&backend, &token).await.unwrap().unwrap();
        profile::rename(&backend, person.person, "Marta Bianchi").await.unwrap();
        profile::rename(&backend, person.person, " Marta Bianchi").await.unwrap();
        let found = find(&backend, &other_partner(), Of::Partner, &ActivityQuery::default()).await.unwrap();
        let renamed: Vec<_> = found.rows.iter().filter(|row| row.kind == ActivityKind::PersonRenamed).collect();
        let [record] = renamed.as_slice() else { panic!("{renamed:?}") };
        assert_eq!(record.person, Some(person.person));
        assert_eq!(record.person_email.as_deref(), Some("several@example.com"));
        let change = &record.changes[0];
        assert_eq!((change.old.as_str(), change.new.as_str()), (&*person.name, "Marta Bianchi"));
        profile::change_password(&backend, person.person, &token, PASSWORD, "a new long password").await.unwrap();
        let found = find(&backend, &other_partner(), Of::Partner, &ActivityQuery::default()).await.unwrap();
        assert!(found.rows.iter().any(|row| row.kind == ActivityKind::PasswordChanged && row.changes.is_empty()));
    })
    .await;
}

#[tokio::test]
async fn nobody_takes_a_name_of_the_consoles_own() {
    on_each_demo(async |backend| {
        for name in ["The operator", "Tenantry", "Орerator", "Microsoft"] {
            assert_eq!(refused(profile::rename(&backend, PersonId(1), name).await), FieldError::ReservedName, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_by_signing_out_idling_and_age() {
    on_each_demo(async |backend| {
        let token = sign_in(&backend, "partner@example.com").await;
        sessions::sign_out(&backend, &token).await.unwrap();
        assert!(sessions::find(&backend, &token).await.unwrap().is_none());

        let token = sign_in(&backend, "partner@example.com").await;
        let limits = backend.settings.session;
        backend.clock.set(NOW.plus_seconds(limits.idle));
        assert!(sessions::find(&backend, &token).await.unwrap().is_none(), "idle");

        let token = sign_in(&backend, "partner@example.com").await;
        let signed_in = backend.clock.now();
        for _ in 0..limits.absolute / 3600 - 1 {
            backend.clock.set(backend.clock.now().plus_seconds(3600));
            assert!(sessions::find(&backend, &token).await.unwrap().is_some(), "in use");
        }
        backend.clock.set(signed_in.plus_seconds(limits.absolute));
        assert!(sessions::find(&backend, &token).await.unwrap().is_none(), "old");
        sessions::sweep(&backend).await.unwrap();
        backend.clock.set(signed_in);
        assert!(sessions::find(&backend, &token).await.unwrap().is_none(), "swept");
    })
    .await;
}

#[tokio::test]
async fn several_memberships_are_chosen_from_and_only_ones_own() {
    on_each_demo(async |backend| {
        let token = sign_in(&backend, "several@example.com").await;
        let signed_in = sessions::find(&backend, &token).await.unwrap().unwrap();
        assert!(signed_in.caller().is_none());
        let choices = sessions::memberships(&backend, signed_in.person).await.unwrap();
        assert_eq!(
            choices.iter().map(|choice| (choice.role, choice.organisation.as_str())).collect::<Vec<_>>(),
            [(Role::AccountManager, "Alpenblick Kommunikation"), (Role::AccountAdmin, &choices[1].organisation)]
        );
        let foreign = sessions::choose(&backend, &token, signed_in.person, MembershipId(1)).await;
        assert!(matches!(foreign, Err(Error::NotFound)));
        sessions::choose(&backend, &token, signed_in.person, choices[1].membership).await.unwrap();
        let seat = sessions::find(&backend, &token).await.unwrap().unwrap().seat.unwrap().0;
        assert!(matches!(seat, Seat::AccountAdmin { .. }));
    })
    .await;
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session() {
    on_each_demo(async |backend| {
        let (here, elsewhere) =
            (sign_in(&backend, "admin@example.com").await, sign_in(&backend, "admin@example.com").await);
        let person = sessions::find(&backend, &here).await.unwrap().unwrap().person;
        for (present, new) in [("wrong", "a new long password"), (PASSWORD, "short")] {
            let refused = profile::change_password(&backend, person, &here, present, new).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{new}");
        }
        profile::change_password(&backend, person, &here, PASSWORD, "a new long password").await.unwrap();
        assert!(sessions::find(&backend, &here).await.unwrap().is_some());
        assert!(sessions::find(&backend, &elsewhere).await.unwrap().is_none());
        let old = sessions::sign_in(&backend, "admin@example.com", PASSWORD, "192.0.2.1", None).await;
        assert!(matches!(old, Err(Error::Unauthenticated)));
        sessions::sign_in(&backend, "admin@example.com", "a new long password", "192.0.2.1", None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_is_no_token_is_no_session() {
    for text in ["", "abc", &"g".repeat(64), &"é".repeat(32), &"0".repeat(65)] {
        assert_eq!(sessions::SessionToken::from_cookie(text), None);
    }
    on_each_demo(async |backend| {
        let forged = sessions::SessionToken::from_cookie(&"0".repeat(64)).unwrap();
        assert!(sessions::find(&backend, &forged).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn the_operator_adds_a_partner_who_can_sign_in() {
    on_each_database(async |backend| {
        let admin = || FirstAdmin {
            name: "Ada".into(),
            email: EmailAddress::parse("ada@partner.example").unwrap(),
            password: NewPassword::parse("an operator's password").ok(),
        };
        let without = FirstAdmin { password: None, ..admin() };
        assert!(matches!(partners::add(&backend, "P", without).await, Err(Error::Invalid(_))));
        partners::add(&backend, "New Partner", admin()).await.unwrap();
        let token = sessions::sign_in(&backend, "ada@partner.example", "an operator's password", "192.0.2.1", None)
            .await
            .unwrap();
        let signed_in = sessions::find(&backend, &token).await.unwrap().unwrap();
        assert_eq!(signed_in.person, PersonId(1));
        assert_eq!(signed_in.seat.unwrap().1, "New Partner");
    })
    .await;
}
