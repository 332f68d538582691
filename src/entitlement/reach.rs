//! What membership in a group leads to, through nesting: computed once over the condensed graph.
#![expect(
    clippy::indexing_slicing,
    reason = "group numbers index arrays of group_count entries, component numbers those of components"
)]

use crate::model::directory::{Directory, Group, GroupId, Rows};

/// For each group, the groups its members are in as well: itself and, through nesting, its containers.
///
/// Groups in one cycle share one component; what components reach is propagated once, in reverse
/// topological order.
#[derive(Debug)]
pub(crate) struct Reach {
    pub(super) component: Vec<u32>,
    /// Components in an order in which what a component reaches stands before it.
    pub(super) order: Vec<Vec<u32>>,
}

/// For each group, the groups its members are handed on to; [`containers`] asks the same of one group.
#[derive(Debug)]
pub(super) struct Containers<'d> {
    rows: &'d Rows,
    /// Whether each group hands its members' members on.
    nests: Vec<bool>,
}

impl<'d> Containers<'d> {
    pub(super) fn of(directory: &'d Directory) -> Self {
        let nests = directory.groups().map(|(_, group)| group.nests()).collect();
        Self { rows: directory.containers(), nests }
    }

    fn nests(&self, group: u32) -> bool {
        self.nests.get(group as usize) == Some(&true)
    }

    /// The containers of a group.
    fn each(&self, group: u32) -> impl Iterator<Item = u32> {
        self.rows.targets(group).iter().copied().filter(|&container| self.nests(container))
    }

    /// The containers of a group, to be visited from the last one on.
    pub(super) fn visit(&self, group: u32) -> Visit {
        Visit { group, rest: self.rows.targets(group).len() }
    }
}

/// A group and how many of its containers are not visited yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visit {
    pub(super) group: u32,
    rest: usize,
}

impl Visit {
    pub(super) fn next(&mut self, containers: &Containers<'_>) -> Option<u32> {
        let targets = containers.rows.targets(self.group);
        while let Some(rest) = self.rest.checked_sub(1) {
            self.rest = rest;
            if containers.nests(targets[rest]) {
                return Some(targets[rest]);
            }
        }
        None
    }
}

impl Reach {
    /// Condenses the nesting of a directory. A group made in Okta hands nothing up: Okta has no nesting.
    pub(super) fn new(containers: &Containers<'_>) -> Self {
        let count = containers.nests.len();
        let mut search = Tarjan {
            containers,
            index: vec![0; count],
            low: vec![0; count],
            on_stack: vec![false; count],
            stack: Vec::new(),
            next: 1,
            component: vec![0; count],
            order: Vec::new(),
        };
        for group in 0..u32::try_from(count).unwrap_or(u32::MAX) {
            if search.index[group as usize] == 0 {
                search.visit(group);
            }
        }
        Self { component: search.component, order: search.order }
    }

    /// Propagates what each group has of its own to everybody who reaches it: for each component the
    /// sorted union over itself and all it reaches.
    pub(super) fn propagate(
        &self,
        containers: &Containers<'_>,
        own: impl Fn(GroupId) -> Option<u32>,
    ) -> Sets {
        let mut sets: Vec<Vec<u32>> = Vec::with_capacity(self.order.len());
        for members in &self.order {
            let at = sets.len();
            let mut set = Vec::new();
            let mut sources = 0;
            for &group in members {
                let mine = own(GroupId(group));
                sources += usize::from(mine.is_some());
                set.extend(mine);
                for container in containers.each(group) {
                    let component = self.component[container as usize] as usize;
                    if component != at && !sets[component].is_empty() {
                        sources += 1;
                        set.extend_from_slice(&sets[component]);
                    }
                }
            }
            if sources > 1 {
                set.sort_unstable();
                set.dedup();
            }
            set.shrink_to_fit();
            sets.push(set);
        }
        Sets { component: self.component.clone(), sets }
    }
}

/// The groups a group's members are handed on to.
pub(crate) fn containers(directory: &Directory, group: u32) -> impl Iterator<Item = u32> {
    directory
        .containers()
        .targets(group)
        .iter()
        .copied()
        .filter(|&container| directory.group(GroupId(container)).is_some_and(Group::nests))
}

/// A set of numbers for each group, shared by groups of one cycle.
#[derive(Debug)]
pub(crate) struct Sets {
    component: Vec<u32>,
    sets: Vec<Vec<u32>>,
}

impl Sets {
    /// Where no group has anything of its own.
    pub(super) const fn empty() -> Self {
        Self { component: Vec::new(), sets: Vec::new() }
    }

    /// The group's set, sorted.
    pub(crate) fn of(&self, group: GroupId) -> &[u32] {
        self.component
            .get(group.0 as usize)
            .and_then(|&component| self.sets.get(component as usize))
            .map_or(&[], Vec::as_slice)
    }
}

/// Tarjan's strongly connected components, without recursion: nesting may be as deep as it likes.
struct Tarjan<'c, 'd> {
    containers: &'c Containers<'d>,
    index: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<u32>,
    next: u32,
    component: Vec<u32>,
    order: Vec<Vec<u32>>,
}

impl Tarjan<'_, '_> {
    fn visit(&mut self, root: u32) {
        let mut path = vec![self.enter(root)];
        while let Some(visit) = path.last_mut() {
            let group = visit.group;
            if let Some(container) = visit.next(self.containers) {
                let at = container as usize;
                if self.index[at] == 0 {
                    path.push(self.enter(container));
                } else if self.on_stack[at] {
                    self.low[group as usize] = self.low[group as usize].min(self.index[at]);
                }
                continue;
            }
            path.pop();
            if let Some(below) = path.last() {
                let low = self.low[group as usize];
                let below = below.group as usize;
                self.low[below] = self.low[below].min(low);
            }
            if self.low[group as usize] == self.index[group as usize] {
                self.close(group);
            }
        }
    }

    fn enter(&mut self, group: u32) -> Visit {
        let at = group as usize;
        self.index[at] = self.next;
        self.low[at] = self.next;
        self.next += 1;
        self.stack.push(group);
        self.on_stack[at] = true;
        self.containers.visit(group)
    }

    fn close(&mut self, root: u32) {
        let number = u32::try_from(self.order.len()).unwrap_or(u32::MAX);
        let mut members = Vec::new();
        while let Some(group) = self.stack.pop() {
            self.on_stack[group as usize] = false;
            self.component[group as usize] = number;
            members.push(group);
            if group == root {
                break;
            }
        }
        self.order.push(members);
    }
}
