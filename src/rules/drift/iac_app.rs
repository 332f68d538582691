//! `drift/iac-app`: the app's settings in code differ from the app's export.

use std::fmt::Display;

use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::app::OktaApp;
use crate::model::declared::DeclaredApp;
use crate::rules::{CannotCheck, Context, Rule};
use crate::text::{Place, Sourced};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "drift/iac-app",
        summary: "the app's settings in code differ from the app's export",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "The Group Filter, the Role Value Pattern and the App Filter decide who may assume \
                      what. Where the export has others than the code, somebody changed the app by hand, \
                      and the next `terraform apply` changes who gets in; or the code is not applied yet. \
                      Settings that the code leaves out, or that only an apply would tell, are not \
                      compared, nor is the order of the App Filter.",
        remediation: "Apply the code, or take the app's setting over into the code.",
        references: &[
            "https://registry.terraform.io/providers/okta/okta/latest/docs/resources/app_saml",
            "https://help.okta.com/en-us/content/topics/deploymentguides/aws/aws-configure-aws-app.htm",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let declared = &context.federation.declared.apps;
    if declared.is_empty() {
        return Ok(Vec::new());
    }
    let exported = context.federation.app.as_ref();
    let exported = exported.filter(|app| declared.iter().all(|one| one.app.place != app.place));
    let Some(exported) = exported else {
        return Err(CannotCheck("no export of the Okta app was given beside the code".to_owned()));
    };
    let Some(code) = same_app(declared, exported) else {
        return Err(CannotCheck(
            "code declares several apps, and none by the label of the one exported".to_owned(),
        ));
    };
    let mut compared = Compared { code, exported, found: Vec::new() };
    compared.all();
    Ok(compared.found)
}

/// The declared app that is the one exported: by its id, its label, or as the only one.
fn same_app<'d>(declared: &'d [DeclaredApp], exported: &OktaApp) -> Option<&'d DeclaredApp> {
    let by = |own: &dyn Fn(&OktaApp) -> Option<String>| {
        let wanted = own(exported)?;
        declared.iter().find(|one| own(&one.app).as_ref() == Some(&wanted))
    };
    by(&|app| app.id.clone()).or_else(|| by(&|app| app.label.clone())).or(match declared {
        [only] => Some(only),
        _ => None,
    })
}

struct Compared<'c> {
    code: &'c DeclaredApp,
    exported: &'c OktaApp,
    found: Vec<Finding>,
}

impl Compared<'_> {
    fn all(&mut self) {
        let (code, export) = (&self.code.app, self.exported);
        let text = |setting: &Option<Sourced<String>>| setting.clone();
        self.texts("groupFilter", text(&code.group_filter), text(&export.group_filter));
        let patterns = (text(&code.role_value_pattern), text(&export.role_value_pattern));
        self.texts("roleValuePattern", patterns.0, patterns.1);
        self.app_filter();
        self.texts(
            "identityProviderArn",
            text(&code.identity_provider_arn),
            text(&export.identity_provider_arn),
        );
        self.texts("overrideAcsURL", text(&code.override_acs_url), text(&export.override_acs_url));
        self.values(
            "useGroupMapping",
            code.use_group_mapping.clone(),
            export.use_group_mapping.clone(),
        );
        self.values("joinAllRoles", code.join_all_roles.clone(), export.join_all_roles.clone());
        self.values(
            "sessionDuration",
            code.session_duration.clone(),
            export.session_duration.clone(),
        );
    }

    fn texts(
        &mut self,
        setting: &'static str,
        code: Option<Sourced<String>>,
        export: Option<Sourced<String>>,
    ) {
        if let (Some(code), Some(export)) = (code, export)
            && code.value != export.value
        {
            let message = format!(
                "`{setting}` is {} in the {} and {} in the app's export",
                Quoted(&code.value),
                self.code.by,
                Quoted(&export.value)
            );
            self.report(setting, message, (&code.value, code.place), (&export.value, export.place));
        }
    }

    /// The App Filter is a list without order.
    fn app_filter(&mut self) {
        let names = |setting: &Sourced<String>| {
            let mut names: Vec<String> =
                setting.value.split(',').map(|name| name.trim().to_owned()).collect();
            names.sort();
            names
        };
        let (code, export) = (self.code.app.app_filter.clone(), self.exported.app_filter.clone());
        if code.as_ref().map(names) != export.as_ref().map(names) {
            self.texts("appFilter", code, export);
        }
    }

    fn values<T: PartialEq + Display>(
        &mut self,
        setting: &'static str,
        code: Option<Sourced<T>>,
        export: Option<Sourced<T>>,
    ) {
        if let (Some(code), Some(export)) = (code, export)
            && code.value != export.value
        {
            let message = format!(
                "`{setting}` is `{}` in the {} and `{}` in the app's export",
                code.value, self.code.by, export.value
            );
            let values = (code.value.to_string(), export.value.to_string());
            self.report(setting, message, (&values.0, code.place), (&values.1, export.place));
        }
    }

    fn report(
        &mut self,
        setting: &'static str,
        message: String,
        (value, place): (&str, Place),
        (exported, export): (&str, Place),
    ) {
        let finding = Finding::new(&RULE.info, setting, message)
            .at(Label::new(place, "").mark(value))
            .related(Label::new(export, "the app's export").mark(exported))
            .help("apply the code, or take the app's setting over into it");
        self.found.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_is_known_by_id_before_label_before_being_alone() {
        let app = |id: Option<&str>, label: Option<&str>| OktaApp {
            id: id.map(str::to_owned),
            label: label.map(str::to_owned),
            ..OktaApp::default()
        };
        let declared = |app: OktaApp, address: &str| DeclaredApp {
            by: crate::model::declared::DeclaredBy::TerraformState,
            address: address.to_owned(),
            app,
            place: Place(1),
        };
        let all = [
            declared(app(Some("0oa1"), Some("AWS")), "a"),
            declared(app(Some("0oa2"), Some("AWS two")), "b"),
        ];
        let found = |exported: OktaApp| same_app(&all, &exported).map(|one| one.address.as_str());
        assert_eq!(found(app(Some("0oa2"), Some("AWS"))), Some("b"));
        assert_eq!(found(app(None, Some("AWS"))), Some("a"));
        assert_eq!(found(app(None, None)), None);
        assert_eq!(
            same_app(&all[..1], &app(None, None)).map(|one| one.address.as_str()),
            Some("a")
        );
    }
}
