//! Plans: what will stand when they are applied, as `terraform show -json` shows them.

use std::collections::{BTreeMap, BTreeSet};

use super::policy;
use super::resource::{Resource, Taker};
use super::state::{mark, withhold};
use super::value::{Node, Value};
use crate::model::account::{AccountId, Partition};
use crate::model::arn::RoleArn;
use crate::sources::input::SourceOptions;

/// Why a value is not known yet.
const LATER: &str = "it is known only after the plan is applied";

/// A data source whose statements say what its JSON will be.
const DOCUMENT: &str = "data.aws_iam_policy_document.";

/// Reads a plan.
pub(super) fn read(root: &Node, options: &SourceOptions, taker: &mut Taker) {
    let plan = Plan::new(root);
    let mut seen = BTreeSet::new();
    let mut modules: Vec<&Node> = root.at(&["planned_values", "root_module"]).into_iter().collect();
    while let Some(module) = modules.pop() {
        for resource in module.get("resources").map_or(&[][..], Node::items) {
            let Some(address) = resource.get("address").and_then(Node::as_str) else { continue };
            seen.insert(address);
            if let Some(values) = resource.get("values") {
                plan.take(address, resource, values, options, taker);
            }
        }
        modules.extend(module.get("child_modules").map_or(&[][..], Node::items).iter().rev());
    }
    for (&address, change) in plan.changes.iter().filter(|(address, _)| !seen.contains(*address)) {
        if !is_removed(change)
            && let Some(after) = change.at(&["change", "after"])
        {
            plan.take(address, change, after, options, taker);
        }
    }
}

/// Whether nothing is left of a resource, or Terraform no longer cares for it.
fn is_removed(change: &Node) -> bool {
    let actions = change.at(&["change", "actions"]).map_or(&[][..], Node::items);
    let is = |node: &Node, word: &str| node.as_str() == Some(word);
    matches!(actions, [one] if is(one, "delete") || is(one, "forget"))
}

/// What a plan says beside the planned values.
struct Plan<'p> {
    /// `resource_changes` by address.
    changes: BTreeMap<&'p str, &'p Node>,
    /// Data sources of policies by address without an index, however often they stand.
    documents: BTreeMap<&'p str, Vec<&'p Node>>,
    /// Resources of `configuration` by address without indexes.
    configured: BTreeMap<String, &'p Node>,
    /// Account and partition by `provider_config_key`.
    providers: BTreeMap<&'p str, (Option<AccountId>, Option<Partition>)>,
}

impl<'p> Plan<'p> {
    fn new(root: &'p Node) -> Self {
        let mut changes = BTreeMap::new();
        let mut documents: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
        for change in root.get("resource_changes").map_or(&[][..], Node::items) {
            if let Some(address) = change.get("address").and_then(Node::as_str) {
                changes.insert(address, change);
                if address.contains(DOCUMENT) {
                    documents.entry(without_last_index(address)).or_default().push(change);
                }
            }
        }
        let mut configured = BTreeMap::new();
        let mut modules: Vec<(String, &Node)> = root
            .at(&["configuration", "root_module"])
            .map(|root| (String::new(), root))
            .into_iter()
            .collect();
        while let Some((prefix, module)) = modules.pop() {
            for resource in module.get("resources").map_or(&[][..], Node::items) {
                if let Some(address) = resource.get("address").and_then(Node::as_str) {
                    configured.insert(format!("{prefix}{address}"), resource);
                }
            }
            for call in module.get("module_calls").map_or(&[][..], Node::entries) {
                if let Some(module) = call.node.get("module") {
                    modules.push((format!("{prefix}module.{}.", call.name), module));
                }
            }
        }
        let configs = root.at(&["configuration", "provider_config"]);
        let providers = configs.map_or(&[][..], Node::entries).iter();
        let providers =
            providers.map(|entry| (entry.name.as_str(), account_of(&entry.node))).collect();
        Self { changes, documents, configured, providers }
    }

    fn take(
        &self,
        address: &str,
        resource: &Node,
        values: &Node,
        options: &SourceOptions,
        taker: &mut Taker,
    ) {
        let text = |name: &str| resource.get(name).and_then(Node::as_str);
        let (Some("managed"), Some(kind)) = (text("mode"), text("type")) else { return };
        if !super::resource::KINDS.iter().any(|(known, _)| *known == kind) {
            return;
        }
        let mut arguments = values.clone();
        arguments.place = resource.place;
        if let Some(change) = self.changes.get(address).and_then(|change| change.get("change")) {
            if let Some(unknown) = change.get("after_unknown") {
                mark(&mut arguments, unknown, LATER);
            }
            if let Some(sensitive) = change.get("after_sensitive") {
                withhold(&mut arguments, sensitive);
            }
        }
        if let Some(sensitive) = resource.get("sensitive_values") {
            withhold(&mut arguments, sensitive);
        }
        let configured = self.configured.get(&without_indexes(address)).copied();
        self.policy(address, configured, &mut arguments);
        let key =
            configured.and_then(|node| node.get("provider_config_key")).and_then(Node::as_str);
        let (account, partition) =
            key.and_then(|key| self.providers.get(key)).copied().unwrap_or_default();
        taker.take(&Resource {
            kind,
            address: address.to_owned(),
            arguments: &arguments,
            account: account.or(options.account),
            partition,
            app: configured.and_then(|node| app_of(address, node)),
        });
    }

