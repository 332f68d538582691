//! `rolecall what-if`: the same answer as `diff`, on a federation that is only thought of.

use clap::Args;

use super::diff::{resolved, settings};
use super::edits::EditArgs;
use super::gate::GateArgs;
use super::output::OutputArgs;
use crate::cli::options::{SignInArgs, SourceArgs};
use crate::cli::{CliError, Exit};
use crate::diff::filters::filters;
use crate::diff::hypothesis::apply;
use crate::diff::matching::Matching;
use crate::diff::outcome::Blind;
use crate::entitlement::resolve::Entitlements;
use crate::model::arn::RoleArn;
use crate::report::diff::View;

/// Arguments of `what-if`. Another Group Filter, Role Value Pattern, App Filter or match mode is what would be.
#[derive(Debug, Args)]
pub(crate) struct WhatIfArgs {
    #[command(flatten)]
    edits: EditArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    gate: GateArgs,
    #[command(flatten)]
    sign_in: SignInArgs,
    #[command(flatten)]
    sources: SourceArgs,
}

/// Runs the command: exit code 1 where a change fits what was asked to fail on.
pub(crate) fn run(args: &WhatIfArgs) -> Result<Exit, CliError> {
    let gate = args.gate.gate()?;
    args.output.check()?;
    let loaded = args.sources.load()?;
    let as_is = args.sources.as_exported();
    let (old, new) = (as_is.mapping(&loaded)?, args.sources.mapping(&loaded)?);
    let edits = args.edits.edits(&loaded.federation)?;
    if edits.is_empty() && !args.sources.has_settings() {
        return Err(CliError::Message(
            "nothing would be otherwise, expected another setting such as `--group-filter`, or an edit such as `--move`"
                .to_owned(),
        ));
    }
    let made = apply(&loaded.federation, &edits);
    let sign_in = args.sources.sign_in(&args.sign_in)?;
    let settings = settings(&[&args.sources])?;
    let accounts = &loaded.federation.accounts;
    let tier_of = |role: &RoleArn| settings.tier(accounts, role.account, &role.name);
    let is_admin = |role: &RoleArn| tier_of(role).is_some();
    let matching = Matching::same(&made.directory);
    let before = Entitlements::resolve(&loaded.federation, &old);
    let after = Entitlements::resolve(&made, &new);
    let sides = ((&before, &sign_in), (&after, &sign_in));
    let diff = resolved(sides.0, sides.1, (&matching, Blind::default()), &tier_of)?;
    let of_names = old.filter.text() != new.filter.text() || old.mode != new.mode;
    let filters = of_names.then(|| filters(&before, &after, &is_admin));
    args.output.write(&View {
        diff: &diff,
        before: "as exported",
        after: "as asked",
        users: args.output.users,
        filters: filters.as_ref(),
    })?;
    Ok(gate.exit(&diff))
}
