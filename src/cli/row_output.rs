//! Standard output of every user's rows, which are many.

use std::io::{self, Write};

/// Where rows go: room on the disk is set aside for what a file takes, where the system can.
pub(super) fn row_output() -> Box<dyn Write + Send> {
    #[cfg(target_os = "linux")]
    if let Some(file) = linux::RowFile::of_standard_output() {
        return Box::new(file);
    }
    Box::new(io::stdout())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io::{self, IoSlice, Seek, Write};
    use std::os::fd::AsFd;

    use rustix::fs::{FallocateFlags, OFlags, fallocate, fcntl_getfl};

    /// Room is set aside for texts of at least so many bytes.
    const LARGE: u64 = 1 << 20;

    /// What is written at once of several texts, at most: for more the system looks for larger pieces of
    /// memory, which takes it longer than it saves.
    const AT_ONCE: usize = 768 << 10;

    /// A file that is written from where it stands.
    pub(super) struct RowFile {
        file: File,
        /// Where the next text goes.
        at: u64,
        /// Up to where room is set aside; the largest number where that cannot be done.
        room: u64,
    }

    impl RowFile {
        /// Standard output, where it is a file.
        pub(super) fn of_standard_output() -> Option<Self> {
            Self::new(File::from(io::stdout().as_fd().try_clone_to_owned().ok()?))
        }

        fn new(mut file: File) -> Option<Self> {
            let about = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
            let appends = fcntl_getfl(&file).ok()?.contains(OFlags::APPEND);
            let at = if appends { about.len() } else { file.stream_position().ok()? };
            Some(Self { file, at, room: 0 })
        }

        /// Sets room aside for so many bytes. Found block by block, while they are written, it takes the
        /// system nearly as long as the copying does. The file gets no longer by it.
        fn set_aside(&mut self, bytes: u64) {
            let (from, end) = (self.room.max(self.at), self.at.saturating_add(bytes));
            if bytes < LARGE || end <= from {
                return;
            }
            let set_aside = fallocate(&self.file, FallocateFlags::KEEP_SIZE, from, end - from);
            self.room = if set_aside.is_ok() { end } else { u64::MAX };
        }
    }

    impl Write for RowFile {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.write_vectored(&[IoSlice::new(text)])
        }

        fn write_vectored(&mut self, texts: &[IoSlice<'_>]) -> io::Result<usize> {
            self.set_aside(texts.iter().map(|text| text.len() as u64).sum());
            let mut bytes = 0;
            let more = texts.iter().take_while(|text| {
                bytes += text.len();
                bytes <= AT_ONCE
            });
            let at_once = texts.get(..more.count().max(1)).unwrap_or(texts);
            let written = self.file.write_vectored(at_once)?;
            self.at += written as u64;
            Ok(written)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[cfg(test)]
    #[expect(clippy::disallowed_methods, reason = "files are made here to be written to")]
    mod tests {
        use std::fs::OpenOptions;
        use std::io::{Read, SeekFrom};

        use super::*;

        fn write_all(out: &mut RowFile, texts: &[Vec<u8>]) {
            let mut slices: Vec<IoSlice<'_>> =
                texts.iter().map(|text| IoSlice::new(text)).collect();
            let mut rest = slices.as_mut_slice();
            while !rest.is_empty() {
                let written = out.write_vectored(rest).unwrap();
                IoSlice::advance_slices(&mut rest, written);
            }
        }

        /// Four texts of more than is written at once.
        fn texts() -> Vec<Vec<u8>> {
            (0..4_u8).map(|at| vec![b'a' + at; 500_000]).collect()
        }

        #[test]
        fn a_file_gets_what_is_written_and_is_no_longer_than_that() {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(b"before\n").unwrap();
            let mut out = RowFile::new(file.try_clone().unwrap()).unwrap();
            write_all(&mut out, &texts());
            assert!(out.room == 2_000_007 || out.room == u64::MAX, "{}", out.room);
            out.write_all(b"small").unwrap();
            assert_eq!(out.at, 2_000_012);
            let mut got = Vec::new();
            file.seek(SeekFrom::Start(0)).unwrap();
            file.read_to_end(&mut got).unwrap();
            assert!(got == [b"before\n", texts().concat().as_slice(), b"small"].concat());
        }

        #[test]
        fn what_is_appended_goes_to_the_end() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("rows.csv");
            std::fs::write(&path, "before\n").unwrap();
            let file = OpenOptions::new().append(true).open(&path).unwrap();
            let mut out = RowFile::new(file).unwrap();
            assert_eq!(out.at, 7);
            write_all(&mut out, &texts());
            assert!(
                std::fs::read(&path).unwrap()
                    == [b"before\n", texts().concat().as_slice()].concat()
            );
        }

        #[test]
        fn a_device_and_a_pipe_are_no_files() {
            assert!(RowFile::new(File::create("/dev/null").unwrap()).is_none());
            let (_reader, writer) = io::pipe().unwrap();
            assert!(RowFile::new(File::from(std::os::fd::OwnedFd::from(writer))).is_none());
        }
    }
}
