//! Memberships of who is signed in.

use serde::{Deserialize, Serialize};

use crate::{id::MembershipId, role::Role};

/// A membership that a person can choose to work from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipChoice {
    /// Its key.
    pub membership: MembershipId,
    /// What it makes of the person.
    pub role: Role,
    /// The name of the partner or of the account.
    pub organisation: String,
}
