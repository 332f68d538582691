//! From a policy and a request to a decision.

use super::condition::{Condition, Outcome, Unknowns};
use super::decision::{Decision, Refusal, Unmet};
use super::policy::{Effect, Fault, FaultKind, Statement, TrustPolicy};
use super::request::{Asked, Presented, Request};

/// For whom the keys speak that are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Favour {
    /// Every Allow is met by them, and no Deny.
    Asking,
    /// The other way around.
    Refusing,
}

impl Favour {
    fn of(self, effect: Effect) -> Unknowns {
        match (self, effect) {
            (Self::Asking, Effect::Allow) | (Self::Refusing, Effect::Deny) => Unknowns::Met,
            (Self::Asking, Effect::Deny) | (Self::Refusing, Effect::Allow) => Unknowns::Unmet,
        }
    }
}

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
    ///
    /// Where keys are [`Presented::Unknown`] the answer is one that every value of theirs, and their absence,
    /// would give, else [`Decision::Undecided`]. An [`Decision::ImplicitDeny`] then says that nothing allows;
    /// a Deny that reads such a key may refuse besides.
    pub fn decide(&self, request: &Request) -> Decision {
        let best = self.decide_in_favour(request, Favour::Asking);
        if !request.context.has_unknown() || !matches!(best, Decision::Allow { .. }) {
            return best;
        }
        match self.decide_in_favour(request, Favour::Refusing) {
            allow @ Decision::Allow { .. } => allow,
            _ => self.undecided(request).unwrap_or(best),
        }
    }

    fn decide_in_favour(&self, request: &Request, favour: Favour) -> Decision {
        let mut allowed = None;
        let mut refused = None;
        for asked in request.actions() {
            match self.action(asked, request, favour) {
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

    /// What the keys that are not known decide: the first action that they do.
    fn undecided(&self, request: &Request) -> Option<Decision> {
        request.actions().iter().find_map(|asked| {
            let fits = |statement: &Statement, unknowns| {
                let context = (&request.context, unknowns);
                statement.fits(&request.principal, &asked.lower, context)
            };
            let all = || self.statements.iter().enumerate();
            let allow = |unknowns| {
                let of_effect = all().filter(|(_, one)| one.effect == Effect::Allow);
                of_effect.filter(move |(_, one)| fits(one, unknowns) == Outcome::Met)
            };
            let open = |(number, statement): (usize, &Statement)| {
                let open: Vec<&Condition> = statement
                    .conditions
                    .iter()
                    .filter(|one| one.unknown_keys(&request.context).next().is_some())
                    .collect();
                (open.len(), number)
            };
            let (_, number) = if allow(Unknowns::Unmet).next().is_some() {
                let may_deny = |one: &Statement| {
                    one.effect == Effect::Deny
                        && fits(one, Unknowns::Met) > Outcome::Unmet
                        && fits(one, Unknowns::Unmet) == Outcome::Unmet
                };
                all().find(|(_, one)| may_deny(one)).map(open)?
            } else {
                allow(Unknowns::Met).map(open).min()?
            };
            self.depends(asked, number, request)
        })
    }

    /// That an action depends on what a statement reads and nobody knows.
    fn depends(&self, asked: &Asked, number: usize, request: &Request) -> Option<Decision> {
        let statement = self.statements.get(number)?;
        let mut keys: Vec<String> = Vec::new();
        let mut open = Vec::new();
        for condition in &statement.conditions {
            let before = open.len();
            for key in condition.unknown_keys(&request.context) {
                let key = if *key == condition.key_lower { &condition.key } else { key };
                if !keys.iter().any(|known| known.eq_ignore_ascii_case(key)) {
                    keys.push(key.to_owned());
                }
                if open.len() == before {
                    open.push(unmet_condition(condition, request));
                }
            }
        }
        let (action, sid) = (asked.text.clone(), statement.sid.clone());
        let effect = statement.effect;
        Some(Decision::Undecided { action, statement: number, sid, effect, keys, open })
    }

    fn action(&self, asked: &Asked, request: &Request, favour: Favour) -> OfAction {
        let mut allowed = None;
        let mut blocked = None;
        for (number, statement) in self.statements.iter().enumerate() {
            if statement.effect == Effect::Allow && allowed.is_some() {
                continue;
            }
            let context = (&request.context, favour.of(statement.effect));
            let fits = statement.fits(&request.principal, &asked.lower, context);
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
    let holds = |condition: &Condition| condition.holds(&request.context, Unknowns::Met);
    let failing = conditions.filter(|condition| holds(condition) != Outcome::Met);
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
