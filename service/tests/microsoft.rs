//! App registrations, rechecks and consent; each on both databases.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use domain::view::integrations::{AppRegistration, IntegrationView};
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

use common::{admin, own, page, partner, refused};
use domain::integrations::SECRET_UNREADABLE;
use domain::{
    account_number::AccountNumber,
    activity::ActivityKind,
    customer::FieldError,
    integrations::{IntegrationKey, State, Wanted},
    role::Caller,
};
use secrecy::ExposeSecret;
use service::{
    Backend, Error, Sealer, Settings,
    demo::PASSWORD,
    integrations::{
        self,
        microsoft::{
            self, Checked, ConsentAnswer, ConsentOutcome, Credentials, OwnApplication, RegistrationForm, TokenEndpoint,
        },
    },
    sessions::{self, SessionToken},
    testing::on_each_demo,
};

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const CLIENT: &str = "b2e7d6c4-91f0-4a35-9d8e-57c3a1f2460b";

fn key(text: &str) -> IntegrationKey {
    IntegrationKey::parse(text).unwrap()
}

async fn integration(backend: &Backend, number: AccountNumber, name: &str) -> IntegrationView {
    let services = page(backend, number).await.services;
    services.integrations.into_iter().find(|one| one.application.key == key(name)).unwrap()
}

/// Changes something, confirming whatever it causes.
async fn change(backend: &Backend, number: AccountNumber, wanted: Wanted) {
    if let Err(Error::Unconfirmed(effects)) =
        integrations::change(backend, &partner(), number, &wanted, &[]).await.map(drop)
    {
        integrations::change(backend, &partner(), number, &wanted, &effects).await.unwrap();
    }
}

async fn switch(backend: &Backend, number: AccountNumber, name: &str, on: bool) {
    change(backend, number, Wanted::Switch { key: key(name), on }).await;
}

/// What a token endpoint does while it is asked.
type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A token endpoint that says what it is told to, and remembers what it was asked.
#[derive(Default)]
struct Endpoint {
    answers: Mutex<Vec<Checked>>,
    otherwise: Option<Checked>,
    asked: Mutex<Vec<(String, String)>>,
    meanwhile: Mutex<Option<Meanwhile>>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Endpoint")
    }
}

impl TokenEndpoint for Endpoint {
    fn check<'a>(&'a self, credentials: &'a Credentials) -> Pin<Box<dyn Future<Output = Checked> + Send + 'a>> {
        let asked = (credentials.tenant_id.clone(), credentials.client_secret.expose_secret().to_owned());
        self.asked.lock().unwrap().push(asked);
        let answer = self.answers.lock().unwrap().pop().or(self.otherwise.clone()).unwrap();
        let meanwhile = self.meanwhile.lock().unwrap().take();
        Box::pin(async move {
            if let Some(meanwhile) = meanwhile {
                meanwhile.await;
            }
            answer
        })
    }
}

impl Endpoint {
    fn secrets(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(_, secret)| secret.clone()).collect()
    }
}

fn answering(backend: &Backend, answer: Checked) -> (Backend, Arc<Endpoint>) {
    let endpoint = Arc::new(Endpoint { otherwise: Some(answer), ..Endpoint::default() });
    (Backend { token_endpoint: endpoint.clone(), ..backend.clone() }, endpoint)
}

fn registration() -> AppRegistration {
    AppRegistration { name: "Tenantry".into(), tenant_id: TENANT.into(), client_id: CLIENT.into() }
}

fn form<'a>(registration: &'a AppRegistration, secret: &str) -> RegistrationForm<'a> {
    RegistrationForm {
        key: key("microsoft-teams"),
        registration,
        client_secret: secret.to_owned().into(),
        new_secret: false,
        presence_both_ways: true,
    }
}

#[tokio::test]
async fn an_accounts_credentials_are_passed_on_so_often_and_no_more() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        switch(&backend, number, "microsoft-teams", true).await;
        let (refusing, endpoint) = answering(&backend, Checked::Refused("AADSTS7000215".into()));
        let registration = registration();
        let register = async || microsoft::register(&refusing, &admin(), number, &form(&registration, "wrong")).await;
        switch(&backend, number, "micollab", true).await;
        for _ in 0..10 {
            assert!(matches!(register().await, Err(Error::Invalid(_))));
        }
        assert!(matches!(register().await, Err(Error::RateLimited { .. })));
        assert_eq!(endpoint.asked.lock().unwrap().len(), 10);
    })
    .await;
}

