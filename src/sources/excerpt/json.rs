//! Values of JSON files, with their pointers.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::spelling::Spelling;
use super::{Field, Finder, Hit, Lined, Rank, Want, find, lines_of};

/// How deep containers are told apart; what is deeper counts as one.
const DEPTH: usize = 128;

/// Longest key that a pointer names whole.
const KEY: usize = 1 << 10;

/// How many times a value is looked for inside another; then only equal ones count.
const SEARCHES: usize = 1 << 20;

/// A scanner that knows where it stands between two blocks.
#[derive(Debug)]
pub(super) struct Values {
    frames: Vec<Frame>,
    /// Containers open beyond [`DEPTH`].
    deeper: usize,
    /// What is wanted of records that are still open.
    open: Vec<Open>,
    searches: usize,
}

impl Default for Values {
    fn default() -> Self {
        Self { frames: Vec::new(), deeper: 0, open: Vec::new(), searches: SEARCHES }
    }
}

/// An open container.
#[derive(Debug)]
struct Frame {
    object: bool,
    /// Number of the element, in an array.
    index: u64,
    /// The key as written, in an object.
    key: Vec<u8>,
    /// A string that comes next is a key.
    key_next: bool,
}

/// What is wanted of one line; it may stand until the value that begins there ends.
#[derive(Debug, Clone)]
struct Open {
    line: u32,
    depth: usize,
    wants: Range<usize>,
    /// The value has ended; only what stands on the same line still counts.
    ended: bool,
}

/// One block while it is scanned.
struct Scan<'b, 'w> {
    bytes: &'b [u8],
    at: usize,
    line: u32,
    wants: &'w [Want],
    first: usize,
    /// The next want whose line was not reached.
    next: usize,
    by_value: FxHashMap<&'w str, Vec<usize>>,
    hits: Vec<Hit>,
    /// Pointers of the lines wanted, by index of the want.
    lines: Vec<(usize, String)>,
    /// The best hit of each want so far.
    best: Vec<Option<Rank>>,
}

impl Finder for Values {
    fn scan(&mut self, block: &Lined<'_>, wants: &[Want], first: usize) -> Vec<Hit> {
        let first_line = block.first_line();
        let mut by_value: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for (index, want) in
            wants.iter().enumerate().filter(|(_, want)| !want.mark.value.is_empty())
        {
            by_value.entry(&want.mark.value).or_default().push(index);
        }
        let mut scan = Scan {
            bytes: block.bytes(),
            at: 0,
            line: first_line,
            wants,
            first,
            next: 0,
            by_value,
            hits: Vec::new(),
            lines: Vec::new(),
            best: vec![None; wants.len()],
        };
        // A line that began in the block before goes on: what is wanted of it is wanted here, too.
        self.open.retain(|open| open.line >= first_line);
        for open in &mut self.open {
            let lines = |line: u32| wants.partition_point(|want| want.line < line);
            open.wants = lines(open.line)..lines(open.line.saturating_add(1));
            scan.next = scan.next.max(open.wants.end);
        }
        self.run(&mut scan);
        let mut hits = lines_of(block, wants, first);
        for (want, pointer) in scan.lines {
            if let Some(hit) = hits.get_mut(want - first) {
                hit.field = Some(Field::Pointer(pointer));
            }
        }
        hits.append(&mut scan.hits);
        hits
    }
}

