//! How far reading has come: a line on standard error, where that is a terminal and nobody wants quiet.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where the terminal and the clock are asked"
)]

use std::fs;
use std::io::{self, IsTerminal as _, Read};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::voice::{Voice, voice};
use crate::sources::input::{Input, Stream};

/// Reading that is done before this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// How it looks.
const TEMPLATE: &str = "reading exports {bar:24} {bytes} of {total_bytes}, {bytes_per_sec}";

/// The line; it goes away when this is dropped.
#[derive(Debug)]
pub(super) struct Progress(Option<Arc<Watch>>);

/// What all inputs of a run share.
#[derive(Debug)]
struct Watch {
    bar: ProgressBar,
    begun: Instant,
    shown: Once,
}

impl Progress {
    /// Watches what will be read of inputs.
    pub(super) fn of(inputs: &mut [Input]) -> Self {
        if !is_wanted() {
            return Self(None);
        }
        // An input is named as its file is; what is no file counts nothing.
        let sizes = inputs.iter().filter_map(|input| fs::metadata(&input.name).ok());
        let bar = ProgressBar::hidden();
        bar.set_length(sizes.map(|about| about.len()).sum());
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        let watch = Arc::new(Watch { bar, begun: Instant::now(), shown: Once::new() });
        for input in inputs {
            let (watch, nothing) = (Arc::clone(&watch), || Ok(Box::new(io::empty()) as Box<_>));
            let open = std::mem::replace(&mut input.open, Box::new(nothing));
            input.open = Box::new(move || {
                Ok(Box::new(Watched { inner: open()?, watch: Arc::clone(&watch) }))
            });
        }
        Self(Some(watch))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(watch) = &self.0 {
            watch.bar.finish_and_clear();
        }
    }
}

impl Watch {
    fn read(&self, bytes: usize) {
        if self.begun.elapsed() > PATIENCE {
            let show = || self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(8));
            self.shown.call_once(show);
        }
        self.bar.inc(bytes as u64);
    }
}

/// Whether somebody looks at standard error: a terminal that is no CI's log.
fn is_wanted() -> bool {
    let is_ci = std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false");
    voice() > Voice::Quiet && !is_ci && io::stderr().is_terminal()
}

/// A reader whose bytes are counted.
struct Watched {
    inner: Box<dyn Stream>,
    watch: Arc<Watch>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.watch.read(read);
        Ok(read)
    }
}

impl Stream for Watched {
    fn pass_over(&mut self, bytes: u64) -> io::Result<()> {
        self.inner.pass_over(bytes)
    }
}