#[tokio::test]
async fn an_app_registration_is_checked_with_microsoft_before_it_is_kept() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        change(&backend, number, Wanted::Remove { key: key("microsoft-teams") }).await;
        let typed = AppRegistration {
            tenant_id: format!("{{{}}}", TENANT.to_uppercase()),
            client_id: CLIENT.to_uppercase(),
            ..registration()
        };
        let (accepting, endpoint) = answering(&backend, Checked::Accepted);
        let register = microsoft::register(&accepting, &admin(), number, &form(&typed, "s3cret")).await;
        assert!(matches!(register, Err(Error::NotFound)), "it is not switched on");
        switch(&backend, number, "microsoft-teams", true).await;
        let empty = AppRegistration::default();
        let Err(Error::Invalid(fields)) = microsoft::register(&accepting, &admin(), number, &form(&empty, "")).await
        else {
            panic!("an empty form was accepted")
        };
        assert_eq!(fields.len(), 4);
        let (silent, _) = answering(&backend, Checked::Unreachable);
        let error = refused(microsoft::register(&silent, &admin(), number, &form(&typed, "s3cret")).await);
        assert_eq!(error, FieldError::Unreachable);
        assert_eq!(integration(&backend, number, "microsoft-teams").await.state, State::NeedsSetUp);
        microsoft::register(&accepting, &admin(), number, &form(&typed, "s3cret")).await.unwrap();
        // The secret that is stored is used where none is typed; it is never shown.
        microsoft::register(&accepting, &admin(), number, &form(&typed, "")).await.unwrap();
        assert_eq!(endpoint.secrets(), ["s3cret", "s3cret", "s3cret"]);
        let shown = integration(&backend, number, "microsoft-teams").await;
        assert_eq!((shown.state, shown.presence_both_ways), (State::On, true));
        assert_eq!(shown.registration.unwrap(), registration(), "what was typed is put right");
        let domain = AppRegistration { tenant_id: "Contoso.onmicrosoft.com".into(), ..registration() };
        microsoft::register(&accepting, &admin(), number, &form(&domain, "")).await.unwrap();
        assert_eq!(endpoint.asked.lock().unwrap().last().unwrap().0, "contoso.onmicrosoft.com");
    })
    .await;
}

#[tokio::test]
async fn what_microsoft_refuses_is_said_at_the_field_that_is_wrong() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let registration = registration();
        let errors = async |reason: &str, secret: &str| {
            let (refusing, _) = answering(&backend, Checked::Refused(reason.to_owned()));
            match microsoft::register(&refusing, &admin(), number, &form(&registration, secret)).await {
                Err(Error::Invalid(fields)) => fields,
                other => panic!("{other:?}"),
            }
        };
        let reason = |reason: &str| FieldError::Refused { reason: reason.to_owned() };
        let field = |name: &str, error| (name.to_owned(), error);
        assert_eq!(errors("AADSTS7000215: Wrong", "x").await, [field("client_secret", reason("AADSTS7000215: Wrong"))]);
        // A new secret is not kept, and must not give way to the old one without a word.
        assert_eq!(
            errors("AADSTS90002: No tenant", "x").await,
            [field("tenant_id", reason("AADSTS90002: No tenant")), field("client_secret", FieldError::SecretAgain)]
        );
        assert_eq!(errors("AADSTS700016", "").await, [field("client_id", reason("AADSTS700016"))]);
        assert_eq!(errors("un\u{1b}known\u{202e}", "").await, [field("client_secret", reason("un known"))]);
    })
    .await;
}

#[tokio::test]
async fn a_new_secret_never_gives_way_to_the_old_one_without_a_word() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let (accepting, endpoint) = answering(&backend, Checked::Accepted);
        let register = async |tenant: &str, secret: &str, new_secret| {
            let typed = AppRegistration { tenant_id: tenant.into(), ..registration() };
            let form = RegistrationForm { new_secret, ..form(&typed, secret) };
            microsoft::register(&accepting, &admin(), number, &form).await
        };
        let Err(Error::Invalid(fields)) = register("72f988bf", "new", false).await else { panic!("it was accepted") };
        let names: Vec<_> = fields.iter().map(|(name, error)| (name.as_str(), error.clone())).collect();
        assert_eq!(names, [("tenant_id", FieldError::TenantId), ("client_secret", FieldError::SecretAgain)]);
        assert_eq!(refused(register(TENANT, "", true).await), FieldError::SecretAgain);
        assert_eq!(refused(register(TENANT, CLIENT, false).await), FieldError::SecretId);
        assert!(endpoint.asked.lock().unwrap().is_empty(), "Microsoft is not asked about what cannot be right");
        register(TENANT, "new", true).await.unwrap();
        assert_eq!(endpoint.secrets(), ["new"]);
    })
    .await;
}