impl Values {
    fn run(&mut self, scan: &mut Scan<'_, '_>) {
        while let Some(&byte) = scan.bytes.get(scan.at) {
            match byte {
                b'\n' => {
                    scan.line = scan.line.saturating_add(1);
                    scan.at += 1;
                }
                b' ' | b'\t' | b'\r' => scan.at += 1,
                b':' => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.key_next = false;
                    }
                    scan.at += 1;
                }
                b',' => self.comma(scan),
                b'{' | b'[' => self.open(scan, byte == b'{'),
                b'}' | b']' => self.close(scan),
                b'"' => self.string(scan),
                _ => self.scalar(scan),
            }
        }
    }

    fn comma(&mut self, scan: &mut Scan<'_, '_>) {
        scan.at += 1;
        if self.deeper > 0 {
            return;
        }
        self.end_values(scan.line);
        if let Some(frame) = self.frames.last_mut() {
            frame.index += 1;
            frame.key_next = frame.object;
        }
    }

    fn open(&mut self, scan: &mut Scan<'_, '_>, object: bool) {
        self.begin(scan);
        scan.at += 1;
        if self.frames.len() >= DEPTH {
            self.deeper += 1;
            return;
        }
        self.frames.push(Frame { object, index: 0, key: Vec::new(), key_next: object });
    }

    fn close(&mut self, scan: &mut Scan<'_, '_>) {
        scan.at += 1;
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        self.end_values(scan.line);
        self.frames.pop();
        for open in &mut self.open {
            open.depth = open.depth.min(self.frames.len());
        }
    }

    /// A value of the innermost container ends here.
    fn end_values(&mut self, line: u32) {
        let depth = self.frames.len();
        self.open.retain(|open| open.depth < depth || open.line == line);
        for open in self.open.iter_mut().filter(|open| open.depth >= depth) {
            open.ended = true;
        }
    }

    fn string(&mut self, scan: &mut Scan<'_, '_>) {
        self.begin(scan);
        let start = scan.at + 1;
        let (end, behind) = string_end(scan.bytes, start);
        let raw = scan.bytes.get(start..end).unwrap_or_default();
        scan.at = behind;
        let is_key = self.frames.last().is_some_and(|frame| frame.key_next) && self.deeper == 0;
        if is_key {
            if let Some(frame) = self.frames.last_mut() {
                frame.key.clear();
                frame.key.extend_from_slice(raw.get(..KEY).unwrap_or(raw));
            }
            return;
        }
        self.value(scan, start..end, Spelling::JsonString);
    }

    fn scalar(&mut self, scan: &mut Scan<'_, '_>) {
        self.begin(scan);
        let rest = scan.bytes.get(scan.at..).unwrap_or_default();
        let end =
            rest.iter().position(|byte| b"{}[],:\" \t\r\n".contains(byte)).unwrap_or(rest.len());
        let range = scan.at..scan.at + end.max(1);
        scan.at = range.end;
        self.value(scan, range, Spelling::Plain);
    }

    /// Something begins: whatever is wanted of its line may stand in it.
    fn begin(&mut self, scan: &mut Scan<'_, '_>) {
        let depth = self.frames.len();
        self.open.retain(|open| open.line == scan.line || (!open.ended && depth > 0));
        for open in &mut self.open {
            open.ended = false;
        }
        let begun = scan.next;
        while let Some(want) = scan.wants.get(scan.next).filter(|want| want.line <= scan.line) {
            if want.line == scan.line {
                let pointer = self.pointer_of_next(scan);
                scan.lines.push((scan.first + scan.next, pointer));
            }
            scan.next += 1;
        }
        let here = |want: &Want| want.line < scan.line;
        let passed = scan.wants.get(begun..scan.next).unwrap_or_default().partition_point(here);
        if begun + passed < scan.next {
            let (line, wants) = (scan.line, begun + passed..scan.next);
            self.open.push(Open { line, depth, wants, ended: false });
        }
    }

    /// The pointer of what begins at the scanner: in an object, of the member whose key it is.
    fn pointer_of_next(&self, scan: &Scan<'_, '_>) -> String {
        let Some(frame) = self.frames.last().filter(|frame| frame.key_next) else {
            return self.pointer();
        };
        debug_assert!(frame.object, "keys stand in objects");
        let (above, _) = self.frames.split_at(self.frames.len().saturating_sub(1));
        let (end, _) = string_end(scan.bytes, scan.at + 1);
        let key = scan.bytes.get(scan.at + 1..end).unwrap_or_default();
        let mut pointer = pointer(above);
        step(&mut pointer, key.get(..KEY).unwrap_or(key));
        pointer
    }

    fn pointer(&self) -> String {
        pointer(&self.frames)
    }

    fn value(&mut self, scan: &mut Scan<'_, '_>, range: Range<usize>, spelling: Spelling) {
        if self.open.is_empty() {
            return;
        }
        let raw = scan.bytes.get(range.clone()).unwrap_or_default();
        let value = spelling.read(raw);
        let equal = scan.by_value.get(&*value).cloned().unwrap_or_default();
        for index in equal {
            let wanted = self.open.iter().any(|open| open.wants.contains(&index));
            if wanted && scan.best.get(index) != Some(&Some(Rank::Whole)) {
                self.hit(scan, index, &range, spelling);
            }
        }
        for open in self.open.clone() {
            for index in open.wants {
                if self.searches == 0 {
                    return;
                }
                self.searches -= 1;
                let shortest = scan.wants.get(index).map_or(0, |want| want.mark.value.len());
                if scan.best.get(index) == Some(&None) && shortest < value.len() {
                    self.hit(scan, index, &range, spelling);
                }
            }
        }
    }

    fn hit(&self, scan: &mut Scan<'_, '_>, index: usize, range: &Range<usize>, spelling: Spelling) {
        let Some(want) = scan.wants.get(index) else { return };
        let raw = scan.bytes.get(range.clone()).unwrap_or_default();
        let Some((rank, found)) = find(raw, spelling, &want.mark) else { return };
        if let Some(best) = scan.best.get_mut(index) {
            *best = Some(rank);
        }
        scan.hits.push(Hit {
            want: scan.first + index,
            span: range.start + found.start..range.start + found.end,
            rank,
            field: Some(Field::Pointer(self.pointer())),
            decoded: None,
        });
    }
}

/// Where a string that begins at `start` ends, and where the text behind its closing quote begins. A line
/// end ends it, too: none may stand in it.
fn string_end(bytes: &[u8], start: usize) -> (usize, usize) {
    let mut at = start;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(found) = memchr::memchr3(b'"', b'\\', b'\n', rest) else {
            return (bytes.len(), bytes.len());
        };
        at += found;
        match rest.get(found) {
            Some(b'"') => return (at, at + 1),
            Some(b'\n') => return (at, at),
            _ => at = (at + 2).min(bytes.len()),
        }
    }
}

fn pointer(frames: &[Frame]) -> String {
    let mut out = String::new();
    for frame in frames {
        if frame.object {
            step(&mut out, &frame.key);
        } else {
            out.push('/');
            out.push_str(&frame.index.to_string());
        }
    }
    out
}

fn step(pointer: &mut String, key: &[u8]) {
    pointer.push('/');
    let key = Spelling::JsonString.read(key);
    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
}
