//! Attribute descriptions: `member`, `cn;lang-fr`, `member;range=0-1499`.

/// What an attribute is to the readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Field {
    /// Distinguished name of the entry.
    Dn,
    /// `changetype` of an LDIF record.
    ChangeType,
    /// `objectClass`.
    ObjectClass,
    /// DNs of members.
    Member,
    /// DNs of members, each with an optional bit string behind it.
    UniqueMember,
    /// Uids of members.
    MemberUid,
    /// DNs of the groups this entry is in.
    MemberOf,
    /// `cn`.
    Cn,
    /// AD `name`.
    Name,
    /// AD `displayName`.
    DisplayName,
    /// AD `sAMAccountName`.
    SamAccountName,
    /// AD `userPrincipalName`.
    UserPrincipalName,
    /// `mail`.
    Mail,
    /// `uid`.
    Uid,
    /// AD `objectSid`, text or binary.
    ObjectSid,
    /// AD `primaryGroupID`.
    PrimaryGroupId,
    /// AD `groupType`.
    GroupType,
    /// AD `userAccountControl`.
    UserAccountControl,
    /// AD `sAMAccountType`.
    SamAccountType,
    /// AD `objectCategory`.
    ObjectCategory,
    /// `nsAccountLock`, `msDS-UserAccountDisabled`: true for a disabled account.
    Disabled,
    /// `pwdAccountLockedTime`.
    LockedTime,
    /// An attribute that only people have.
    OfPeople,
    /// Anything else.
    Ignored,
}

impl Field {
    /// Whether its values are memberships.
    pub(super) const fn is_membership(self) -> bool {
        matches!(self, Self::Member | Self::UniqueMember | Self::MemberUid | Self::MemberOf)
    }

    /// Its usual name, for messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Dn => "dn",
            Self::ChangeType => "changetype",
            Self::ObjectClass => "objectClass",
            Self::Member => "member",
            Self::UniqueMember => "uniqueMember",
            Self::MemberUid => "memberUid",
            Self::MemberOf => "memberOf",
            Self::Cn => "cn",
            Self::Name => "name",
            Self::DisplayName => "displayName",
            Self::SamAccountName => "sAMAccountName",
            Self::UserPrincipalName => "userPrincipalName",
            Self::Mail => "mail",
            Self::Uid => "uid",
            Self::ObjectSid => "objectSid",
            Self::PrimaryGroupId => "primaryGroupID",
            Self::GroupType => "groupType",
            Self::UserAccountControl => "userAccountControl",
            Self::SamAccountType => "sAMAccountType",
            Self::ObjectCategory => "objectCategory",
            Self::Disabled => "nsAccountLock",
            Self::LockedTime => "pwdAccountLockedTime",
            Self::OfPeople => "sn",
            Self::Ignored => "attribute",
        }
    }
}

/// An attribute description, understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Description {
    /// The attribute.
    pub(super) field: Field,
    /// `;range=low-high`, high `None` for `*`.
    pub(super) range: Option<(u32, Option<u32>)>,
}

/// A range option that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{found}` in an attribute name, expected a range such as `range=0-1499` or `range=1500-*`"
)]
pub(super) struct BadRange {
    found: String,
}

impl Description {
    /// Reads a description: a name and options, all of them ignoring case.
    pub(super) fn parse(text: &[u8]) -> Result<Self, BadRange> {
        let mut parts = text.split(|&byte| byte == b';');
        let mut field = field(parts.next().unwrap_or_default());
        let mut range = None;
        for option in parts {
            if let Some((key, value)) = option.split_at_checked(b"range=".len())
                && key.eq_ignore_ascii_case(b"range=")
            {
                range = Some(
                    parse_range(value).ok_or_else(|| BadRange { found: super::excerpt(option) })?,
                );
            } else if option.len() >= 5
                && option.get(..5).is_some_and(|tag| tag.eq_ignore_ascii_case(b"lang-"))
                && !field.is_membership()
            {
                // A translation is not the name that a filter sees.
                field = Field::Ignored;
            }
        }
        Ok(Self { field, range })
    }
}

fn parse_range(text: &[u8]) -> Option<(u32, Option<u32>)> {
    let (low, high) = std::str::from_utf8(text).ok()?.split_once('-')?;
    let low = number(low)?;
    let high = if high == "*" { None } else { Some(number(high)?) };
    (high.is_none_or(|high| high >= low)).then_some((low, high))
}

fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

const LONGEST_NAME: usize = 24;

fn field(name: &[u8]) -> Field {
    let mut buffer = [0; LONGEST_NAME];
    let Some(lower) = buffer.get_mut(..name.len()) else { return Field::Ignored };
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    match &*lower {
        b"dn" => Field::Dn,
        b"changetype" => Field::ChangeType,
        b"objectclass" => Field::ObjectClass,
        b"member" => Field::Member,
        b"uniquemember" => Field::UniqueMember,
        b"memberuid" => Field::MemberUid,
        b"memberof" | b"ismemberof" | b"groupmembership" => Field::MemberOf,
        b"cn" | b"commonname" => Field::Cn,
        b"name" => Field::Name,
        b"displayname" => Field::DisplayName,
        b"samaccountname" => Field::SamAccountName,
        b"userprincipalname" => Field::UserPrincipalName,
        b"mail" => Field::Mail,
        b"uid" | b"userid" => Field::Uid,
        b"objectsid" => Field::ObjectSid,
        b"primarygroupid" => Field::PrimaryGroupId,
        b"grouptype" => Field::GroupType,
        b"useraccountcontrol" => Field::UserAccountControl,
        b"samaccounttype" => Field::SamAccountType,
        b"objectcategory" => Field::ObjectCategory,
        b"nsaccountlock" | b"msds-useraccountdisabled" => Field::Disabled,
        b"pwdaccountlockedtime" => Field::LockedTime,
        b"sn" | b"surname" | b"givenname" | b"employeenumber" => Field::OfPeople,
        _ => Field::Ignored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Field, Option<(u32, Option<u32>)>) {
        let description = Description::parse(text.as_bytes()).unwrap();
        (description.field, description.range)
    }

    #[test]
    fn names_and_options_ignore_case() {
        assert_eq!(parse("MEMBER"), (Field::Member, None));
        assert_eq!(parse("Member;Range=0-1499"), (Field::Member, Some((0, Some(1499)))));
        assert_eq!(parse("member;range=1500-*"), (Field::Member, Some((1500, None))));
        assert_eq!(parse("objectSid;binary"), (Field::ObjectSid, None));
        assert_eq!(parse("memberships"), (Field::Ignored, None));
        assert_eq!(parse(&"x".repeat(100)), (Field::Ignored, None));
    }

    #[test]
    fn a_translated_name_is_not_the_name() {
        assert_eq!(parse("cn;lang-fr").0, Field::Ignored);
        assert_eq!(parse("cn;LANG-fr;x-y").0, Field::Ignored);
        assert_eq!(parse("cn;x-y").0, Field::Cn);
    }

    #[test]
    fn a_range_is_two_numbers_in_order() {
        for text in [
            "range=",
            "range=1",
            "range=-",
            "range=*-1",
            "range=5-4",
            "range=+1-2",
            "range=0-4294967296",
        ] {
            let error = Description::parse(format!("member;{text}").as_bytes()).unwrap_err();
            assert!(error.to_string().starts_with(&format!("`{text}` in an attribute name")));
        }
    }
}
