//! The keys there are.

use super::keys::{Key, Shape, Table};
use super::profile;
use crate::model::account::{Partition, Standing, Tier};
use crate::sources::input::Format;

/// The file as a whole.
pub static ROOT: Table = Table {
    one: "a configuration",
    head: "",
    meaning: "Keys that stand before every table.",
    keys: &[
        Key::new(
            "profile",
            Shape::Words(profile::names),
            "none",
            "a set of levels, numbers, regions and a partition, told below; of several the later outranks, and \
             what stands in the file outranks them all",
            "\"govcloud\"",
        ),
        Key::new(
            "partition",
            Shape::Word(partitions),
            "the profile's, or unknown",
            "the AWS partition of the accounts, where neither an export nor `[[account]]` tells it",
            "\"aws-us-gov\"",
        ),
        Key::new("source", Shape::Tables(&SOURCE), "none", "the exports", ""),
        Key::new(
            "app",
            Shape::Table(&APP),
            "the export's",
            "what outranks the Okta app's export",
            "",
        ),
        Key::new("account", Shape::Tables(&ACCOUNT), "none", "the AWS accounts there are", ""),
        Key::new("rules", Shape::Rules, "each rule's own", "levels and numbers of rules", ""),
        Key::new("tiers", Shape::Table(&TIERS), "`*admin*`", "roles that deserve more", ""),
        Key::new("naming", Shape::Table(&NAMING), "none", "the convention of names", ""),
        Key::new(
            "forbid",
            Shape::Tables(&FORBID),
            "none",
            "roles that nobody may hold together",
            "",
        ),
        Key::new(
            "keep_out",
            Shape::Tables(&KEEP_OUT),
            "none",
            "who must not reach which roles",
            "",
        ),
        Key::new("trust", Shape::Table(&TRUST), "none", "what trust policies are to admit", ""),
        Key::new("sign_in", Shape::Table(&SIGN_IN), "the exports'", "what sign-ins present", ""),
        Key::new("limits", Shape::Table(&LIMITS), "below", "how much is read", ""),
        Key::new("waiver", Shape::Tables(&WAIVER), "none", "findings that are accepted", ""),
    ],
};

/// The tables of the file, in the order they are explained.
pub fn tables() -> impl Iterator<Item = (&'static Key, &'static Table)> {
    ROOT.keys.iter().filter_map(|key| match key.shape {
        Shape::Table(table) | Shape::Tables(table) => Some((key, table)),
        _ => None,
    })
}

/// `[[source]]`.
pub static SOURCE: Table = Table {
    one: "a source",
    head: "[[source]]",
    meaning: "An export, or a folder of them. Where one is given by flag, none of these is read.",
    keys: &[
        Key::required(
            "path",
            Shape::Name,
            "a file, or a folder with everything below it, relative to the configuration; `*` in its last part stands \
             for any text",
            "\"iam/*.json\"",
        ),
        Key::new(
            "format",
            Shape::Word(formats),
            "recognised from the content",
            "what the file is",
            "\"edge-csv\"",
        ),
        Key::new(
            "encoding",
            Shape::Encoding,
            "recognised, else `\"utf-8\"`",
            "the encoding of its characters",
            "\"windows-1252\"",
        ),
        Key::new(
            "delimiter",
            Shape::Character,
            "recognised from the first line",
            "what stands between the cells of a CSV file",
            "\";\"",
        ),
        Key::new(
            "headers",
            Shape::Pairs,
            "the format's own",
            "what the columns of a CSV file are called: the format's own name, and that of the file",
            "{ group = \"Gruppe\" }",
        ),
        Key::new(
            "group_source",
            Shape::Name,
            "unknown",
            "where the groups of a plain export come from, for the App Filter: `okta`, `active_directory`, or the key of another app",
            "\"active_directory\"",
        ),
        Key::new(
            "account",
            Shape::AccountId,
            "told by the export or its name",
            "the AWS account that the export is of, or that code is deployed to",
            "\"123456789012\"",
        ),
        Key::new(
            "provider",
            Shape::Name,
            "told by the export or its name",
            "the SAML provider that an export of one is of",
            "\"OKTA\"",
        ),
        Key::new(
            "group",
            Shape::Name,
            "told by the file's name",
            "the Okta group that a list of members is of: its id or name",
            "\"00g1abcd\"",
        ),
        Key::new(
            "parameters",
            Shape::Pairs,
            "the code's own defaults",
            "parameters and variables of infrastructure code",
            "{ Stage = \"prod\" }",
        ),
    ],
};

