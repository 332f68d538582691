use super::base64::encoded;
use super::deflate::deflate;
use super::*;

const XML: &str = "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"r1\">~~>>>??? é</p:Response>";

fn read(bytes: &[u8]) -> Vec<Result<Capture, CaptureError>> {
    captures("x", bytes)
}

fn one(text: &str) -> Capture {
    let mut found = read(text.as_bytes());
    assert_eq!(found.len(), 1, "{text}");
    found.remove(0).unwrap()
}

fn problem(bytes: &[u8]) -> (CaptureProblem, Option<u32>) {
    let mut found = read(bytes);
    assert_eq!(found.len(), 1);
    let error = found.remove(0).unwrap_err();
    (error.problem, error.line)
}

fn escaped(text: &str) -> String {
    text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

#[test]
fn a_document_stays_as_it_is() {
    for text in [XML.to_owned(), format!("\u{feff}\n{XML}\n")] {
        let capture = one(&text);
        assert_eq!((capture.text.as_str(), capture.binding), (&*text, Binding::Document));
        assert_eq!((capture.name.as_str(), capture.base64_length), ("x", None));
        assert_eq!(capture.place(3), "x:3");
    }
}

#[test]
fn base64_a_form_an_address_and_a_page_carry_the_same_message() {
    let plain = encoded(XML.as_bytes());
    let query = escaped(&encoded(&deflate(XML.as_bytes())));
    let address = "https://signin.aws.amazon.com/saml";
    for (text, binding) in [
        (plain.clone(), Binding::Base64),
        (format!("\"{plain}\"\n"), Binding::Base64),
        (format!("SAMLResponse={}&RelayState=r", escaped(&plain)), Binding::Post),
        (format!("{address}?SAMLResponse={query}&RelayState=r"), Binding::Redirect),
        (query, Binding::Base64),
        (
            format!(
                "<!DOCTYPE html><form action='{address}'><input name=RelayState value=r><input name=SAMLResponse value=\"{plain}\"></form>"
            ),
            Binding::Page,
        ),
        (format!("{{\"SAMLResponse\": \"{plain}\", \"RelayState\": \"r\"}}"), Binding::Base64),
    ] {
        let capture = one(&text);
        assert_eq!((capture.text.as_str(), capture.binding), (XML, binding), "{text}");
        let is_alone = !text.contains("RelayState");
        assert_eq!(capture.relay_state.is_none(), is_alone, "{text}");
        assert_eq!(capture.posted_to.is_some(), text.contains(address), "{text}");
    }
}

#[test]
fn a_log_gives_its_messages_with_their_lines() {
    let text = format!(
        "12:00 debug: got assertion={} (1 kB)\n12:01 debug: nothing\n12:02 {}\n",
        encoded(XML.as_bytes()),
        encoded(XML.replace("r1", "r2").as_bytes())
    );
    let found = read(text.as_bytes());
    let names: Vec<&str> = found.iter().map(|one| one.as_ref().unwrap().name.as_str()).collect();
    assert_eq!(names, ["x, line 1", "x, line 3"]);
}

#[test]
fn what_is_no_message_says_what_it_is_and_where() {
    let base64 = |problem| CaptureProblem::Alone(problem);
    for (bytes, expected) in [
        (&b" \n"[..], (CaptureProblem::Empty, None)),
        (b"", (CaptureProblem::Empty, None)),
        (b"PGEv\nPg*=", (base64(Base64Problem::Character { found: '*', at: 7 }), Some(2))),
        (b"<html></html>", (CaptureProblem::Page, None)),
        (b"{}", (CaptureProblem::Json(JsonProblem::Foreign), Some(1))),
        (
            b"{\"log\": {\"entries\": [{}]}}",
            (CaptureProblem::Nothing { entries: 1, requests: 0 }, None),
        ),
        (
            b"SAMLResponse=REDACTED",
            (CaptureProblem::Value { name: "SAMLResponse", problem: Base64Problem::Foreign }, None),
        ),
        (b"\xff\xfe<\0a\0/\0>\0", (CaptureProblem::Encoding(EncodingProblem::Utf16), Some(1))),
        (
            b"<a>\xe9</a>",
            (CaptureProblem::Encoding(EncodingProblem::NotUtf8 { at: 4, byte: 0xe9 }), None),
        ),
    ] {
        assert_eq!(problem(bytes), expected, "{}", String::from_utf8_lossy(bytes));
    }
    let (broken, line) = problem(b"{\"log\":\n {\"entries\": [\n");
    assert_eq!(broken.to_string(), "the file ends within its JSON");
    assert_eq!(line, Some(3));
}

#[test]
fn base64_in_utf_16_as_windows_writes_it_is_read() {
    let plain = encoded(XML.as_bytes());
    let wide: Vec<u8> =
        "\u{feff}".chars().chain(plain.chars()).flat_map(|c| (c as u16).to_le_bytes()).collect();
    assert_eq!(read(&wide)[0].as_ref().unwrap().text, XML);
}

#[test]
fn a_text_at_the_limit_is_read_and_one_byte_more_is_not() {
    let limit = usize::try_from(TEXT).unwrap();
    let text = format!("{XML}{}", " ".repeat(limit - XML.len()));
    assert_eq!(one(&text).text.len(), limit);
    assert_eq!(problem(format!("{text} ").as_bytes()).0, CaptureProblem::TooLarge);
}

#[test]
fn a_file_of_as_many_messages_as_allowed_is_read_and_one_more_is_told() {
    let entries = |count: usize| {
        let one = |number: usize| {
            format!(
                "{{\"url\": \"https://a/?SAMLResponse={}\"}}",
                escaped(&encoded(format!("<a>{number}</a>").as_bytes()))
            )
        };
        let all: Vec<String> = (0..count).map(one).collect();
        format!("{{\"requests\": [{}]}}", all.join(","))
    };
    let found = read(entries(MESSAGES).as_bytes());
    assert_eq!((found.len(), found.iter().all(Result::is_ok)), (MESSAGES, true));
    let found = read(entries(MESSAGES + 2).as_bytes());
    let last = found.last().unwrap().as_ref().unwrap_err();
    assert_eq!((found.len(), &last.problem), (MESSAGES + 1, &CaptureProblem::TooMany));
}

#[test]
fn a_recording_gives_each_message_once_with_every_place_and_no_secret() {
    let plain = encoded(XML.as_bytes());
    let page = format!(
        "<form action=/saml><input name='SAMLResponse' value='{}'><input name=RelayState value='https://console.aws.test/?r'></form>",
        plain.replace('+', "&#x2b;")
    );
    let har = serde_json::json!({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": [
        {"startedDateTime": "2026-11-24T10:00:00.123Z",
         "request": {"method": "GET", "url": "https://harbour.okta.test/app?SAMLRequest=x", "headers": [{"name": "cookie", "value": "sid=canary"}]},
         "response": {"content": {"mimeType": "text/html; charset=utf-8", "text": page}}},
        {"request": {"url": "https://a.test/app.js"}, "response": {"content": {"mimeType": "text/javascript", "text": "'<input name=SAMLResponse value=' + x"}}},
        {"startedDateTime": "2026-11-24T10:00:02Z",
         "request": {"method": "POST", "url": "https://signin.aws.amazon.com/saml?token=canary",
           "postData": {"mimeType": "x", "text": format!("SAMLResponse={}", escaped(&plain)), "params": [{"name": "SAMLResponse", "value": escaped(&plain)}]}},
         "response": {"content": {"mimeType": "text/html", "encoding": "base64", "text": encoded(b"<html><input name=SAMLResponse value=''>")}}},
        {"request": {"url": 7, "postData": null}, "response": null}
    ]}})
    .to_string();
    let found = read(har.as_bytes());
    let [Ok(capture), Err(empty)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        (capture.name.as_str(), capture.also.as_slice()),
        ("x, entry 3", &["entry 1".to_owned()][..])
    );
    assert_eq!(capture.binding, Binding::Post);
    assert_eq!(capture.posted_to.as_deref(), Some("https://signin.aws.amazon.com/saml"));
    assert_eq!(capture.relay_state.as_deref(), Some("https://console.aws.test/?r"));
    assert_eq!(capture.captured_at.unwrap().to_string(), "2026-11-24T10:00:02Z");
    assert_eq!(capture.base64_length, Some(plain.len()));
    assert_eq!(capture.text, XML);
    assert_eq!(empty.name, "x, entry 3");
    assert!(!format!("{found:?}").contains("canary"));
}

