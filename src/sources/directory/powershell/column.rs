//! Columns of PowerShell's Active Directory exports, by the names people give them.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Dn,
    Name,
    SamAccountName,
    Sid,
    ObjectClass,
    Login,
    Mail,
    Enabled,
    /// The group a row's member is in.
    Group,
    /// A member, where one column names it and no DN or account name does.
    Member,
    /// Members of a row's group, joined.
    Members,
    /// Groups of a row's object, joined.
    MemberOf,
    GroupType,
    GroupScope,
    GroupCategory,
    /// DN of the primary group.
    PrimaryGroup,
    PrimaryGroupId,
    Ignored,
}

impl Column {
    /// Its usual name, for messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Dn => "DistinguishedName",
            Self::Name => "Name",
            Self::SamAccountName => "SamAccountName",
            Self::Sid => "SID",
            Self::ObjectClass => "ObjectClass",
            Self::Login => "UserPrincipalName",
            Self::Mail => "mail",
            Self::Enabled => "Enabled",
            Self::Group => "Group",
            Self::Member => "Member",
            Self::Members => "member",
            Self::MemberOf => "memberOf",
            Self::GroupType => "groupType",
            Self::GroupScope => "GroupScope",
            Self::GroupCategory => "GroupCategory",
            Self::PrimaryGroup => "PrimaryGroup",
            Self::PrimaryGroupId => "primaryGroupID",
            Self::Ignored => "",
        }
    }

    /// Whether its cells hold memberships, or nothing that is read.
    pub(super) const fn has_no_limit(self) -> bool {
        matches!(self, Self::Members | Self::MemberOf | Self::Ignored)
    }

    /// Reads a header cell, ignoring case, spaces, `_` and `-`.
    pub(super) fn parse(name: &str) -> Self {
        let plain: String = name
            .chars()
            .filter(|c| !matches!(c, ' ' | '_' | '-' | '.'))
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match plain.as_str() {
            "dn" | "distinguishedname" | "memberdn" | "memberdistinguishedname" => Self::Dn,
            "name" | "cn" => Self::Name,
            "samaccountname" | "membersamaccountname" => Self::SamAccountName,
            "sid" | "objectsid" => Self::Sid,
            "objectclass" | "memberobjectclass" | "membertype" => Self::ObjectClass,
            "userprincipalname" | "upn" => Self::Login,
            "mail" | "emailaddress" | "email" => Self::Mail,
            "enabled" => Self::Enabled,
            "group"
            | "groupname"
            | "adgroup"
            | "groupdn"
            | "groupdistinguishedname"
            | "groupsamaccountname"
            | "parentgroup" => Self::Group,
            "member" | "membername" | "username" | "user" => Self::Member,
            "members" => Self::Members,
            "memberof" => Self::MemberOf,
            "grouptype" => Self::GroupType,
            "groupscope" => Self::GroupScope,
            "groupcategory" => Self::GroupCategory,
            "primarygroup" => Self::PrimaryGroup,
            "primarygroupid" => Self::PrimaryGroupId,
            _ => Self::Ignored,
        }
    }
}