/// `[app]`.
pub static APP: Table = Table {
    one: "an app",
    head: "[app]",
    meaning: "Settings of the Okta AWS app that outrank those of its export.",
    keys: &[
        Key::new(
            "group_filter",
            Shape::Text,
            "the export's",
            "the Group Filter, in Okta's syntax",
            r"'^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d{12})$'",
        ),
        Key::new(
            "role_value_pattern",
            Shape::Text,
            "the export's",
            "the Role Value Pattern",
            "\"arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}\"",
        ),
        Key::new(
            "app_filter",
            Shape::Text,
            "the export's",
            "the App Filter",
            "\"active_directory\"",
        ),
        Key::new(
            "match_mode",
            Shape::Word(match_modes),
            "`\"find\"`",
            "whether the Group Filter looks for its pattern anywhere in a name or has to match all of it; Okta \
             documents neither",
            "\"full\"",
        ),
    ],
};

/// `[[account]]`.
pub static ACCOUNT: Table = Table {
    one: "an account",
    head: "[[account]]",
    meaning: "An AWS account. What an export says of it outranks what stands here. Where no list of accounts from AWS \
              Organizations is given, these are the accounts there are: others in names of groups are findings.",
    keys: &[
        Key::required("id", Shape::AccountId, "its twelve digits", "\"123456789012\""),
        Key::new(
            "alias",
            Shape::Alias,
            "the export's",
            "its IAM account alias",
            "\"kestrel-prod\"",
        ),
        Key::new(
            "name",
            Shape::Name,
            "the export's",
            "its name in AWS Organizations",
            "\"Kestrel production\"",
        ),
        Key::new(
            "environment",
            Shape::Name,
            "told by words in its alias",
            "what it is for; `prod`, `production`, `prd` and `live` are production",
            "\"prod\"",
        ),
        Key::new("tier", Shape::Word(tiers), "none", "the tier of every role in it", "\"admin\""),
        Key::new(
            "partition",
            Shape::Word(partitions),
            "the export's, or unknown",
            "its AWS partition",
            "\"aws-cn\"",
        ),
        Key::new(
            "status",
            Shape::Word(statuses),
            "`\"active\"`",
            "`planned`: groups may be there before it is, and nothing is missing; `closed`: nobody signs in there",
            "\"planned\"",
        ),
    ],
};

/// `[tiers]`.
pub static TIERS: Table = Table {
    one: "a tier",
    head: "[tiers]",
    meaning: "Roles by tier. A pattern is a role's name, or `account/role` with the account's id or alias; `*` stands for \
              any text, and case does not matter.",
    keys: &[
        Key::new(
            "admin",
            Shape::Texts,
            "`[\"*admin*\"]`",
            "roles that rules about admins mean",
            "[\"*Admin*\"]",
        ),
        Key::new(
            "break_glass",
            Shape::Texts,
            "none",
            "roles for emergencies; they are of the admin tier too",
            "[\"123456789012/BreakGlass\"]",
        ),
    ],
};

