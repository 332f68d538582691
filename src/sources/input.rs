//! One input: its name, how to open it, and what the user said about it.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

use crate::model::account::AccountId;
use crate::model::group_source::GroupSource;

/// The bytes of an input, from its beginning.
pub trait Stream: Read + Send {
    /// Passes over so many bytes, or to the end.
    fn pass_over(&mut self, bytes: u64) -> io::Result<()>;

    /// How many bytes there are in all, where that is known.
    fn size(&mut self) -> Option<u64> {
        None
    }

    /// When they were last changed, in seconds since 1970, where that is known.
    fn modified(&self) -> Option<i64> {
        None
    }
}

impl<T: Read + Seek + Send> Stream for T {
    fn pass_over(&mut self, bytes: u64) -> io::Result<()> {
        match i64::try_from(bytes) {
            Ok(offset) if self.seek_relative(offset).is_ok() => Ok(()),
            // A pipe, or what else has no places.
            _ => read_over(self, bytes),
        }
    }

    fn size(&mut self) -> Option<u64> {
        let at = self.stream_position().ok()?;
        let end = self.seek(SeekFrom::End(0)).ok()?;
        self.seek(SeekFrom::Start(at)).ok().map(|_| end)
    }
}

/// Reads so many bytes, or to the end, for nothing.
pub fn read_over(stream: &mut impl Read, bytes: u64) -> io::Result<()> {
    io::copy(&mut stream.take(bytes), &mut io::sink()).map(|_| ())
}

/// Opens an input from its beginning; called several times (detection, reading, reading again).
pub type Opener = Box<dyn Fn() -> io::Result<Box<dyn Stream>> + Send + Sync>;

