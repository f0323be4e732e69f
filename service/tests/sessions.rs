//! Signing in and out, seats, limits; each on both databases.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

use domain::{
    email::EmailAddress,
    id::{MembershipId, PersonId},
    password::NewPassword,
    role::{Role, Seat},
};
use service::{
    Backend, Error,
    demo::PASSWORD,
    partners::{self, FirstAdmin},
    profile, sessions,
    testing::{NOW, on_each_database, on_each_demo},
};

async fn sign_in(backend: &Backend, email: &str) -> sessions::SessionToken {
    sessions::sign_in(backend, email, PASSWORD, "192.0.2.1").await.unwrap()
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
            let refused = sessions::sign_in(&backend, email, password, "192.0.2.1").await;
            assert!(matches!(refused, Err(Error::Unauthenticated)), "{email}");
        }
    })
    .await;
}

#[tokio::test]
async fn guessing_is_stopped_but_locks_nobody_out() {
    on_each_demo(async |backend| {
        let guess = async |source: &str| sessions::sign_in(&backend, "partner@example.com", "guess", source).await;
        for _ in 0..5 {
            assert!(matches!(guess("192.0.2.66").await, Err(Error::Unauthenticated)));
        }
        let Err(Error::RateLimited { retry_after }) = guess("192.0.2.66").await else { panic!("not limited") };
        assert!(retry_after > 0 && retry_after <= 900, "{retry_after}");
        let right = sessions::sign_in(&backend, "partner@example.com", PASSWORD, "192.0.2.66").await;
        assert!(matches!(right, Err(Error::RateLimited { .. })), "the right password is not to be told apart");

        sign_in(&backend, "partner@example.com").await;
        backend.clock.set(NOW.plus_seconds(15 * 60));
        sessions::sign_in(&backend, "partner@example.com", PASSWORD, "192.0.2.66").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn one_source_cannot_try_a_few_passwords_on_every_address() {
    on_each_demo(async |backend| {
        for guess in 0..100 {
            let refused = sessions::sign_in(&backend, &format!("p{guess}@example.com"), "x", "192.0.2.66").await;
            assert!(matches!(refused, Err(Error::Unauthenticated)));
        }
        let refused = sessions::sign_in(&backend, "another@example.com", "x", "192.0.2.66").await;
        assert!(matches!(refused, Err(Error::RateLimited { .. })));
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
        let old = sessions::sign_in(&backend, "admin@example.com", PASSWORD, "192.0.2.1").await;
        assert!(matches!(old, Err(Error::Unauthenticated)));
        sessions::sign_in(&backend, "admin@example.com", "a new long password", "192.0.2.1").await.unwrap();
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
        let token =
            sessions::sign_in(&backend, "ada@partner.example", "an operator's password", "192.0.2.1").await.unwrap();
        let signed_in = sessions::find(&backend, &token).await.unwrap().unwrap();
        assert_eq!(signed_in.person, PersonId(1));
        assert_eq!(signed_in.seat.unwrap().1, "New Partner");
    })
    .await;
}