/// `[naming]`.
pub static NAMING: Table = Table {
    one: "a convention",
    head: "[naming]",
    meaning: "What the names of role groups are made of ([naming.md](naming.md)). Names that are not are findings, and \
              `rolecall naming filter` prints the Group Filter that takes just these. `*` stands for any text of what \
              that part may hold, also for none. Every name has to have one reading: where a part could hold the separator \
              behind it, that is an error.",
    keys: &[
        Key::new(
            "template",
            Shape::Name,
            "`\"aws#{alias}#{role}#{accountid}\"`",
            "the whole name: `{role}` and `{accountid}`, and `{alias}`, `{environment}` and `{owner}` where names have \
             them, each once; `{{` and `}}` are braces, other text is itself",
            "\"aws#{alias}#{role}#{accountid}\"",
        ),
        Key::new(
            "alias",
            Shape::Name,
            "any alias, or one of `aliases`",
            "what an alias is made of: `{environment}`, `{owner}`, `*` and text",
            "\"kestrel-{environment}\"",
        ),
        Key::new(
            "role",
            Shape::Name,
            "any role, or one of `roles`",
            "what a role's name is made of, in the same way",
            "\"{owner}_*\"",
        ),
        Key::new(
            "aliases",
            Shape::Texts,
            "any, of lower-case letters, digits and hyphens",
            "account aliases; instead of `alias`",
            "[\"kestrel-*\"]",
        ),
        Key::new(
            "roles",
            Shape::Texts,
            "any, of letters, digits and `_+=,.@-`",
            "role names; instead of `role`",
            "[\"Admin\", \"View*\"]",
        ),
        Key::new(
            "environments",
            Shape::Texts,
            "any, of letters and digits",
            "what accounts are for",
            "[\"dev\", \"prod\"]",
        ),
        Key::new(
            "owners",
            Shape::Texts,
            "any, of letters and digits",
            "whose accounts or roles they are",
            "[\"payments\", \"data-*\"]",
        ),
        Key::new(
            "accounts",
            Shape::Word(known_or_any),
            "`\"any\"`",
            "whether `{accountid}` is any twelve digits, or has to be one of the accounts that `[[account]]` or an \
             export names and that are not closed",
            "\"known\"",
        ),
    ],
};

/// `[trust]`.
pub static TRUST: Table = Table {
    one: "a trust",
    head: "[trust]",
    meaning: "What trust policies are to admit, for `trust/incomplete-regions`, which is off by default.",
    keys: &[Key::new(
        "regions",
        Shape::Texts,
        "the profile's, or none",
        "regions whose sign-in endpoints are planned for",
        "[\"us-east-1\", \"eu-west-1\"]",
    )],
};

/// `[sign_in]`.
pub static SIGN_IN: Table = Table {
    one: "a sign-in",
    head: "[sign_in]",
    meaning: "What sign-ins present to AWS, where it is not what the exports say.",
    keys: &[
        Key::new(
            "recipient",
            Shape::Name,
            "the app's ACS URL, or the partition's endpoint",
            "where Okta posts the response (`SAML:aud`)",
            "\"https://eu-west-1.signin.aws.amazon.com/saml\"",
        ),
        Key::new(
            "issuer",
            Shape::Name,
            "the app's metadata",
            "the issuer (`SAML:iss`)",
            "\"http://www.okta.com/exk1abcd\"",
        ),
        Key::new("name_id", Shape::Name, "the login", "the `NameID` (`SAML:sub`)", "\"nora\""),
        Key::new(
            "name_id_format",
            Shape::Name,
            "unknown",
            "its format (`SAML:sub_type`)",
            "\"persistent\"",
        ),
        Key::new("session_name", Shape::Name, "the login", "the `RoleSessionName`", "\"nora\""),
        Key::new(
            "source_identity",
            Shape::Name,
            "the app's, or none",
            "the `SourceIdentity`",
            "\"nora\"",
        ),
        Key::new("tags", Shape::Pairs, "the app's, or none", "session tags", "{ team = \"red\" }"),
        Key::new(
            "source_ip",
            Shape::Address,
            "unknown",
            "the address signed in from (`aws:SourceIp`)",
            "\"203.0.113.7\"",
        ),
        Key::new(
            "region",
            Shape::Name,
            "unknown",
            "the region signed in to (`aws:RequestedRegion`)",
            "\"eu-west-1\"",
        ),
        Key::new(
            "at",
            Shape::Moment,
            "the time of the run",
            "the time of the sign-in (`aws:CurrentTime`)",
            "2026-11-24T12:00:00Z",
        ),
    ],
};