#[test]
fn an_export_of_saml_tracer_is_read_in_its_shapes() {
    let plain = encoded(XML.as_bytes());
    let other = |id: &str| XML.replace("r1", id);
    let export = serde_json::json!({"timestamp": "2026-11-24T10:00:00.000Z", "requests": [
        {"method": "POST", "url": "https://signin.aws.amazon.com/saml", "requestId": "request-1",
         "requestHeaders": [{"name": "Cookie", "value": "canary"}],
         "postData": {"SAMLResponse": [plain], "RelayState": ["r"]},
         "post": [["SAMLResponse", plain], ["RelayState", "r"]], "protocol": "SAML-P", "saml": XML},
        {"method": "POST", "url": "https://a.test/acs", "postData": {"SAMLResponse": [encoded(other("r2").as_bytes())]}},
        {"method": "GET", "url": "https://a.test/acs?x", "get": [["SAMLResponse", encoded(&deflate(other("r3").as_bytes()))]]},
        {"method": "POST", "url": "https://a.test/acs", "post": [["SAMLResponse", "xxxxxxxx"]], "saml": other("r4")},
        {"method": "GET", "url": "https://a.test/sso", "get": [["SAMLRequest", "x"]]},
        {"method": "GET", "url": "https://a.test/", "responseHeaders": null}
    ]});
    let found = read(export.to_string().as_bytes());
    let told: Vec<(&str, Binding, bool)> = found
        .iter()
        .map(|one| one.as_ref().unwrap())
        .map(|one| (one.name.as_str(), one.binding, one.base64_length.is_some()))
        .collect();
    assert_eq!(
        told,
        [
            ("x, request 1", Binding::Post, true),
            ("x, request 2", Binding::Post, true),
            ("x, request 3", Binding::Redirect, true),
            ("x, request 4", Binding::Post, false),
        ]
    );
    assert!(!format!("{found:?}").contains("canary"));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_messages_or_an_error(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        proptest::prop_assert!(!captures("x", &bytes[..]).is_empty());
    }

    #[test]
    fn any_text_made_of_the_right_words_is_messages_or_an_error(
        text in "(SAMLResponse=|RelayState=|&|%2B|%|PHNhbWw|\\{\"log\":|\\{\"requests\":|\"entries\":\\[|\\}|\\]|\"|'|curl |https://a/|<input |name=|value=|<form |<html|>|\\?|é|\\n|\\^\"){0,20}",
    ) {
        proptest::prop_assert!(!captures("x", text.as_bytes()).is_empty());
    }
}