/// An input file or stream.
pub struct Input {
    /// Name for messages, relative to where the user stands.
    pub name: String,
    /// Opens it.
    pub open: Opener,
    /// Found in a folder rather than named: passed over where it is no export.
    pub found: bool,
    /// What the user said about it.
    pub options: SourceOptions,
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a user may say about an input, in `rolecall.toml` or by flag; everything else is detected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceOptions {
    /// Format, where detection is not wanted.
    pub format: Option<Format>,
    /// Character encoding label (`utf-8`, `utf-16le`, `windows-1252`, …).
    pub encoding: Option<String>,
    /// CSV delimiter.
    pub delimiter: Option<u8>,
    /// CSV header names: standard field → the file's own header.
    pub headers: BTreeMap<String, String>,
    /// Where the groups of a plain export come from, for the App Filter.
    pub group_source: Option<GroupSource>,
    /// The AWS account an export without account ids is of, or infrastructure code is deployed to.
    pub account: Option<AccountId>,
    /// The SAML provider a `get-saml-provider` document is of.
    pub provider: Option<String>,
    /// The Okta group a bare member list (`/groups/{id}/users`) is of: id or name.
    pub group: Option<String>,
    /// Parameters and variables of infrastructure code, by name: given here, they outrank its defaults.
    pub parameters: BTreeMap<String, String>,
    /// It is no export but the project's own configuration, whose lines may be shown as they are.
    pub is_configuration: bool,
}

macro_rules! formats {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A format of input.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Format { $($(#[$doc])* $variant,)* }

        impl Format {
            /// Every format.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Name in `rolecall.toml` and on the command line.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

formats! {
    /// LDIF content records (ldapsearch, slapcat, ldifde, ldbsearch).
    Ldif = "ldif",
    /// Plain edge CSV: `group,member,member_type`.
    EdgeCsv = "edge-csv",
    /// Plain users CSV: `user,status`.
    UsersCsv = "users-csv",
    /// Plain groups CSV: `group`.
    GroupsCsv = "groups-csv",
    /// `csvde` export.
    Csvde = "csvde",
    /// `Get-ADUser | Export-Csv`.
    PowerShellUsers = "powershell-users",
    /// `Get-ADGroup | Export-Csv`.
    PowerShellGroups = "powershell-groups",
    /// `Get-ADGroupMember | Select … | Export-Csv` with a group column.
    PowerShellMembers = "powershell-members",
    /// Microsoft Graph users, groups or members JSON.
    Graph = "graph",
    /// Google Directory users, groups or members JSON.
    Google = "google",
    /// Okta API users.
    OktaUsers = "okta-users",
    /// Okta API groups.
    OktaGroups = "okta-groups",
    /// Okta group memberships: `{"groupId","users","groups"}` objects, or a bare list of users with the group named.
    OktaMembers = "okta-members",
    /// Okta `/apps/{id}/groups`.
    OktaAppGroups = "okta-app-groups",
    /// Okta `/apps/{id}/users`.
    OktaAppUsers = "okta-app-users",
    /// The Okta AWS app: API envelope, bare `settings.app`, or Terraform `app_settings_json`.
    OktaApp = "okta-app",
    /// Okta `/apps`: all apps, to name group sources.
    OktaApps = "okta-apps",
    /// Users CSV of an Okta admin exporter.
    OktaUsersCsv = "okta-users-csv",
    /// Groups CSV of an Okta admin exporter.
    OktaGroupsCsv = "okta-groups-csv",
    /// Group members CSV of an Okta admin exporter.
    OktaMembersCsv = "okta-members-csv",
    /// `aws iam get-account-authorization-details`.
    AuthorizationDetails = "iam-authorization-details",
    /// `aws iam list-roles`.
    ListRoles = "iam-list-roles",
    /// `aws iam get-role`.
    GetRole = "iam-get-role",
    /// `aws iam list-saml-providers`.
    ListSamlProviders = "iam-list-saml-providers",
    /// `aws iam get-saml-provider`.
    GetSamlProvider = "iam-get-saml-provider",
    /// SAML metadata as an XML file: the app's own or, where name or options say so, a provider's.
    SamlMetadata = "saml-metadata",
    /// Sign-ins that were captured: SAML messages as XML, base64 or form, HAR files of browsers.
    SamlCapture = "saml-capture",
    /// `aws iam list-account-aliases`.
    ListAccountAliases = "iam-list-account-aliases",
    /// `aws organizations list-accounts`.
    ListAccounts = "organizations-list-accounts",
    /// AWS Config: a snapshot, a resource's history, or the answer of a query.
    ConfigSnapshot = "config-snapshot",
    /// A CloudFormation template, YAML or JSON.
    CloudFormation = "cloudformation",
    /// A Terraform plan, as `terraform show -json` shows it.
    TerraformPlan = "terraform-plan",
    /// A Terraform state, stored or as `terraform show -json` shows it.
    TerraformState = "terraform-state",
    /// Terraform source: files of a module, or values of its variables.
    TerraformSource = "terraform-source",
}

impl Format {
    /// Whether it is an export of AWS, which is read whole.
    pub(super) const fn is_of_aws(self) -> bool {
        matches!(
            self,
            Self::AuthorizationDetails
                | Self::ListRoles
                | Self::GetRole
                | Self::ListSamlProviders
                | Self::GetSamlProvider
                | Self::ListAccountAliases
                | Self::ListAccounts
                | Self::ConfigSnapshot
        )
    }

    /// Whether it is a table: one record a row.
    pub const fn is_table(self) -> bool {
        matches!(
            self,
            Self::EdgeCsv
                | Self::UsersCsv
                | Self::GroupsCsv
                | Self::Csvde
                | Self::PowerShellUsers
                | Self::PowerShellGroups
                | Self::PowerShellMembers
                | Self::OktaUsersCsv
                | Self::OktaGroupsCsv
                | Self::OktaMembersCsv
        )
    }

    /// Whether it is infrastructure code: what it declares need not be deployed.
    pub const fn is_code(self) -> bool {
        matches!(
            self,
            Self::CloudFormation
                | Self::TerraformPlan
                | Self::TerraformState
                | Self::TerraformSource
        )
    }

    /// Whether it is what some system wrote: such a file is never edited, for the next export would bring
    /// back what the system has, and until then the file would say what is not so. What people keep by hand
    /// is the project's own: plain CSV, infrastructure code, and the app's bare settings (the same format
    /// holds the API's envelope, which is an export; [`crate::sources::edit`] tells them apart).
    pub const fn is_export(self) -> bool {
        match self {
            Self::EdgeCsv
            | Self::UsersCsv
            | Self::GroupsCsv
            | Self::OktaApp
            | Self::CloudFormation
            | Self::TerraformSource => false,
            Self::Ldif
            | Self::Csvde
            | Self::PowerShellUsers
            | Self::PowerShellGroups
            | Self::PowerShellMembers
            | Self::Graph
            | Self::Google
            | Self::OktaUsers
            | Self::OktaGroups
            | Self::OktaMembers
            | Self::OktaAppGroups
            | Self::OktaAppUsers
            | Self::OktaApps
            | Self::OktaUsersCsv
            | Self::OktaGroupsCsv
            | Self::OktaMembersCsv
            | Self::AuthorizationDetails
            | Self::ListRoles
            | Self::GetRole
            | Self::ListSamlProviders
            | Self::GetSamlProvider
            | Self::SamlMetadata
            | Self::SamlCapture
            | Self::ListAccountAliases
            | Self::ListAccounts
            | Self::ConfigSnapshot
            | Self::TerraformPlan
            | Self::TerraformState => true,
        }
    }

    /// Whether a user or group stands in such a file at most once.
    pub const fn states_once(self) -> bool {
        matches!(
            self,
            Self::UsersCsv
                | Self::GroupsCsv
                | Self::Ldif
                | Self::Csvde
                | Self::PowerShellUsers
                | Self::PowerShellGroups
                | Self::OktaUsers
                | Self::OktaGroups
                | Self::OktaUsersCsv
                | Self::OktaGroupsCsv
        )
    }

    /// Numbers of records at which a server ends a page of such an export, or stops.
    ///
    /// Active Directory's `MaxPageSize` is 1000 and OpenLDAP's `sizelimit` 500; the others are the default
    /// and the largest page of the service's own documentation.
    pub const fn page_limits(self) -> &'static [usize] {
        match self {
            Self::Ldif => &[500, 1000],
            Self::PowerShellUsers | Self::PowerShellGroups | Self::Csvde => &[1000],
            Self::OktaUsers | Self::OktaAppGroups => &[200],
            Self::OktaGroups => &[200, 10_000],
            Self::OktaAppUsers => &[500],
            Self::Graph => &[100, 999],
            Self::Google => &[100, 200, 500],
            _ => &[],
        }
    }

    /// Numbers of members at which a server ends a page of one group's list: Active Directory's
    /// `MaxValRange` is 1500, or 5000 where it was raised.
    pub const fn member_limits(self) -> &'static [usize] {
        match self {
            Self::Ldif | Self::Csvde | Self::PowerShellMembers => &[1500, 5000],
            Self::OktaMembers => &[200, 1000],
            Self::Graph => &[100, 999],
            Self::Google => &[200],
            _ => &[],
        }
    }

    /// Reads a format's name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.as_str() == name)
    }
}
