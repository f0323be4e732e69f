//! Keys of stored records. Each kind has a type of its own, so that one cannot stand for another.
//! People see none of them but the Account ID, which is [`crate::account_number::AccountNumber`].

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub i64);
    )*};
}

ids! {
    /// A partner: an organisation that owns accounts.
    PartnerId;
    /// An account: one customer of one partner.
    AccountId;
    /// A person: one e-mail address and one sign-in.
    PersonId;
    /// A membership: a person's role in a partner or in an account.
    MembershipId;
}
