//! Resources of Terraform, whatever file they come from, as roles, SAML providers and Okta apps.

use super::policy;
use super::value::{Node, Value};
use super::{Defect, TerraformError};
use crate::model::account::{AccountId, Partition};
use crate::model::app::OktaApp;
use crate::model::arn::RoleArn;
use crate::model::declared::{
    Declared, DeclaredApp, DeclaredBy, DeclaredProvider, DeclaredRole, Known, has_hole,
};
use crate::sources::batch::{Loss, Problem};
use crate::sources::okta::read_settings;
use crate::text::{Place, Sourced};

/// The app's key in Okta's catalogue.
const AWS_APP: &str = "amazon_aws";

/// A resource with its arguments and, where they are known, its attributes.
#[derive(Debug)]
pub(super) struct Resource<'r> {
    /// Such as `aws_iam_role`.
    pub(super) kind: &'r str,
    pub(super) address: String,
    pub(super) arguments: &'r Node,
    /// The account its provider configuration names.
    pub(super) account: Option<AccountId>,
    pub(super) partition: Option<Partition>,
    /// Address of the app that settings are of, where that is known.
    pub(super) app: Option<String>,
}

/// Types of resources that are read, and their arguments.
pub(super) const KINDS: [(&str, &[&str]); 4] = [
    (
        "aws_iam_role",
        &["name", "name_prefix", "path", "assume_role_policy", "max_session_duration"],
    ),
    ("aws_iam_saml_provider", &["name", "saml_metadata_document"]),
    ("okta_app_saml", &["label", "status", "preconfigured_app", "app_settings_json"]),
    ("okta_app_saml_app_settings", &["app_id", "settings"]),
];

/// Takes resources one after the other.
#[derive(Debug)]
pub(super) struct Taker {
    by: DeclaredBy,
    declared: Declared,
    pub(super) problems: Vec<Problem>,
    /// Apps whose settings may stand in a resource of their own: index in `declared.apps`, and Okta's id.
    bare: Vec<usize>,
    /// Settings that stand in a resource of their own, the app's address and its id.
    settings: Vec<(DeclaredApp, Option<String>)>,
}

impl Taker {
    pub(super) fn new(by: DeclaredBy) -> Self {
        Self {
            by,
            declared: Declared::default(),
            problems: Vec::new(),
            bare: Vec::new(),
            settings: Vec::new(),
        }
    }

    /// Takes a resource of one of [`KINDS`]; any other is passed over.
    pub(super) fn take(&mut self, resource: &Resource<'_>) {
        match resource.kind {
            "aws_iam_role" => self.role(resource),
            "aws_iam_saml_provider" => self.provider(resource),
            "okta_app_saml" => self.app(resource),
            "okta_app_saml_app_settings" => self.app_settings(resource),
            _ => {}
        }
    }

    pub(super) fn report(&mut self, place: Place, loss: Loss, error: TerraformError) {
        self.problems.push(Problem { line: place.0, loss, error: error.into() });
    }

    fn role(&mut self, resource: &Resource<'_>) {
        let arguments = resource.arguments;
        let arn =
            arguments.get("arn").and_then(Node::as_str).and_then(|arn| RoleArn::parse(arn).ok());
        let policy = match arguments.get("assume_role_policy") {
            Some(node) => policy::read(&resource.address, node),
            None => policy::read(
                &resource.address,
                &Node::unknown(arguments.place, "nothing states its `assume_role_policy`"),
            ),
        };
        if let Some(error) = policy.error {
            let place = error.place;
            self.report(place, Loss::Record, TerraformError::Policy(error));
        }
        self.declared.roles.push(DeclaredRole {
            by: self.by,
            address: resource.address.clone(),
            account: arn.as_ref().map(|arn| arn.account).or(resource.account),
            partition: arn.as_ref().map(|arn| arn.partition).or(resource.partition),
            name: name(arguments, "role"),
            path: match arguments.get("path") {
                Some(node) => known(node),
                None => Known::Value("/".to_owned()),
            },
            trust_policy: policy.document,
            holes: policy.holes,
            max_session_duration: arguments
                .get("max_session_duration")
                .and_then(|node| node.known_text().ok()?.parse().ok()),
            place: arguments.place,
        });
    }

    fn provider(&mut self, resource: &Resource<'_>) {
        let arguments = resource.arguments;
        let arn = arguments.get("arn").and_then(Node::as_str);
        let account = arn.and_then(|arn| crate::model::arn::SamlProviderArn::parse(arn).ok());
        let metadata = match arguments.get("saml_metadata_document") {
            Some(node) => match known(node) {
                Known::Value(text) => Known::Value(Sourced::new(text, node.place)),
                Known::Unknown(reason) => Known::Unknown(reason),
            },
            None => Known::Unknown("nothing states its `saml_metadata_document`".to_owned()),
        };
        self.declared.providers.push(DeclaredProvider {
            by: self.by,
            address: resource.address.clone(),
            account: account.map(|arn| arn.account).or(resource.account),
            name: name(arguments, "SAML provider"),
            metadata,
            place: arguments.place,
        });
    }

