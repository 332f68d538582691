//! Object classes, as far as they tell users and groups.

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Somebody who may sign in.
    User,
    /// A group.
    Group,
    /// Known to be something else: a computer, a container.
    Other,
    /// Nothing says.
    Neither,
}

/// What one object class says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// The entry is a user, unless another class says [`Class::Neither`].
    User,
    /// The entry is a group.
    Group,
    /// The entry is no user although other classes say so: computers are users in AD.
    Neither,
    /// Nothing.
    Unknown,
}

/// What the classes of an entry say together.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Classes {
    /// One of them is [`Class::User`].
    pub(super) user: bool,
    /// One of them is [`Class::Group`].
    pub(super) group: bool,
    /// One of them is [`Class::Neither`].
    pub(super) neither: bool,
    /// How many there are.
    pub(super) count: usize,
}

impl Classes {
    /// One more.
    #[inline]
    pub(super) fn add(&mut self, class: Class) {
        self.count += 1;
        self.user |= class == Class::User;
        self.group |= class == Class::Group;
        self.neither |= class == Class::Neither;
    }
}

const LONGEST: usize = 40;

impl Class {
    /// Reads a class name, ignoring case.
    pub(super) fn parse(name: &[u8]) -> Self {
        let mut buffer = [0; LONGEST];
        let Some(lower) = buffer.get_mut(..name.len()) else { return Self::Unknown };
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        match &*lower {
            b"user"
            | b"person"
            | b"inetorgperson"
            | b"organizationalperson"
            | b"posixaccount"
            | b"account"
            | b"shadowaccount"
            | b"inetuser"
            | b"pilotperson"
            | b"residentialperson" => Self::User,
            b"group"
            | b"groupofnames"
            | b"groupofuniquenames"
            | b"posixgroup"
            | b"groupofmembers"
            | b"groupofentries"
            | b"groupofurls" => Self::Group,
            b"computer"
            | b"contact"
            | b"foreignsecurityprincipal"
            | b"msds-groupmanagedserviceaccount"
            | b"msds-managedserviceaccount" => Self::Neither,
            _ => Self::Unknown,
        }
    }
}