#[tokio::test]
async fn credentials_that_expire_are_noticed_and_those_put_right_too() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let teams = async || integration(&backend, number, "microsoft-teams").await;
        assert_eq!(teams().await.state, State::On);
        let (silent, _) = answering(&backend, Checked::Unreachable);
        microsoft::recheck_all(&silent).await.unwrap();
        assert_eq!(teams().await.state, State::On);
        let (refusing, _) = answering(&backend, Checked::Refused("AADSTS7000222\u{1b}\u{202e}: expired".into()));
        microsoft::recheck_all(&refusing).await.unwrap();
        assert_eq!(teams().await.state, State::Failing);
        let since = backend.clock.now();
        backend.clock.set(since.plus_seconds(6 * 3600));
        microsoft::recheck_all(&refusing).await.unwrap();
        let failure = teams().await.failure.unwrap();
        assert_eq!((failure.reason.as_str(), failure.since), ("AADSTS7000222 : expired", since));
        let (accepting, endpoint) = answering(&backend, Checked::Accepted);
        microsoft::recheck_all(&accepting).await.unwrap();
        assert_eq!((teams().await.state, teams().await.failure), (State::On, None));
        let asked = endpoint.asked.lock().unwrap().len();
        microsoft::recheck_all(&accepting).await.unwrap();
        assert_eq!(endpoint.asked.lock().unwrap().len(), 2 * asked, "each is asked about once");
    })
    .await;
}

#[tokio::test]
async fn a_secret_that_cannot_be_opened_fails_its_own_account_alone() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let settings = Settings { sealer: Sealer::new(&[9; 32]), ..(*backend.settings).clone() };
        let (accepting, _) = answering(&backend, Checked::Accepted);
        let otherwise = Backend { settings: Arc::new(settings), ..accepting.clone() };
        microsoft::register(&otherwise, &admin(), number, &form(&registration(), "s3cret")).await.unwrap();
        let (asked_after, endpoint) = answering(&backend, Checked::Accepted);
        microsoft::recheck_all(&asked_after).await.unwrap();
        assert!(!endpoint.asked.lock().unwrap().is_empty(), "the accounts after it are checked");
        let teams = integration(&backend, number, "microsoft-teams").await;
        assert_eq!(teams.state, State::Failing);
        assert_eq!(teams.failure.unwrap().reason, SECRET_UNREADABLE);
        let kept = microsoft::register(&accepting, &admin(), number, &form(&registration(), "")).await;
        assert_eq!(refused(kept), FieldError::SecretAgain);
        microsoft::register(&accepting, &admin(), number, &form(&registration(), "new")).await.unwrap();
        assert_eq!(integration(&backend, number, "microsoft-teams").await.state, State::On);
    })
    .await;
}

#[tokio::test]
async fn a_verdict_on_credentials_that_were_replaced_meanwhile_is_void() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let (accepting, _) = answering(&backend, Checked::Accepted);
        microsoft::register(&accepting, &admin(), number, &form(&registration(), "old")).await.unwrap();
        let replacing: Meanwhile = Box::pin(async move {
            microsoft::register(&accepting, &admin(), number, &form(&registration(), "old")).await.unwrap();
        });
        let endpoint = Endpoint {
            answers: Mutex::new(vec![Checked::Refused("AADSTS7000222".into())]),
            otherwise: Some(Checked::Accepted),
            meanwhile: Mutex::new(Some(replacing)),
            ..Endpoint::default()
        };
        // The first account of the round is the one whose credentials are replaced.
        microsoft::recheck_all(&Backend { token_endpoint: Arc::new(endpoint), ..backend.clone() }).await.unwrap();
        assert_eq!(integration(&backend, number, "microsoft-teams").await.state, State::On);
    })
    .await;
}

/// A backend whose operator has an application at Microsoft, which answers `answer`.
fn consenting(backend: &Backend, answer: Checked) -> (Backend, Arc<Endpoint>) {
    let mut settings = (*backend.settings).clone();
    let (client_id, client_secret) = (CLIENT.to_owned(), "operators".to_owned().into());
    settings.microsoft.application = Some(OwnApplication { client_id, client_secret });
    let (backend, endpoint) = answering(backend, answer);
    (Backend { settings: Arc::new(settings), ..backend }, endpoint)
}

async fn sign_in(backend: &Backend) -> SessionToken {
    sessions::sign_in(backend, "admin@example.com", PASSWORD, "192.0.2.1", None).await.unwrap()
}

