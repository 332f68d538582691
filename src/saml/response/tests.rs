use super::*;
use crate::saml::xml::MESSAGE;

const TEXT: &str = r#"<?xml version="1.0"?>
<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"
  ID="r1" Version="2.0" IssueInstant="2026-11-24T10:00:00Z" Destination="https://signin.aws.amazon.com/saml">
  <a:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">http://www.okta.com/exk1</a:Issuer>
  <p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><p:StatusCode Value="urn:inner"/></p:StatusCode>
    <p:StatusMessage>not today</p:StatusMessage></p:Status>
  <a:Assertion ID="a1" Version="2.0" IssueInstant="2026-11-24T10:00:01Z">
    <a:Issuer>http://www.okta.com/exk1</a:Issuer>
    <a:Subject><a:NameID Format="f" NameQualifier="q" SPNameQualifier="s" title=">">nora<!-- x -->@harbour.test</a:NameID>
      <a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <a:SubjectConfirmationData Recipient="https://signin.aws.amazon.com/saml" NotOnOrAfter="2026-11-24T10:05:00Z" InResponseTo="q1" Address="192.0.2.7"/>
      </a:SubjectConfirmation></a:Subject>
    <a:Conditions NotBefore="2026-11-24T09:55:00Z" NotOnOrAfter="2026-11-24T10:05:00Z">
      <a:AudienceRestriction><a:Audience>urn:amazon:webservices</a:Audience><a:Audience>b</a:Audience></a:AudienceRestriction>
      <a:AudienceRestriction><a:Audience> c </a:Audience></a:AudienceRestriction>
    </a:Conditions>
    <a:AuthnStatement AuthnInstant="2026-11-24T09:59:00Z" SessionIndex="s1" SessionNotOnOrAfter="2026-11-24T18:00:00Z">
      <a:AuthnContext><a:AuthnContextClassRef>urn:class</a:AuthnContextClassRef></a:AuthnContext></a:AuthnStatement>
    <a:AttributeStatement>
      <a:Attribute Name="one" NameFormat="basic" FriendlyName="One"><a:AttributeValue>x &lt; y</a:AttributeValue><a:AttributeValue/></a:Attribute>
    </a:AttributeStatement>
    <a:AttributeStatement><a:Attribute><a:AttributeValue><![CDATA[z]]></a:AttributeValue></a:Attribute><a:EncryptedAttribute/></a:AttributeStatement>
    <a:Advice><a:Assertion ID="advice"/><a:EncryptedAssertion/></a:Advice>
  </a:Assertion>
  <p:Extensions><a:Assertion ID="a2"/><Assertion xmlns="urn:else" ID="no"/></p:Extensions>
  <a:EncryptedAssertion><e:EncryptedData xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptionMethod Algorithm="aes"/>
    <e:KeyInfo><e:EncryptedKey><e:EncryptionMethod Algorithm="oaep"/></e:EncryptedKey></e:KeyInfo></e:EncryptedData></a:EncryptedAssertion>
</p:Response>"#;

fn read(text: &str) -> Message {
    Message::read(&Tree::parse(text, MESSAGE).unwrap())
}

fn said(value: Option<&Spotted<String>>) -> (&str, u32) {
    value.map_or(("", 0), |value| (&value.value, value.at.line))
}

#[test]
fn a_response_says_who_where_and_how_it_went() {
    let message = read(TEXT);
    assert_eq!(message.root, Root::Response);
    let response = message.response.as_ref().unwrap();
    assert_eq!(response.at.line, 2);
    assert_eq!(said(response.id.as_ref()), ("r1", 3));
    assert_eq!(said(response.destination.as_ref()), ("https://signin.aws.amazon.com/saml", 3));
    assert_eq!(response.in_response_to, None);
    let issuer = response.issuer.as_ref().unwrap();
    assert_eq!(said(Some(&issuer.value)), ("http://www.okta.com/exk1", 4));
    assert!(issuer.format.as_ref().unwrap().value.ends_with(":entity"));
    let status = response.status.as_ref().unwrap();
    assert!(status.code.as_ref().unwrap().value.ends_with(":Responder"));
    assert_eq!(said(status.inner.as_ref()), ("urn:inner", 5));
    assert_eq!(said(status.message.as_ref()), ("not today", 6));
}

