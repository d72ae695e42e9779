//! Circles in directed graphs, for everything in the language that may not, or may only with care, contain itself.
//!
//! Nodes are numbers. Nothing here recurses: chains may be as long as files are large.

/// The strongly connected components, each after all those it has edges into (Tarjan's algorithm with its own stack).
pub(super) fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search { edges, order: vec![usize::MAX; edges.len()], low: vec![0; edges.len()], ..Search::default() };
    for node in 0..edges.len() {
        if search.order[node] == usize::MAX {
            search.from(node);
        }
    }
    search.found
}

#[derive(Default)]
struct Search<'a> {
    edges: &'a [Vec<usize>],
    /// When each node was entered; `usize::MAX` before, and when its component is complete `low` is `usize::MAX`.
    order: Vec<usize>,
    low: Vec<usize>,
    entered: usize,
    open: Vec<usize>,
    /// The path from the start: a node and how many of its edges have been followed.
    path: Vec<(usize, usize)>,
    found: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn from(&mut self, start: usize) {
        self.enter(start);
        while let Some((node, followed)) = self.path.last_mut() {
            let node = *node;
            if let Some(next) = self.edges[node].get(*followed).copied() {
                *followed += 1;
                if self.order[next] == usize::MAX {
                    self.enter(next);
                } else if self.low[next] != usize::MAX {
                    self.low[node] = self.low[node].min(self.order[next]);
                }
                continue;
            }
            self.path.pop();
            let low = self.low[node];
            if low == self.order[node] {
                self.close(node);
            } else if let Some((parent, _)) = self.path.last() {
                self.low[*parent] = self.low[*parent].min(low);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.order[node] = self.entered;
        self.low[node] = self.entered;
        self.entered += 1;
        self.open.push(node);
        self.path.push((node, 0));
    }

    fn close(&mut self, root: usize) {
        let start = self.open.iter().rposition(|node| *node == root).unwrap_or(0);
        let mut component = self.open.split_off(start);
        for node in &component {
            self.low[*node] = usize::MAX;
        }
        component.sort_unstable();
        self.found.push(component);
    }
}

/// Whether a component holds a circle: a single node does only where it has an edge into itself.
pub(super) fn is_circle(component: &[usize], edges: &[Vec<usize>]) -> bool {
    component.len() > 1 || edges[component[0]].contains(&component[0])
}

/// A shortest circle through the first node of a component that has one: `[a, b, c]` for a → b → c → a.
pub(super) fn circle(component: &[usize], edges: &[Vec<usize>]) -> Vec<usize> {
    let start = component[0];
    let inside: std::collections::HashSet<usize> = component.iter().copied().collect();
    let mut came_from = std::collections::HashMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for next in edges[node].iter().copied().filter(|next| inside.contains(next)) {
            if next == start {
                let mut path = vec![node];
                while path[path.len() - 1] != start {
                    path.push(came_from[&path[path.len() - 1]]);
                }
                path.reverse();
                return path;
            }
            if let std::collections::hash_map::Entry::Vacant(entry) = came_from.entry(next) {
                entry.insert(node);
                queue.push_back(next);
            }
        }
    }
    vec![start]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_come_after_what_they_lead_to() {
        let edges = vec![vec![1], vec![2, 3], vec![1], vec![], vec![4]];
        assert_eq!(components(&edges), [vec![3], vec![1, 2], vec![0], vec![4]]);
        assert!(is_circle(&[4], &edges) && !is_circle(&[3], &edges));
        assert_eq!(circle(&[1, 2], &edges), [1, 2]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let edges: Vec<Vec<usize>> = (0..100_000).map(|node| if node == 99_999 { vec![0] } else { vec![node + 1] }).collect();
        let found = components(&edges);
        assert_eq!(found.len(), 1);
        assert_eq!(circle(&found[0], &edges).len(), 100_000);
    }
}