/// `[limits]`.
pub static LIMITS: Table = Table {
    one: "a limit",
    head: "[limits]",
    meaning: "How much is read of an input before it is refused.",
    keys: &[
        Key::new(
            "file",
            Shape::Size,
            "`\"2GiB\"`",
            "a file that is read record by record",
            "\"4GiB\"",
        ),
        Key::new(
            "tree-file",
            Shape::Size,
            "`\"256MiB\"`",
            "a file that is read as a whole",
            "\"1GiB\"",
        ),
        Key::new("record", Shape::Size, "`\"1MiB\"`", "a record, its lists aside", "\"4MiB\""),
        Key::new("value", Shape::Size, "`\"64KiB\"`", "a value", "\"256KiB\""),
        Key::new("json-depth", Shape::Levels, "`128`", "levels of JSON", "256"),
    ],
};

/// `[[forbid]]`.
pub static FORBID: Table = Table {
    one: "a `[[forbid]]`",
    head: "[[forbid]]",
    meaning: "Roles that nobody may hold together, for `access/forbidden-combination`. A pattern is `alias/Role`, \
              `123456789012/Role` or an ARN; `*` stands for any text.",
    keys: &[
        Key::new(
            "name",
            Shape::Name,
            "its roles",
            "what the project calls it",
            "\"deploys and audits\"",
        ),
        Key::required(
            "together",
            Shape::Texts,
            "two patterns of roles or more, at most 32; one role of each is too much",
            "[\"*/Deploy\", \"*/Audit\"]",
        ),
        Key::new(
            "same_account",
            Shape::Switch,
            "`false`",
            "whether only roles of one account count together",
            "true",
        ),
    ],
};

/// `[[keep_out]]`.
pub static KEEP_OUT: Table = Table {
    one: "a `[[keep_out]]`",
    head: "[[keep_out]]",
    meaning: "Users that must not reach the admin tier, or other roles, for `access/tier-reached`. At least one of \
              `users_like` and `groups` is there.",
    keys: &[
        Key::new(
            "name",
            Shape::Name,
            "whom it means",
            "what the project calls them",
            "\"contractors\"",
        ),
        Key::new(
            "users_like",
            Shape::Texts,
            "none",
            "patterns of logins; `*` stands for any text, case does not matter",
            "[\"*@contractor.test\"]",
        ),
        Key::new(
            "groups",
            Shape::Texts,
            "none",
            "groups, whose users are meant, those in nested groups too",
            "[\"Contractors\"]",
        ),
        Key::new("roles", Shape::Texts, "the admin tier", "patterns of roles", "[\"*/Deploy\"]"),
    ],
};

/// `[[waiver]]`.
pub static WAIVER: Table = Table {
    one: "a waiver",
    head: "[[waiver]]",
    meaning: "Findings that are accepted: shown as suppressed, and not counted. A waiver that is expired, or that nothing \
              fits any more, is a finding of its own.",
    keys: &[
        Key::required(
            "rule",
            Shape::Rule,
            "a rule's id, or a group of rules",
            "\"naming/too-long\"",
        ),
        Key::required(
            "subject",
            Shape::Name,
            "what the findings are about, as `subject` in the JSON output; `*` stands for any text",
            "\"aws#kestrel-legacy#*\"",
        ),
        Key::required("reason", Shape::Name, "why", "\"renamed in Q1, ticket 4711\""),
        Key::required("expires", Shape::Day, "the last day it counts, in UTC", "2027-03-31"),
    ],
};

fn formats() -> Vec<&'static str> {
    Format::ALL.iter().map(|format| format.as_str()).collect()
}

fn known_or_any() -> Vec<&'static str> {
    vec!["any", "known"]
}

fn match_modes() -> Vec<&'static str> {
    vec!["find", "full"]
}

fn partitions() -> Vec<&'static str> {
    Partition::ALL.map(Partition::as_str).to_vec()
}

fn tiers() -> Vec<&'static str> {
    Tier::ALL.map(Tier::as_str).to_vec()
}

fn statuses() -> Vec<&'static str> {
    Standing::ALL.map(Standing::as_str).to_vec()
}
