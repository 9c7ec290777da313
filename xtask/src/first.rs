//! Finds out which functions run when the page opens, and writes their list: the input of [`crate::split`].

use crate::{Outcome, root, run, setup, site, step};
use std::fs;
use std::process::Command;

/// Builds programs that say what runs, opens the page with them, writes the lists, and builds what people load.
pub fn first() -> Outcome<()> {
    site::build("./", site::Kind::Watched)?;
    setup::node_packages()?;
    let chromium = setup::chromium()?;
    step("Watching the page open", || {
        run(
            Command::new("node").arg("tests/e2e/watch.mjs").env("CHROME", chromium).current_dir(root()),
            "The lines above say why.",
        )
    })?;
    for (program, _) in site::PROGRAMS {
        let read = |name: String| fs::read_to_string(root().join("target/first").join(name));
        let all = read(program.to_owned()).map_err(|it| it.to_string())?;
        let ran = read(format!("{program}.ran")).map_err(|it| it.to_string())?;
        let all: Vec<&str> = all.lines().collect();
        let mut lines: Vec<&str> =
            ran.split_whitespace().filter_map(|it| all.get(it.parse::<usize>().ok()?)).copied().collect();
        lines.sort_unstable();
        lines.dedup();
        let list = site::list_of_first(program);
        println!("  {program}: {} functions run when the page opens", lines.len());
        fs::write(&list, lines.join("\n") + "\n").map_err(|it| format!("{}: {it}", list.display()))?;
    }
    site::build("./", site::Kind::Release)
}
