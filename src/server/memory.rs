//! How much memory the system lets this process have. It measures nothing of what is used.

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = "/sys/fs/cgroup";

/// The least `memory.max` of the process's control group and those around it (cgroups(7), version 2), in bytes; `None` where
/// none of them has one.
pub(super) fn allowed() -> Option<usize> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    least(Path::new(ROOT), group)
}

fn least(root: &Path, group: &str) -> Option<usize> {
    let innermost: PathBuf = root.join(group);
    let groups = innermost.ancestors().take_while(|path| path.starts_with(root));
    // "max" stands for none.
    groups.filter_map(|path| fs::read_to_string(path.join("memory.max")).ok()?.trim().parse().ok()).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_group_counts() {
        let root = std::env::temp_dir().join(format!("farthing-cgroup-{}", std::process::id()));
        let inner = root.join("a/b");
        fs::create_dir_all(&inner).unwrap();
        assert_eq!(least(&root, "a/b"), None);
        fs::write(inner.join("memory.max"), "max\n").unwrap();
        assert_eq!(least(&root, "a/b"), None);
        fs::write(root.join("a/memory.max"), "1048576\n").unwrap();
        fs::write(inner.join("memory.max"), "4194304\n").unwrap();
        assert_eq!(least(&root, "a/b"), Some(1 << 20));
        assert_eq!(least(&root, ""), None);
        fs::remove_dir_all(root).unwrap();
    }
}
