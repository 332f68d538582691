//! How wide the screen is.

use std::io::{self, IsTerminal as _};

use crate::report::wrap::Width;

/// The widest that text is laid out: longer lines are hard to read.
const WIDEST: usize = 120;

/// The narrowest: below that a terminal may break lines as it likes.
const NARROWEST: usize = 40;

/// The width of standard output: `COLUMNS`, else the terminal's; nothing wraps where it is no terminal.
pub(super) fn width() -> Width {
    if !io::stdout().is_terminal() {
        return Width::NONE;
    }
    #[expect(clippy::disallowed_methods, reason = "this is where the terminal is asked")]
    let stated = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    let asked = || Some(usize::from(terminal_size::terminal_size_of(io::stdout())?.0.0));
    let columns = stated.or_else(asked).filter(|&columns| columns > 0);
    Width(Some(columns.unwrap_or(80).clamp(NARROWEST, WIDEST)))
}