    fn app(&mut self, resource: &Resource<'_>) {
        let arguments = resource.arguments;
        let text = |name: &str| arguments.get(name).and_then(Node::as_str).map(str::to_owned);
        let mut app = OktaApp {
            id: text("id"),
            label: text("label"),
            status: text("status"),
            place: arguments.place,
            ..OktaApp::default()
        };
        let key = text("preconfigured_app").or_else(|| text("name"));
        let settings = arguments.get("app_settings_json");
        let telling = settings.and_then(|node| self.settings(&resource.address, node, &mut app));
        let is_aws = key.as_deref() == Some(AWS_APP);
        if !is_aws && telling != Some(true) {
            return;
        }
        if settings.is_none() {
            self.bare.push(self.declared.apps.len());
        }
        let (by, address, place) = (self.by, resource.address.clone(), app.place);
        self.declared.apps.push(DeclaredApp { by, address, app, place });
    }

    fn app_settings(&mut self, resource: &Resource<'_>) {
        let arguments = resource.arguments;
        let mut app = OktaApp { place: arguments.place, ..OktaApp::default() };
        let Some(node) = arguments.get("settings") else { return };
        if self.settings(&resource.address, node, &mut app) != Some(true) {
            return;
        }
        app.id = arguments.get("app_id").and_then(Node::as_str).map(str::to_owned);
        let (by, address, place) = (self.by, resource.address.clone(), app.place);
        self.settings.push((DeclaredApp { by, address, app, place }, resource.app.clone()));
    }

    /// Reads settings; whether they are those of the AWS app, `None` where that cannot be told.
    fn settings(&mut self, address: &str, node: &Node, app: &mut OktaApp) -> Option<bool> {
        let Value::Text(text) = &node.value else { return None };
        let mut problems = Vec::new();
        // What is wrong with a value that is not known is not its author's fault.
        let whole = text.holes.is_empty();
        let read = read_settings(&text.content, &text.lines, node.place, app, &mut problems);
        if read == Some(true) && whole {
            self.problems.append(&mut problems);
        }
        if read.is_none() && whole {
            let error = TerraformError::Settings { address: address.to_owned() };
            self.report(node.place, Loss::Record, error);
        }
        forget_unknown(app);
        read
    }

    /// Everything taken; settings of their own are joined with their app.
    pub(super) fn finish(mut self) -> (Declared, Vec<Problem>) {
        for (mut settings, address) in std::mem::take(&mut self.settings) {
            let apps = &self.declared.apps;
            let same = |app: &DeclaredApp| {
                address.as_ref().is_some_and(|address| *address == app.address)
                    || app.app.id.is_some() && app.app.id == settings.app.id
            };
            let named = self.bare.iter().position(|&at| apps.get(at).is_some_and(same));
            let alone = (self.bare.len() == 1 && address.is_none()).then_some(0);
            let Some(found) = named.or(alone) else {
                self.declared.apps.push(settings);
                continue;
            };
            let at = self.bare.remove(found);
            if let Some(app) = self.declared.apps.get_mut(at) {
                settings.app.id = app.app.id.take();
                settings.app.label = app.app.label.take();
                settings.app.status = app.app.status.take();
                settings.address.clone_from(&app.address);
                *app = settings;
            }
        }
        (self.declared, self.problems)
    }
}

/// Leaves out settings that are not known before deployment.
fn forget_unknown(app: &mut OktaApp) {
    let texts = [
        &mut app.app_filter,
        &mut app.group_filter,
        &mut app.role_value_pattern,
        &mut app.identity_provider_arn,
        &mut app.environment_type,
        &mut app.override_acs_url,
        &mut app.login_url,
    ];
    for text in texts {
        if text.as_ref().is_some_and(|text| has_hole(&text.value)) {
            *text = None;
        }
    }
}

fn known(node: &Node) -> Known<String> {
    match node.known_text() {
        Ok(text) => Known::Value(text.to_owned()),
        Err(reason) => Known::Unknown(reason),
    }
}

fn name(arguments: &Node, what: &str) -> Known<String> {
    match (arguments.get("name"), arguments.get("name_prefix")) {
        (Some(name), _) => known(name),
        (None, Some(_)) => Known::Unknown("`name_prefix` leaves the rest of it open".to_owned()),
        (None, None) => {
            Known::Unknown(format!("nothing names the {what}: Terraform makes a name up"))
        }
    }
}

/// A name that stands twice in an object of a role or app.
pub(super) fn repeated(name: &str) -> TerraformError {
    TerraformError::Defect(Defect::Twice(name.to_owned()))
}
