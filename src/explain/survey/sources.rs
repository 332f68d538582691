//! Files of a folder as the sources of a configuration: many of one kind become one pattern.

use std::collections::BTreeMap;

use crate::sources::input::Format;

/// Fewest files that become one pattern.
const MANY: usize = 3;

/// A file of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path relative to the folder, parts joined by `/`.
    pub path: String,
    /// The format it is read as; `None` where it is no export known here.
    pub format: Option<Format>,
    /// Its encoding, where it is another than plain UTF-8.
    pub encoding: Option<&'static str>,
    /// What was wrong with it as a whole, so that it needs an option of its own.
    pub problem: Option<String>,
}

/// One `[[source]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// A file, or a pattern with `*` in its last part.
    pub path: String,
    /// How many files of each format it stands for.
    pub formats: BTreeMap<Format, usize>,
    /// The encoding of all of them, where it is another than plain UTF-8.
    pub encoding: Option<&'static str>,
    /// What was wrong with the file.
    pub problem: Option<String>,
}

/// The sources that name every export and nothing else.
pub fn entries(files: &[File]) -> Vec<Entry> {
    let mut groups: BTreeMap<(&str, &str), Vec<&File>> = BTreeMap::new();
    for file in files {
        groups.entry(place_of(&file.path)).or_default().push(file);
    }
    let mut entries: Vec<Entry> = groups
        .into_iter()
        .flat_map(|((folder, extension), files)| match pattern(folder, extension, &files) {
            Some(path) => vec![entry(path, &files)],
            None => files
                .iter()
                .filter(|file| file.format.is_some())
                .map(|file| entry(file.path.clone(), &[file]))
                .collect(),
        })
        .collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

/// Folder and extension of a path.
fn place_of(path: &str) -> (&str, &str) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    (folder, name.rsplit_once('.').map_or("", |(_, extension)| extension))
}

/// The pattern for all files of one folder and extension, where each is an export without options of its
/// own.
fn pattern(folder: &str, extension: &str, files: &[&File]) -> Option<String> {
    let encoding = files.first()?.encoding;
    let plain =
        |file: &&File| file.format.is_some() && file.problem.is_none() && file.encoding == encoding;
    if files.len() < MANY
        || extension.is_empty()
        || folder.contains('*')
        || !files.iter().all(plain)
    {
        return None;
    }
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    Some(format!("{folder}*.{extension}"))
}

fn entry(path: String, files: &[&File]) -> Entry {
    let mut formats = BTreeMap::new();
    for format in files.iter().filter_map(|file| file.format) {
        *formats.entry(format).or_default() += 1;
    }
    let problem = files.iter().find_map(|file| file.problem.clone());
    let encoding = files.first().and_then(|file| file.encoding);
    Entry { path, formats, encoding, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, format: Option<Format>) -> File {
        File { path: path.to_owned(), format, encoding: None, problem: None }
    }

    fn paths(files: &[File]) -> Vec<String> {
        entries(files).into_iter().map(|entry| entry.path).collect()
    }

    #[test]
    fn many_exports_of_a_folder_become_one_pattern() {
        let files: Vec<File> = (0..400)
            .map(|n| file(&format!("iam/{n:012}.json"), Some(Format::ListRoles)))
            .chain([file("users.csv", Some(Format::UsersCsv))])
            .collect();
        assert_eq!(paths(&files), ["iam/*.json", "users.csv"]);
        assert_eq!(entries(&files)[0].formats, [(Format::ListRoles, 400)].into());
    }

    #[test]
    fn a_pattern_never_takes_in_what_is_no_export_or_needs_an_option() {
        let roles = |name: &str| file(name, Some(Format::ListRoles));
        let mut files = vec![roles("a.json"), roles("b.json"), roles("c.json")];
        files.push(file("notes.json", None));
        assert_eq!(paths(&files), ["a.json", "b.json", "c.json"]);
        files.pop();
        files[1].problem = Some("nothing says which account this is of".to_owned());
        assert_eq!(paths(&files), ["a.json", "b.json", "c.json"]);
        assert!(entries(&files)[1].problem.is_some());
        files[1].problem = None;
        files[1].encoding = Some("utf-16le");
        assert_eq!(paths(&files), ["a.json", "b.json", "c.json"]);
        files[1].encoding = None;
        assert_eq!(paths(&files), ["*.json"]);
    }

    #[test]
    fn two_files_and_files_without_extension_are_named_one_by_one() {
        let users = |name: &str| file(name, Some(Format::UsersCsv));
        assert_eq!(paths(&[users("a.csv"), users("b.csv")]), ["a.csv", "b.csv"]);
        assert_eq!(paths(&[users("x/a"), users("x/b"), users("x/c")]), ["x/a", "x/b", "x/c"]);
    }
}