async fn begin(backend: &Backend, session: &SessionToken, number: AccountNumber) -> String {
    let address = microsoft::begin_consent(backend, &admin(), session, number).await.unwrap();
    assert!(address.starts_with("https://login.microsoftonline.com/organizations/v2.0/adminconsent?client_id=b2e7"));
    assert!(address.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A3000%2Fintegrations%2Fconsent"));
    address.rsplit_once("state=").unwrap().1.to_owned()
}

fn granted() -> ConsentAnswer {
    ConsentAnswer::Granted { tenant: TENANT.to_owned() }
}

#[tokio::test]
async fn consent_counts_once_for_who_asked_in_the_session_in_which_they_asked() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let session = sign_in(&backend).await;
        let (backend, endpoint) = consenting(&backend, Checked::Accepted);
        let office = async || integration(&backend, number, "microsoft-office-365").await.state;
        assert!(matches!(microsoft::begin_consent(&backend, &admin(), &session, number).await, Err(Error::NotFound)));
        switch(&backend, number, "microsoft-office-365", true).await;
        let end = async |caller: &Caller, session: &SessionToken, state: &str, answer: ConsentAnswer| {
            microsoft::end_consent(&backend, caller, session, state, &answer).await
        };
        let state = begin(&backend, &session, number).await;
        assert!(matches!(end(&partner(), &session, &state, granted()).await, Err(Error::NotFound)));
        let other_session = sign_in(&backend).await;
        assert!(matches!(end(&admin(), &other_session, &state, granted()).await, Err(Error::NotFound)));
        let denied = end(&admin(), &session, &state, ConsentAnswer::Denied).await.unwrap();
        assert_eq!(denied, (number, ConsentOutcome::Denied));
        // The same answer brought again shows where the consent stands, and changes nothing.
        let again = end(&admin(), &session, &state, granted()).await.unwrap();
        assert_eq!((again.1, office().await), (ConsentOutcome::Ended, State::NeedsSetUp));
        assert!(endpoint.asked.lock().unwrap().is_empty());
        let state = begin(&backend, &session, number).await;
        let caller = admin();
        let (one, two) =
            tokio::join!(end(&caller, &session, &state, granted()), end(&caller, &session, &state, granted()));
        let outcomes = [one.unwrap().1, two.unwrap().1];
        assert!(outcomes.contains(&ConsentOutcome::Granted) && outcomes.contains(&ConsentOutcome::Ended));
        assert_eq!(office().await, State::On);
        assert_eq!(endpoint.asked.lock().unwrap()[0], (TENANT.to_owned(), "operators".to_owned()));
        switch(&backend, number, "microsoft-office-365", false).await;
        assert_eq!(office().await, State::Paused);
    })
    .await;
}

#[tokio::test]
async fn consent_is_not_believed_unless_microsoft_confirms_it() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let session = sign_in(&backend).await;
        switch(&backend, number, "microsoft-office-365", true).await;
        let office = async || integration(&backend, number, "microsoft-office-365").await.state;
        let last = async || page(&backend, number).await.activity[0].clone();
        let end = async |backend: &Backend, answer: ConsentAnswer| {
            let state = begin(backend, &session, number).await;
            microsoft::end_consent(backend, &admin(), &session, &state, &answer).await.unwrap().1
        };
        let (refusing, _) = consenting(&backend, Checked::Refused("AADSTS700016: not there".into()));
        assert_eq!(end(&refusing, granted()).await, ConsentOutcome::Failed);
        assert_eq!(
            (last().await.kind, last().await.changes[0].new.as_str()),
            (ActivityKind::ConsentFailed, "AADSTS700016: not there")
        );
        let (accepting, endpoint) = consenting(&backend, Checked::Accepted);
        for tenant in ["", "x", "organizations", "contoso.onmicrosoft.com", "../x"] {
            let answer = ConsentAnswer::Granted { tenant: tenant.to_owned() };
            assert_eq!(end(&accepting, answer).await, ConsentOutcome::Failed, "{tenant}");
        }
        let broken = ConsentAnswer::Failed { reason: "AADSTS90033: a transient error\u{202e}".into() };
        assert_eq!(end(&accepting, broken).await, ConsentOutcome::Failed);
        assert_eq!(
            (last().await.kind, last().await.changes[0].new.as_str()),
            (ActivityKind::ConsentFailed, "AADSTS90033: a transient error")
        );
        assert_eq!(end(&accepting, ConsentAnswer::Denied).await, ConsentOutcome::Denied);
        assert_eq!(last().await.kind, ActivityKind::ConsentDenied);
        assert!(endpoint.asked.lock().unwrap().is_empty());
        // While nobody can say, the same answer can be brought again.
        let (silent, _) = consenting(&backend, Checked::Unreachable);
        let state = begin(&silent, &session, number).await;
        let outcome = async |backend: &Backend| {
            microsoft::end_consent(backend, &admin(), &session, &state, &granted()).await.unwrap().1
        };
        assert_eq!(outcome(&silent).await, ConsentOutcome::Unconfirmed);
        assert_eq!(office().await, State::NeedsSetUp);
        assert_eq!(outcome(&accepting).await, ConsentOutcome::Granted);
        assert_eq!(office().await, State::On);
    })
    .await;
}
