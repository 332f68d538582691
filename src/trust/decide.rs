//! From a policy and a request to a decision.

use super::condition::{Condition, Outcome};
use super::decision::{Decision, Refusal, Unmet};
use super::policy::{Effect, Fault, FaultKind, Statement, TrustPolicy};
use super::request::{Asked, Presented, Request};

/// What the policy says of one action.
enum OfAction {
    Allowed(usize),
    Denied(usize),
    /// A Deny that cannot be read stands in the way.
    Blocked(usize),
    Nothing,
}

impl TrustPolicy {
    /// Decides a request: a denial of any action wins, and every action has to be allowed.
    pub fn decide(&self, request: &Request) -> Decision {
        let mut allowed = None;
        let mut refused = None;
        for asked in request.actions() {
            match self.action(asked, request) {
                OfAction::Denied(statement) => {
                    let sid = self.sid(statement);
                    return Decision::ExplicitDeny { action: asked.text.clone(), statement, sid };
                }
                OfAction::Allowed(statement) => {
                    allowed.get_or_insert((asked, statement));
                }
                OfAction::Blocked(statement) => {
                    refused.get_or_insert((asked, Some(statement)));
                }
                OfAction::Nothing => {
                    refused.get_or_insert((asked, None));
                }
            }
        }
        match (refused, allowed) {
            (None, Some((asked, statement))) if self.refused.is_none() => {
                Decision::Allow { action: asked.text.clone(), statement, sid: self.sid(statement) }
            }
            (None, Some((asked, _))) => Decision::ImplicitDeny {
                action: asked.text.clone(),
                refusals: Vec::new(),
                fault: self.refused.as_ref().map(|refused| refused.fault.clone()),
            },
            (Some((asked, Some(statement))), _) => Decision::ImplicitDeny {
                action: asked.text.clone(),
                refusals: Vec::new(),
                fault: Some(self.blocking(statement, asked)),
            },
            (Some((asked, None)), _) => self.refusal(asked, request),
            (None, None) => {
                Decision::ImplicitDeny { action: String::new(), refusals: Vec::new(), fault: None }
            }
        }
    }

    fn sid(&self, statement: usize) -> Option<String> {
        self.statements.get(statement).and_then(|statement| statement.sid.clone())
    }

    fn action(&self, asked: &Asked, request: &Request) -> OfAction {
        let mut allowed = None;
        let mut blocked = None;
        for (number, statement) in self.statements.iter().enumerate() {
            if statement.effect == Effect::Allow && allowed.is_some() {
                continue;
            }
            let fits = statement.fits(&request.principal, &asked.lower, &request.context);
            match (statement.effect, fits) {
                (Effect::Allow, Outcome::Met) => allowed = Some(number),
                (Effect::Deny, Outcome::Met | Outcome::Unsure) => return OfAction::Denied(number),
                (Effect::Deny, Outcome::Unreadable) => {
                    blocked.get_or_insert(number);
                }
                _ => {}
            }
        }
        match (blocked, allowed) {
            (Some(number), Some(_)) => OfAction::Blocked(number),
            (None, Some(number)) => OfAction::Allowed(number),
            (_, None) => OfAction::Nothing,
        }
    }

    /// What cannot be read about a Deny that may be about an action.
    fn blocking(&self, number: usize, asked: &Asked) -> Fault {
        let at = self.statements.get(number).map_or(0, |statement| statement.at);
        let broken = self.statements.get(number).and_then(|statement| statement.broken.as_ref());
        let own = broken.map(|broken| &broken.fault);
        let fault = own.or_else(|| self.faults.iter().find(|fault| fault.at >= at));
        let what = fault.map_or("it cannot be read", |fault| fault.message.as_str());
        let action = super::decision::Quoted(&asked.text);
        let message = format!("statement {}, which may deny `{action}`: {what}", number + 1);
        let kind = fault.map_or(FaultKind::Grammar, |fault| fault.kind);
        Fault { kind, at: fault.map_or(at, |fault| fault.at), message }
    }

    /// Why nothing allows an action, the statement nearest to allowing it first.
    fn refusal(&self, asked: &Asked, request: &Request) -> Decision {
        let mut refusals: Vec<(Distance, Refusal)> = Vec::new();
        for (number, statement) in self.statements.iter().enumerate() {
            if statement.effect == Effect::Allow {
                let unmet = unmet(statement, asked, request);
                let distance = Distance::of(&unmet);
                refusals.push((
                    distance,
                    Refusal {
                        statement: number,
                        sid: statement.sid.clone(),
                        at: statement.at,
                        unmet,
                    },
                ));
            }
        }
        refusals.sort_by_key(|pair| pair.0);
        Decision::ImplicitDeny {
            action: asked.text.clone(),
            refusals: refusals.into_iter().map(|pair| pair.1).collect(),
            fault: None,
        }
    }
}

/// How far a statement is from allowing: what would have to change first counts most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Distance {
    other_action: bool,
    other_principal: bool,
    refused: bool,
    unmet: usize,
}

impl Distance {
    fn of(unmet: &[Unmet]) -> Self {
        Self {
            other_action: unmet.iter().any(|part| matches!(part, Unmet::Action { .. })),
            other_principal: unmet.iter().any(|part| matches!(part, Unmet::Principal { .. })),
            refused: unmet.iter().any(|part| matches!(part, Unmet::Refused(_))),
            unmet: unmet.len(),
        }
    }
}

/// Every part of a statement that the request does not meet.
fn unmet(statement: &Statement, asked: &Asked, request: &Request) -> Vec<Unmet> {
    if let Some(broken) = &statement.broken {
        return vec![Unmet::Refused(broken.fault.message.clone())];
    }
    let mut unmet = Vec::new();
    if statement.actions.cover(&asked.lower) != Outcome::Met {
        unmet.push(Unmet::Action {
            negated: statement.actions.negated,
            wanted: statement.actions.patterns.iter().map(|pattern| pattern.text.clone()).collect(),
            presented: asked.text.clone(),
        });
    }
    if statement.principals.cover(&request.principal) != Outcome::Met {
        unmet.push(Unmet::Principal {
            negated: statement.principals.negated,
            wanted: statement.principals.listed.iter().map(ToString::to_string).collect(),
            presented: request.principal.clone(),
        });
    }
    let conditions = statement.conditions.iter();
    let failing = conditions.filter(|condition| condition.holds(&request.context) != Outcome::Met);
    unmet.extend(failing.map(|condition| unmet_condition(condition, request)));
    unmet
}

fn unmet_condition(condition: &Condition, request: &Request) -> Unmet {
    if condition.operator.is_none() {
        return Unmet::Refused(format!(
            "`{}` is no condition operator",
            super::decision::Quoted(&condition.operator_name)
        ));
    }
    let presented: Option<&Presented> = request.context.lower(&condition.key_lower);
    Unmet::Condition {
        operator: condition.operator_name.clone(),
        negated: condition.operator.is_some_and(|operator| operator.negated),
        needs_set: matches!(presented, Some(Presented::Many(_)))
            && condition.operator.is_some_and(|operator| operator.set.is_none()),
        key: condition.key.clone(),
        wanted: condition.values.iter().map(|wanted| wanted.text.clone()).collect(),
        presented: presented.cloned(),
        at: condition.at,
    }
}