#[test]
fn assertions_are_those_of_saml_2_outside_advice_in_their_order() {
    let message = read(TEXT);
    let ids: Vec<_> = message.assertions.iter().map(|one| said(one.id.as_ref()).0).collect();
    assert_eq!(ids, ["a1", "a2"]);
    let [sealed] = &message.encrypted[..] else { panic!("{:?}", message.encrypted) };
    assert_eq!(said(sealed.algorithm.as_ref()), ("aes", 26));
    assert_eq!(said(sealed.key_algorithm.as_ref()), ("oaep", 27));
    let second = &message.assertions[1];
    assert_eq!(message.assertion(second.node), Some(second));
    assert_eq!(message.assertion(sealed.node), None);
}

#[test]
fn an_assertion_says_everything_with_its_place() {
    let message = read(TEXT);
    let assertion = &message.assertions[0];
    let subject = assertion.subject.as_ref().unwrap();
    let name_id = subject.name_id.as_ref().unwrap();
    assert_eq!(name_id.value.text.value, "nora@harbour.test");
    assert_eq!(TEXT.get(name_id.value.text.at.bytes.clone()), Some("nora<!-- x -->@harbour.test"));
    assert_eq!(name_id.value.split, Some(Split::Mark));
    assert_eq!(said(name_id.format.as_ref()), ("f", 9));
    let [confirmation] = &subject.confirmations[..] else { panic!() };
    assert_eq!(confirmation.method.as_ref().unwrap().value, BEARER);
    let data = confirmation.data.as_ref().unwrap();
    assert_eq!(said(data.recipient.as_ref()), ("https://signin.aws.amazon.com/saml", 11));
    assert_eq!(said(data.not_on_or_after.as_ref()), ("2026-11-24T10:05:00Z", 11));
    assert_eq!(said(data.in_response_to.as_ref()), ("q1", 11));
    assert_eq!(said(data.address.as_ref()), ("192.0.2.7", 11));
    assert_eq!(data.not_before, None);
    let [conditions] = &assertion.conditions[..] else { panic!() };
    assert_eq!(conditions.restrictions.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    let audiences: Vec<_> = assertion.audiences().map(|one| one.value.as_str()).collect();
    assert_eq!(audiences, ["urn:amazon:webservices", "b", " c "]);
    let [statement] = &assertion.authn_statements[..] else { panic!() };
    assert_eq!(said(statement.session_not_on_or_after.as_ref()), ("2026-11-24T18:00:00Z", 17));
    assert_eq!(said(statement.context_class.as_ref()), ("urn:class", 18));
    let [one, unnamed] = &assertion.attributes[..] else { panic!() };
    assert_eq!((one.name.value.as_str(), one.values.len()), ("one", 2));
    assert_eq!(one.values[0].text.value, "x < y");
    assert!(one.values[0].split.is_none() && one.values[1].split.is_none());
    assert_eq!(one.values[1].text.value, "");
    assert_eq!(unnamed.name.value, "");
    assert_eq!(unnamed.values[0].split, Some(Split::Mark));
    assert_eq!(unnamed.values[0].text.value, "z");
    assert_eq!(assertion.encrypted_attributes.len(), 1);
    assert_eq!(assertion.attributes_named("one").count(), 1);
}

#[test]
fn a_root_of_another_namespace_is_told_with_it() {
    let root = |text: &str| read(text).root;
    assert_eq!(root("<Response/>"), Root::Other("{}Response".to_owned()));
    assert_eq!(
        root("<Response xmlns='urn:oasis:names:tc:SAML:1.0:protocol'/>"),
        Root::Other("{urn:oasis:names:tc:SAML:1.0:protocol}Response".to_owned())
    );
    assert_eq!(
        root(&format!("<LogoutResponse xmlns='{PROTOCOL}'/>")),
        Root::Other("LogoutResponse".to_owned())
    );
    assert_eq!(root(&format!("<Assertion xmlns='{ASSERTION}'/>")), Root::Assertion);
    assert_eq!(read(&format!("<Assertion xmlns='{ASSERTION}'/>")).assertions.len(), 1);
}

proptest::proptest! {
    #[test]
    fn any_well_formed_cutting_of_a_response_is_read(from in 0_usize..4000, length in 0_usize..400) {
        let cut = |at: usize| (0..=at.min(TEXT.len())).rev().find(|&at| TEXT.is_char_boundary(at)).unwrap();
        let (from, to) = (cut(from), cut(from + length));
        let text = format!("{}{}", TEXT.get(..from).unwrap(), TEXT.get(to..).unwrap());
        if let Ok(tree) = Tree::parse(&text, MESSAGE) {
            let message = Message::read(&tree);
            for assertion in &message.assertions {
                for value in assertion.attributes.iter().flat_map(|one| &one.values) {
                    proptest::prop_assert!(text.get(value.text.at.bytes.clone()).is_some());
                }
            }
        }
    }
}