    /// Puts together a policy that is not known yet from the data source it is taken from, where that is
    /// the only thing it refers to.
    fn policy(&self, address: &str, configured: Option<&Node>, arguments: &mut Node) {
        let Value::Object(entries) = &mut arguments.value else { return };
        let Some(entry) = entries.iter_mut().find(|entry| entry.name == "assume_role_policy")
        else {
            return;
        };
        if !matches!(&entry.node.value, Value::Unknown(reason) if reason == LATER) {
            return;
        }
        let way = ["expressions", "assume_role_policy", "references"];
        let references = configured.and_then(|node| node.at(&way)).map_or(&[][..], Node::items);
        let mut bases = references.iter().map(|reference| {
            let reference = reference.as_str().unwrap_or_default();
            let name = reference.strip_prefix(DOCUMENT)?;
            let end = name.find(['.', '[']).unwrap_or(name.len());
            Some(name.get(..end).unwrap_or(name))
        });
        let Some(Some(first)) = bases.next() else { return };
        if !bases.all(|base| base == Some(first)) {
            return;
        }
        let wanted = format!("{}{DOCUMENT}{first}", module_of(address));
        let Some([document]) = self.documents.get(wanted.as_str()).map(Vec::as_slice) else {
            return;
        };
        let Some(mut values) = document.at(&["change", "after"]).cloned() else { return };
        if let Some(unknown) = document.at(&["change", "after_unknown"]) {
            mark(&mut values, unknown, LATER);
        }
        if let Some(sensitive) = document.at(&["change", "after_sensitive"]) {
            withhold(&mut values, sensitive);
        }
        entry.node = match values.get("json") {
            Some(json) if json.as_str().is_some() => json.clone(),
            _ => policy::document(&values),
        };
    }
}

/// The account and partition that a provider's configuration says.
fn account_of(config: &Node) -> (Option<AccountId>, Option<Partition>) {
    let constant = |node: &Node, name: &str| node.at(&[name, "constant_value"]).cloned();
    let Some(expressions) = config.get("expressions") else { return (None, None) };
    let allowed = constant(expressions, "allowed_account_ids");
    let assumed = expressions.get("assume_role").and_then(|roles| roles.items().first());
    let assumed = assumed.and_then(|role| constant(role, "role_arn"));
    let region = constant(expressions, "region");
    account_and_partition(allowed.as_ref(), assumed.as_ref(), region.as_ref())
}

/// The account and partition that `allowed_account_ids`, the role assumed and the region give.
pub(super) fn account_and_partition(
    allowed: Option<&Node>,
    assumed: Option<&Node>,
    region: Option<&Node>,
) -> (Option<AccountId>, Option<Partition>) {
    let assumed = assumed.and_then(Node::as_str).and_then(|arn| RoleArn::parse(arn).ok());
    let allowed = match allowed.map_or(&[][..], Node::items) {
        [one] => one.known_text().ok().and_then(|id| AccountId::parse(id).ok()),
        _ => None,
    };
    let partition = region.and_then(Node::as_str).map(|region| {
        if region.starts_with("cn-") {
            Partition::China
        } else if region.starts_with("us-gov-") {
            Partition::GovCloud
        } else {
            Partition::Aws
        }
    });
    let of_role = assumed.as_ref().map(|arn| arn.account);
    (allowed.or(of_role), assumed.map(|arn| arn.partition).or(partition))
}

/// Address of the app that settings refer to by its `id`.
fn app_of(address: &str, configured: &Node) -> Option<String> {
    let references = configured.at(&["expressions", "app_id", "references"])?;
    let base = references.items().iter().filter_map(Node::as_str).find_map(|reference| {
        let name = reference.strip_prefix("okta_app_saml.")?;
        let end = name.find(['.', '['])?;
        name.get(..end)
    })?;
    Some(format!("{}okta_app_saml.{base}", module_of(address)))
}

/// The part of an address before the resource: empty, or one that ends with a dot.
fn module_of(address: &str) -> &str {
    let mut end = 0;
    for (at, _) in address.match_indices("module.") {
        let begins = at == end;
        let rest = address.get(at + "module.".len()..).unwrap_or_default();
        let Some(length) = name_length(rest).filter(|_| begins) else { break };
        end = at + "module.".len() + length + 1;
    }
    address.get(..end.min(address.len())).unwrap_or_default()
}

/// Length of a name with its index, where a dot follows.
fn name_length(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'.' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// An address without the indexes of its instances.
fn without_indexes(address: &str) -> String {
    let mut left = String::with_capacity(address.len());
    let (mut quoted, mut escaped, mut inside) = (false, false, false);
    for c in address.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if inside => quoted = !quoted,
            '[' if !quoted => inside = true,
            ']' if !quoted && inside => inside = false,
            _ if !inside => left.push(c),
            _ => {}
        }
    }
    left
}

/// An address without the index at its end.
fn without_last_index(address: &str) -> &str {
    if !address.ends_with(']') {
        return address;
    }
    // The resource's own name has no bracket, and no module stands behind it.
    let module = module_of(address).len();
    let own = address.get(module..).unwrap_or_default();
    let end = own.find('[').map_or(address.len(), |at| module + at);
    address.get(..end).unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let address = "module.a[\"x.y\"].module.b[0].aws_iam_role.c[\"k[1]\"]";
        assert_eq!(module_of(address), "module.a[\"x.y\"].module.b[0].");
        assert_eq!(without_indexes(address), "module.a.module.b.aws_iam_role.c");
        assert_eq!(without_last_index(address), "module.a[\"x.y\"].module.b[0].aws_iam_role.c");
        assert_eq!(module_of("aws_iam_role.module"), "");
        assert_eq!(without_last_index("aws_iam_role.a"), "aws_iam_role.a");
        assert_eq!(module_of("module."), "");
    }
}
