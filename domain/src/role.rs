//! Who acts: roles, and the seat from which a signed-in person works.

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, MembershipId, PartnerId, PersonId};

/// What a membership makes of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Manages everything of one partner.
    PartnerAdmin,
    /// Manages those accounts of a partner that are assigned to them.
    AccountManager,
    /// Manages one account.
    AccountAdmin,
    /// Belongs to one account and manages nothing but their own profile.
    User,
}

impl Role {
    /// Every role, from the widest reach to the narrowest.
    pub const ALL: [Self; 4] = [Self::PartnerAdmin, Self::AccountManager, Self::AccountAdmin, Self::User];

    /// The name under which the role is stored and sent.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::PartnerAdmin => "partner_admin",
            Self::AccountManager => "account_manager",
            Self::AccountAdmin => "account_admin",
            Self::User => "user",
        }
    }

    /// The role stored as `key`.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }
}

/// The place from which a person works: one of their memberships, with what it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// All accounts of `partner`.
    PartnerAdmin {
        /// The partner managed.
        partner: PartnerId,
    },
    /// The accounts of `partner` that are assigned to `membership`.
    AccountManager {
        /// The partner worked for.
        partner: PartnerId,
        /// The membership to which accounts are assigned.
        membership: MembershipId,
    },
    /// `account` alone.
    AccountAdmin {
        /// The partner that owns the account.
        partner: PartnerId,
        /// The account managed.
        account: AccountId,
    },
    /// Nothing but the person's own profile.
    User {
        /// The partner that owns the account.
        partner: PartnerId,
        /// The account belonged to.
        account: AccountId,
    },
}

impl Seat {
    /// The role that the seat gives.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::PartnerAdmin { .. } => Role::PartnerAdmin,
            Self::AccountManager { .. } => Role::AccountManager,
            Self::AccountAdmin { .. } => Role::AccountAdmin,
            Self::User { .. } => Role::User,
        }
    }

    /// The partner within which the seat lies.
    #[must_use]
    pub const fn partner(self) -> PartnerId {
        match self {
            Self::PartnerAdmin { partner }
            | Self::AccountManager { partner, .. }
            | Self::AccountAdmin { partner, .. }
            | Self::User { partner, .. } => partner,
        }
    }

    /// The account to which the seat is confined, if it is confined to one.
    #[must_use]
    pub const fn account(self) -> Option<AccountId> {
        match self {
            Self::PartnerAdmin { .. } | Self::AccountManager { .. } => None,
            Self::AccountAdmin { account, .. } | Self::User { account, .. } => Some(account),
        }
    }
}

/// A signed-in person who has taken a seat: the subject of every question of rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who it is.
    pub person: PersonId,
    /// The name under which their changes are recorded.
    pub name: String,
    /// Where they work from.
    pub seat: Seat,
}
