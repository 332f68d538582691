//! Readers of LDIF and CSV in MB/s, one thread, from memory to batches; CSV beside the `csv` crate's raw records.

#![expect(clippy::expect_used, reason = "bench code")]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rolecall::sources::batch::{Batch, RecordReader};
use rolecall::sources::blocks::{AtEmptyLine, AtUnquotedLineEnd, Block, Blocks, Supply as _};
use rolecall::sources::directory::ldif::LdifReader;
use rolecall::sources::input::{Format, SourceOptions};
use rolecall::sources::keys::{KeySpace, Keys};
use rolecall::sources::plain::PlainReader;

const USERS: usize = 50_000;
const GROUPS: usize = 5_000;
const MEMBERS: usize = 100;

/// Users, then groups whose members stand in no order; long lines are folded as ldapsearch folds them.
fn ldif() -> (String, Keys) {
    let (mut text, mut keys) = ("version: 1\n\n".to_owned(), Keys::default());
    for user in 0..USERS {
        let dn = user_dn(user);
        let _ = keys.intern(KeySpace::Dn, dn.as_bytes());
        fold(&mut text, "dn", &dn);
        let _ = write!(
            text,
            "objectClass: top\nobjectClass: person\nobjectClass: user\ncn: user.name{user}\n\
             userPrincipalName: user.name{user}@corp.example\nuserAccountControl: 512\n\n"
        );
    }
    for group in 0..GROUPS {
        let name = format!("aws#prod-payments-eu1-{group}#PowerUser#{group:012}");
        fold(&mut text, "dn", &format!("CN={name},OU=AWS Roles,OU=Groups,DC=corp,DC=example"));
        let _ = write!(
            text,
            "objectClass: top\nobjectClass: group\ncn: {name}\nsAMAccountName: {name}\n\
             groupType: -2147483646\n"
        );
        for member in 0..MEMBERS {
            let user = (group * MEMBERS + member).wrapping_mul(2_654_435_761) % USERS;
            fold(&mut text, "member", &user_dn(user));
        }
        text.push('\n');
    }
    (text, keys)
}

fn user_dn(user: usize) -> String {
    format!("CN=user.name{user},OU=Users,DC=corp,DC=example")
}

fn fold(text: &mut String, attribute: &str, value: &str) {
    let line = format!("{attribute}: {value}");
    let (first, rest) = line.split_at(line.len().min(76));
    text.push_str(first);
    for piece in rest.as_bytes().chunks(75) {
        text.push_str("\n ");
        text.push_str(&String::from_utf8_lossy(piece));
    }
    text.push('\n');
}

fn read(blocks: &[Block], keys: &Keys) -> usize {
    let reader = LdifReader::new(&SourceOptions::default());
    let (mut problems, mut batch) = (0, Batch::new(keys));
    for block in blocks {
        reader.read(block, &mut batch);
        problems += black_box(&batch).problem_count();
        batch.clear();
    }
    problems
}

fn readers(c: &mut Criterion) {
    let (text, known) = ldif();
    let blocks: Vec<Block> =
        Blocks::new(text.as_bytes(), AtEmptyLine, 1).filter_map(Result::ok).collect();
    let mut group = c.benchmark_group("ldif");
    group.throughput(Throughput::BytesDecimal(text.len() as u64)).sample_size(20);
    let unknown = Keys::default();
    group.bench_function("every name new", |b| b.iter(|| read(&blocks, &unknown)));
    group.bench_function("every user known", |b| b.iter(|| read(&blocks, &known)));
    group.finish();
}

/// Memberships of users, rows of one group together; some names are quoted.
fn memberships() -> String {
    let mut text = "group,member,member_type\n".to_owned();
    for group in 0..GROUPS {
        for member in 0..MEMBERS {
            let user = (group * MEMBERS + member).wrapping_mul(2_654_435_761) % USERS;
            let _ = match group % 10 {
                0 => write!(text, "\"sales, team {group}\""),
                _ => write!(text, "aws#prod-payments-eu1-{group}#PowerUser#{group:012}"),
            };
            let _ = writeln!(text, ",user.name{user}@corp.example,user");
        }
    }
    text
}

fn users() -> String {
    let mut text = "user,status\n".to_owned();
    for user in 0..USERS {
        let _ = writeln!(text, "user.name{user}@corp.example,ACTIVE");
    }
    text
}

/// Reads a whole CSV in blocks, whose memory is used again as when files are read; how many problems there
/// were.
fn read_csv(text: &str, format: Format, keys: &Keys) -> usize {
    let header = text.lines().next().unwrap_or_default();
    let reader = PlainReader::new(header, format, &SourceOptions::default());
    let reader = reader.expect("the header is a plain CSV's");
    let (mut problems, mut batch) = (0, Batch::new(keys));
    let mut blocks = Blocks::new(text.as_bytes(), AtUnquotedLineEnd, 1);
    while let Some(Ok(block)) = blocks.next() {
        reader.read(&block, &mut batch);
        problems += black_box(&batch).problem_count();
        batch.clear();
        blocks.give_back(block);
    }
    problems
}

/// The fields of every record, counted.
fn read_byte_records(text: &str) -> usize {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let (mut record, mut fields) = (csv::ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record).expect("it is a CSV") {
        fields += black_box(&record).len();
    }
    fields
}

fn csv_readers(c: &mut Criterion) {
    let (unknown, mut known) = (Keys::default(), Keys::default());
    for user in 0..USERS {
        let login = format!("user.name{user}@corp.example");
        let _ = known.intern(KeySpace::Login, login.as_bytes());
    }
    for (name, text, format, keys) in [
        ("csv memberships", memberships(), Format::EdgeCsv, &known),
        ("csv users", users(), Format::UsersCsv, &unknown),
    ] {
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::BytesDecimal(text.len() as u64)).sample_size(20);
        group.bench_function("rolecall", |b| b.iter(|| read_csv(&text, format, keys)));
        group.bench_function("csv ByteRecord", |b| b.iter(|| read_byte_records(&text)));
        group.finish();
    }
}

criterion_group!(benches, readers, csv_readers);
criterion_main!(benches);
