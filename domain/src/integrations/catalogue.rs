//! The catalogue: which applications there are. It is data; an operator's file can add to it.

use super::{IntegrationKey, Privilege};
use crate::{choices::choices, locale::Locale};

choices! {
    /// Under which heading an application stands.
    Group {
        /// Mitel's own.
        Mitel = "mitel",
        /// Somebody else's.
        ThirdParty = "third-party",
    }
}

choices! {
    /// What has to be done once before an integration works. Each kind is code.
    SetUp {
        /// The gateway presents a one-time code.
        GatewayOnboarding = "gateway-onboarding",
        /// An identity provider is named.
        IdentityProvider = "identity-provider",
        /// A token is given to a directory.
        ScimToken = "scim-token",
        /// An administrator of the other side consents.
        AdministratorConsent = "administrator-consent",
        /// An application registered at the other side is named, with its secret.
        AppRegistration = "app-registration",
    }
}

/// A text in each language of the console.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Texts {
    /// In English.
    pub en: String,
    /// In Italian.
    pub it: String,
}

impl Texts {
    /// The text in the language of `locale`.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::En => &self.en,
            Locale::It => &self.it,
        }
    }
}

/// An application that an account can be integrated with.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Application {
    /// Its key.
    pub key: IntegrationKey,
    /// Its name: a trademark, the same in every language.
    pub name: String,
    /// What it does, in one line.
    pub description: Texts,
    /// Under which heading it stands.
    pub group: Group,
    /// What has to be done once before it works.
    pub set_up: Option<SetUp>,
    /// The privileges that it turns on.
    pub privileges: Vec<Privilege>,
    /// The integrations without which it cannot be in use.
    pub needs: Vec<IntegrationKey>,
    /// The integrations without which its presence goes one way only; `None` when it has no presence.
    pub presence_needs: Option<Vec<IntegrationKey>>,
}

/// Every application, in the order of the page. Each key is there once, and what one needs is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue(Vec<Application>);

impl Catalogue {
    /// A catalogue of `applications`.
    ///
    /// # Errors
    /// The index of the first application that is wrong, and why.
    pub fn new(applications: Vec<Application>) -> Result<Self, (usize, String)> {
        for (index, application) in applications.iter().enumerate() {
            let key = &application.key;
            if applications[..index].iter().any(|other| other.key == *key) {
                return Err((index, format!("the key {key} is there twice")));
            }
            for needed in application.needs.iter().chain(application.presence_needs.iter().flatten()) {
                if !applications.iter().any(|other| other.key == *needed) {
                    return Err((index, format!("{key} needs {needed}, which is not in the catalogue")));
                }
            }
            if needs_itself(&applications, application) {
                return Err((index, format!("{key} needs itself, by way of what it needs")));
            }
        }
        Ok(Self(applications))
    }

    /// The applications.
    #[must_use]
    pub fn applications(&self) -> &[Application] {
        &self.0
    }

    /// The application of a key.
    #[must_use]
    pub fn get(&self, key: &IntegrationKey) -> Option<&Application> {
        self.0.iter().find(|application| application.key == *key)
    }

    /// The name of an application; the key itself if it is in the catalogue no more.
    #[must_use]
    pub fn name<'a>(&'a self, key: &'a IntegrationKey) -> &'a str {
        self.get(key).map_or(key.as_str(), |application| &application.name)
    }
}

fn needs_itself(all: &[Application], application: &Application) -> bool {
    let mut needed: Vec<&IntegrationKey> = application.needs.iter().collect();
    let mut next = 0;
    while next < needed.len() {
        let further = all.iter().find(|other| other.key == *needed[next]).map(|other| other.needs.as_slice());
        for key in further.unwrap_or_default() {
            if !needed.contains(&key) {
                needed.push(key);
            }
        }
        next += 1;
    }
    needed.contains(&&application.key)
}
