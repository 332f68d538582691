use proptest::prelude::*;

use super::*;

/// Files by name, format and text, with what their places are.
struct World {
    files: Vec<(&'static str, Format, Vec<u8>)>,
    options: SourceOptions,
}

impl World {
    fn of(files: &[(&'static str, Format, &str)]) -> Self {
        let own = |&(name, format, text): &(&'static str, Format, &str)| {
            (name, format, text.as_bytes().to_vec())
        };
        Self { files: files.iter().map(own).collect(), options: SourceOptions::default() }
    }

    /// The plan for hints that stand on lines of files, and each file as it would be.
    fn plan(&self, hints: &[(&str, u32, FixHint)]) -> (Plan, Vec<String>) {
        let mut sources = SourceMap::default();
        let mut next = 0;
        let mut ids = Vec::new();
        for (name, _, bytes) in &self.files {
            ids.push((*name, sources.add((*name).to_owned(), next)));
            next += u32::try_from(bytes.len()).unwrap() + 2;
        }
        let own: Vec<OwnFile<'_>> = self
            .files
            .iter()
            .filter(|(_, format, _)| !format.is_export())
            .map(|(name, format, bytes)| OwnFile {
                name,
                format: *format,
                options: &self.options,
                bytes,
            })
            .collect();
        let placed: Vec<(Place, FixHint)> = hints
            .iter()
            .map(|(name, line, hint)| {
                let id = ids.iter().find(|(known, _)| known == name).unwrap().1;
                let place = sources.place(id, *line);
                let mut hint = hint.clone();
                match &mut hint {
                    FixHint::SetSetting { at, .. } | FixHint::ReplaceInPolicy { at, .. } => {
                        *at = place;
                    }
                    FixHint::RenameGroup { .. } | FixHint::ProposeName { .. } => {}
                }
                (place, hint)
            })
            .collect();
        let wishes: Vec<Wish<'_>> =
            placed.iter().map(|(place, hint)| Wish { place: *place, hint }).collect();
        let plan = plan(&wishes, &own, &sources, &|name| name == "taken");
        let after = self.files.iter().map(|(name, _, bytes)| {
            let edited = plan.files.iter().find(|file| file.name == *name);
            String::from_utf8(apply(bytes, edited.map_or(&[], |file| &file.edits))).unwrap()
        });
        let after = after.collect();
        (plan, after)
    }
}

fn rename(from: &str, to: &str) -> FixHint {
    FixHint::RenameGroup { from: from.to_owned(), to: to.to_owned() }
}

fn set(setting: &'static str, from: &str, to: &str) -> FixHint {
    FixHint::SetSetting { setting, at: Place::NOWHERE, from: from.to_owned(), to: to.to_owned() }
}

#[test]
fn a_rename_changes_every_cell_that_names_the_group_and_nothing_else() {
    let edges = "\u{feff}group,member,member_type\r\na b,c,user\r\n\"a b\",d,user\r\nx,a b,group\r\nx,a b,user\r\nx,a b c,user";
    let world = World::of(&[
        ("edges.csv", Format::EdgeCsv, edges),
        ("groups.csv", Format::GroupsCsv, "source,group\nokta,a b\n"),
    ]);
    let (plan, after) = world.plan(&[("edges.csv", 2, rename("a b", "a\",b"))]);
    assert_eq!(plan.refused, []);
    assert_eq!(
        after,
        [
            "\u{feff}group,member,member_type\r\n\"a\"\",b\",c,user\r\n\"a\"\",b\",d,user\r\nx,\"a\"\",b\",group\r\nx,a b,user\r\nx,a b c,user",
            "source,group\nokta,\"a\"\",b\"\n"
        ]
    );
    let lines: Vec<u32> = plan.files.iter().flat_map(|file| &file.edits).map(|e| e.line).collect();
    assert_eq!(lines, [2, 3, 4, 2]);
}

#[test]
fn a_rename_to_a_name_that_is_there_a_second_one_and_one_in_an_export_are_refused() {
    let world = World::of(&[
        ("edges.csv", Format::EdgeCsv, "group,member\na,b\n"),
        ("groups.ldif", Format::Ldif, "dn: cn=a\n"),
    ]);
    let (plan, _) = world.plan(&[
        ("edges.csv", 2, rename("a", "b")),
        ("edges.csv", 2, rename("a", "c")),
        ("edges.csv", 2, rename("b", "taken")),
        ("groups.ldif", 1, rename("a", "b")),
        ("edges.csv", 2, rename("gone", "here")),
    ]);
    assert_eq!(
        plan.refused,
        [(1, Refusal::Overlap), (2, Refusal::Taken), (3, Refusal::Export), (4, Refusal::NotThere)]
    );
}

#[test]
fn a_setting_is_changed_by_its_key_in_bare_settings_and_never_in_an_envelope() {
    let bare = r#" {"joinAllRoles": true,"useGroupMapping":true, "groupFilter": "a\\d\u0041", "sessionDuration": 1}"#;
    let envelope = format!(r#"{{"settings": {{"app": {bare}}}}}"#);
    let world = World::of(&[
        ("app.json", Format::OktaApp, bare),
        ("envelope.json", Format::OktaApp, &envelope),
    ]);
    let (plan, after) = world.plan(&[
        ("app.json", 1, set("joinAllRoles", "true", "false")),
        ("app.json", 1, set("groupFilter", r"a\dA", r#"^a\d"$"#)),
        ("app.json", 1, set("sessionDuration", "1", "900")),
        ("envelope.json", 1, set("joinAllRoles", "true", "false")),
        ("app.json", 1, set("useGroupMapping", "false", "true")),
    ]);
    assert_eq!(plan.refused, [(3, Refusal::Export), (4, Refusal::NotThere)]);
    assert_eq!(
        after[0],
        r#" {"joinAllRoles": false,"useGroupMapping":true, "groupFilter": "^a\\d\"$", "sessionDuration": 900}"#
    );
    assert_eq!(after[1], envelope);
}

#[test]
fn a_literal_of_code_is_changed_in_its_own_spelling() {
    let hcl = "a {\n  f = \"x\\\\d$${r}\"\n  g = false # false\n  h = true\n  i = \"x${y}\"\n}\n";
    let yaml = "A:\n  - sts:AssumeRole\n  - 'sts:AssumeRole'\n  - \"sts:AssumeRole\" # note\n  - sts:AssumeRoleWithSAML\n  - [sts:AssumeRole, sts:AssumeRole]\n";
    let world = World::of(&[
        ("a.tf", Format::TerraformSource, hcl),
        ("b.yaml", Format::CloudFormation, yaml),
    ]);
    let action = set("x", "sts:AssumeRole", "sts:X");
    let (plan, after) = world.plan(&[
        ("a.tf", 2, set("f", r"x\d${r}", r"x\w${r}$")),
        ("a.tf", 3, set("g", "false", "true")),
        ("a.tf", 4, set("h", "true", "false")),
        ("a.tf", 5, set("i", "xz", "y")),
        ("b.yaml", 2, action.clone()),
        ("b.yaml", 3, action.clone()),
        ("b.yaml", 4, action.clone()),
        ("b.yaml", 5, action.clone()),
        ("b.yaml", 6, action.clone()),
        ("b.yaml", 2, set("x", "sts:AssumeRole", "a: b")),
    ]);
    let refused = [
        (1, Refusal::Twice),
        (3, Refusal::NotThere),
        (7, Refusal::NotThere),
        (8, Refusal::Twice),
        (9, Refusal::Spelling),
    ];
    assert_eq!(plan.refused, refused);
    assert_eq!(
        after[0],
        "a {\n  f = \"x\\\\w$${r}$\"\n  g = false # false\n  h = false\n  i = \"x${y}\"\n}\n"
    );
    assert_eq!(
        after[1],
        "A:\n  - sts:X\n  - 'sts:X'\n  - \"sts:X\" # note\n  - sts:AssumeRoleWithSAML\n  - [sts:AssumeRole, sts:AssumeRole]\n"
    );
}

#[test]
fn two_wishes_for_one_edit_are_both_fulfilled_and_of_two_others_the_first_wins() {
    let world = World::of(&[("a.json", Format::OktaApp, r#"{"groupFilter": "a"}"#)]);
    let (plan, after) = world.plan(&[
        ("a.json", 1, set("groupFilter", "a", "b")),
        ("a.json", 1, set("groupFilter", "a", "b")),
        ("a.json", 1, set("groupFilter", "a", "c")),
    ]);
    assert_eq!(plan.files[0].edits[0].wishes, [0, 1]);
    assert_eq!(plan.refused, [(2, Refusal::Overlap)]);
    assert_eq!(after, [r#"{"groupFilter": "b"}"#]);
}

#[test]
fn a_file_in_another_encoding_is_left_alone() {
    let mut world = World::of(&[("a.csv", Format::EdgeCsv, "group,member\na,b\n")]);
    world.options.encoding = Some("windows-1252".to_owned());
    let (plan, _) = world.plan(&[("a.csv", 2, rename("a", "b"))]);
    assert_eq!(plan, Plan { files: Vec::new(), refused: vec![(0, Refusal::Encoding)] });
}

proptest! {
    #[test]
    fn no_bytes_and_no_value_make_it_panic_and_what_is_no_edit_stays(
        text in "[\u{0}-\u{ff}\"',;\r\n:{}\\[\\]a ]{0,60}",
        line in 0_u32..6,
        from in "[a\"' ,:]{0,3}",
        to in "\\PC{0,4}",
    ) {
        let formats = [
            Format::EdgeCsv,
            Format::GroupsCsv,
            Format::OktaApp,
            Format::CloudFormation,
            Format::TerraformSource,
        ];
        for format in formats {
            let text = format!("group,member\n{text}");
            let world = World::of(&[("f", format, &text)]);
            for hint in [rename(&from, &to), set("groupFilter", &from, &to)] {
                let (plan, after) = world.plan(&[("f", line, hint)]);
                let kept: usize = plan
                    .files
                    .iter()
                    .flat_map(|file| &file.edits)
                    .map(|edit| edit.written.len())
                    .sum();
                let gone: usize = plan
                    .files
                    .iter()
                    .flat_map(|file| &file.edits)
                    .map(|edit| edit.span.len())
                    .sum();
                prop_assert_eq!(after[0].len() + gone, text.len() + kept);
                if plan.files.is_empty() {
                    prop_assert_eq!(&after[0], &text);
                }
            }
        }
    }
}
