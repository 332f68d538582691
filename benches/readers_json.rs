//! Okta and AWS readers in MB/s on one thread, beside `serde_json` borrowing from the same bytes.

#![expect(clippy::unwrap_used, reason = "bench code")]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rolecall::sources::aws;
use rolecall::sources::batch::{Batch, RecordReader};
use rolecall::sources::blocks::{Blocks, Supply as _};
use rolecall::sources::input::{Format, SourceOptions};
use rolecall::sources::json::JsonElements;
use rolecall::sources::keys::{KeySpace, Keys};
use rolecall::sources::okta::{MembersReader, UsersReader};
use serde::Deserialize;

const USERS: u32 = 20_000;

fn user_id(n: u32) -> String {
    format!("00u{:012}0x7{:02}", u64::from(n) * 7_919 % 1_000_000_007, n % 100)
}

/// Groups of 1 to 400 members, one object a line.
fn members() -> String {
    let mut text = String::new();
    for group in 0..1_000_u32 {
        let count = group * 37 % 400 + 1;
        let users: Vec<String> = (0..count)
            .map(|n| format!("\"{}\"", user_id((group * 131 + n * 17) % USERS)))
            .collect();
        let users = users.join(",");
        writeln!(text, "{{\"groupId\":\"00g{group:015}d7\",\"users\":[{users}],\"groups\":[]}}")
            .unwrap();
    }
    text
}

fn users() -> String {
    let mut text = String::new();
    for n in 0..USERS {
        let id = user_id(n);
        writeln!(text, "{{\"id\":\"{id}\",\"status\":\"ACTIVE\",\"created\":\"2021-03-04T05:06:07.000Z\",\"profile\":{{\"login\":\"some.body{n}@corp.example\",\"firstName\":\"some\",\"lastName\":\"body{n}\",\"email\":\"some.body{n}@corp.example\"}}}}").unwrap();
    }
    text
}

/// An account's authorization details, indented the way the AWS CLI writes them.
fn details(roles: u32) -> String {
    let role = |n: u32| {
        serde_json::json!({
            "Path": "/", "RoleName": format!("Role{n}"), "RoleId": "AROAXMNYVNUD4HCDJOKFB",
            "Arn": format!("arn:aws:iam::123456789012:role/Role{n}"),
            "CreateDate": "2019-09-15T08:00:00+00:00",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow",
                "Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/OKTA"},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
            }]},
            "InstanceProfileList": [], "RolePolicyList": [],
            "AttachedManagedPolicies": [
                {"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
            ],
            "Tags": [], "RoleLastUsed": {}
        })
    };
    let list: Vec<_> = (0..roles).map(role).collect();
    let page = serde_json::json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": list, "Policies": []});
    serde_json::to_string_pretty(&page).unwrap()
}

/// Reads a whole text in blocks, whose memory is used again as when files are read; how many problems there
/// were.
fn read(text: &str, reader: &impl RecordReader, keys: &Keys) -> usize {
    let (mut problems, mut batch) = (0, Batch::new(keys));
    let mut blocks = Blocks::new(text.as_bytes(), JsonElements::new(), 1);
    while let Some(block) = blocks.next() {
        let block = block.unwrap();
        reader.read(&block, &mut batch);
        problems += black_box(&batch).problem_count();
        batch.clear();
        blocks.give_back(block);
    }
    problems
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only parsed")]
struct SerdeMembers<'a> {
    #[serde(rename = "groupId")]
    group_id: &'a str,
    #[serde(borrow)]
    users: Vec<&'a str>,
    #[serde(borrow)]
    groups: Vec<&'a str>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only parsed")]
struct SerdeUser<'a> {
    id: &'a str,
    status: &'a str,
    #[serde(borrow)]
    profile: SerdeProfile<'a>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only parsed")]
struct SerdeProfile<'a> {
    login: &'a str,
    email: &'a str,
}

fn okta(c: &mut Criterion) {
    let (members, users) = (members(), users());
    let array = format!("[{}]", users.trim_end().replace('\n', ","));
    let empty = Keys::default();
    let mut known = Keys::default();
    for n in 0..USERS {
        known.intern(KeySpace::OktaId, user_id(n).as_bytes()).unwrap();
    }
    let mut group = c.benchmark_group("okta members");
    group.throughput(Throughput::Bytes(members.len() as u64));
    let reader = MembersReader::default();
    group.bench_function("serde_json borrowed", |b| {
        b.iter(|| {
            for line in members.lines() {
                black_box(serde_json::from_slice::<SerdeMembers<'_>>(line.as_bytes()).unwrap());
            }
        });
    });
    group.bench_function("rolecall, keys known", |b| b.iter(|| read(&members, &reader, &known)));
    group.bench_function("rolecall, keys new", |b| b.iter(|| read(&members, &reader, &empty)));
    group.finish();
    let mut group = c.benchmark_group("okta users");
    group.throughput(Throughput::Bytes(users.len() as u64));
    group.bench_function("serde_json borrowed", |b| {
        b.iter(|| {
            for line in users.lines() {
                black_box(serde_json::from_slice::<SerdeUser<'_>>(line.as_bytes()).unwrap());
            }
        });
    });
    group.bench_function("rolecall, JSON Lines", |b| b.iter(|| read(&users, &UsersReader, &empty)));
    group.bench_function("rolecall, one line", |b| b.iter(|| read(&array, &UsersReader, &empty)));
    group.finish();
}

fn iam(c: &mut Criterion) {
    let text = details(20);
    let options = SourceOptions::default();
    let mut group = c.benchmark_group("iam authorization-details");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("serde_json Value", |b| {
        b.iter(|| black_box(serde_json::from_str::<serde_json::Value>(&text).unwrap()));
    });
    group.bench_function("rolecall", |b| {
        b.iter(|| {
            black_box(aws::read(
                Format::AuthorizationDetails,
                text.as_bytes(),
                "123456789012.json",
                &options,
            ))
        });
    });
    group.bench_function("rolecall, as usual", |b| {
        b.iter(|| {
            let format = Format::AuthorizationDetails;
            let part = aws::read_usual(format, text.as_bytes(), "123456789012.json", &options, 128);
            black_box(part.unwrap())
        });
    });
    group.finish();
}

criterion_group!(benches, okta, iam);
criterion_main!(benches);
