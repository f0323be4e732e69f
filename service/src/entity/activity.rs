//! Records of activity.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activity")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub partner_id: i64,
    pub account_id: Option<i64>,
    pub account_version: Option<i64>,
    pub person_id: Option<i64>,
    pub person_name: String,
    pub at: i64,
    pub kind: String,
    pub changes: String,
    pub person_key: String,
    pub search_text: Option<String>,
    pub is_indexed: bool,
    pub reversal: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
