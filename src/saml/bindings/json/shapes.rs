//! The shapes: HAR 1.2, what SAML-tracer exports (its fields as its source writes them), a plain object.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};
use serde_json::Value;

use crate::model::moment::Moment;
use crate::saml::bindings::{Carried, Sink, Where, base64, form, html};
use crate::saml::capture::Binding;

/// Most messages of one request.
const FIELDS: usize = 8;

/// The document.
pub(super) struct Root<'s> {
    pub(super) sink: &'s mut Sink,
    /// Set where anything known stands in it.
    pub(super) is_known: &'s mut bool,
}

/// `log` of a HAR file.
struct Log<'s> {
    sink: &'s mut Sink,
    is_known: &'s mut bool,
}

/// An array, its elements handed on one by one.
struct Each<'s, T> {
    sink: &'s mut Sink,
    of: PhantomData<T>,
}

/// An element that may carry messages.
trait Carrier: DeserializeOwned {
    fn hand_on(self, number: usize, sink: &mut Sink);
}

impl<'de> DeserializeSeed<'de> for Root<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Root<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a HAR file, an export of SAML-tracer or an object with `SAMLResponse`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut values, mut relay_state) = (Vec::new(), None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "log" => {
                    map.next_value_seed(Log { sink: self.sink, is_known: self.is_known })?;
                }
                "requests" => {
                    *self.is_known = true;
                    map.next_value_seed(Each::<Traced> { sink: self.sink, of: PhantomData })?;
                }
                "SAMLResponse" | "SAMLRequest" => {
                    let value = map.next_value::<Text>()?;
                    values.extend(value.0.map(|value| (value, key == "SAMLRequest")));
                }
                "RelayState" => relay_state = map.next_value::<Text>()?.0.and_then(form::kept),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        *self.is_known |= !values.is_empty();
        for (value, is_request) in values {
            let relay_state = relay_state.clone();
            let carried = Carried { value, is_request, relay_state, ..Carried::default() };
            self.sink.take(carried, &Where::whole(Binding::Base64));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Log<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Log<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the `log` of a HAR file")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "entries" {
                *self.is_known = true;
                map.next_value_seed(Each::<Entry> { sink: self.sink, of: PhantomData })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl<'de, T: Carrier> DeserializeSeed<'de> for Each<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Carrier> Visitor<'de> for Each<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of requests")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(element) = elements.next_element::<T>()? {
            number += 1;
            self.sink.entries += 1;
            element.hand_on(number, self.sink);
        }
        Ok(())
    }
}

/// An entry of a HAR file. Headers and cookies are passed over unread.
#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "startedDateTime", default)]
    started: Text,
    #[serde(default)]
    request: Option<Request>,
    #[serde(default)]
    response: Option<Answer>,
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    url: Text,
    #[serde(rename = "postData", default)]
    body: Option<Body>,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    text: Text,
    #[serde(default)]
    params: Option<Vec<Parameter>>,
}

#[derive(Deserialize)]
struct Parameter {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    value: Text,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    content: Option<Content>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(rename = "mimeType", default)]
    kind: Text,
    #[serde(default)]
    text: Text,
    #[serde(default)]
    encoding: Text,
}

impl Carrier for Entry {
    fn hand_on(self, number: usize, sink: &mut Sink) {
        let at = self.started.0.as_deref().and_then(Moment::parse);
        let place = |binding| Where { label: Some(format!("entry {number}")), binding, at };
        if let Some(request) = self.request {
            let url = request.url.0.unwrap_or_default();
            let address = form::without_query(&url);
            for carried in form::carried(&url) {
                sink.take_response(carried, &place(Binding::Redirect));
            }
            for carried in request.body.map(Body::carried).unwrap_or_default() {
                let carried = Carried { address: Some(address.clone()), ..carried };
                sink.take_response(carried, &place(Binding::Post));
            }
        }
        let page = self.response.and_then(|response| response.content?.page());
        for carried in page.as_deref().map(html::carried).unwrap_or_default() {
            sink.take_response(carried, &place(Binding::Page));
        }
    }
}

impl Body {
    /// What its parameters carry or, where they are not told one by one, its text.
    fn carried(self) -> Vec<Carried> {
        let parameters = self.params.unwrap_or_default();
        let pairs = parameters.into_iter().filter_map(|one| Some((one.name.0?, one.value.0?)));
        let carried = of_pairs(pairs);
        if carried.is_empty() {
            self.text.0.as_deref().map(form::carried).unwrap_or_default()
        } else {
            carried
        }
    }
}

impl Content {
    /// Its text, where it is a page with the field.
    fn page(self) -> Option<String> {
        let may_be_page = self.kind.0.is_none_or(|kind| kind.is_empty() || kind.contains("html"));
        let text = self.text.0.filter(|_| may_be_page)?;
        let text = if self.encoding.0.as_deref() == Some("base64") {
            let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            let bytes = base64::page_of(&packed)?;
            String::from_utf8_lossy(&bytes).into_owned()
        } else {
            text
        };
        let carries = text.contains("SAMLResponse") || text.contains("name=\"data\"");
        carries.then_some(text)
    }
}

/// Messages among named values.
fn of_pairs(pairs: impl Iterator<Item = (String, String)>) -> Vec<Carried> {
    let (mut values, mut relay_state) = (Vec::new(), None);
    for (name, value) in pairs {
        match name.as_str() {
            "RelayState" => relay_state = form::kept(form::decoded_once(&value)),
            _ if values.len() >= FIELDS => {}
            "SAMLResponse" => values.push((value, false)),
            "SAMLRequest" => values.push((value, true)),
            _ => {}
        }
    }
    let carried = values.into_iter().map(|(value, is_request)| Carried {
        value,
        is_request,
        relay_state: relay_state.clone(),
        ..Carried::default()
    });
    carried.collect()
}

/// A request of a SAML-tracer export. Its headers are passed over unread.
#[derive(Deserialize)]
struct Traced {
    #[serde(default)]
    method: Text,
    #[serde(default)]
    url: Text,
    /// Parameters as `[["name", "value"], …]`.
    #[serde(default)]
    get: Value,
    /// The same of a form.
    #[serde(default)]
    post: Value,
    /// The same as `{"name": ["value", …]}`.
    #[serde(rename = "postData", default)]
    body: Value,
    /// The message, decoded by the tracer.
    #[serde(default)]
    saml: Text,
}

impl Carrier for Traced {
    fn hand_on(self, number: usize, sink: &mut Sink) {
        let url = self.url.0.unwrap_or_default();
        let address = Some(form::without_query(&url));
        let is_get = self.method.0.as_deref() == Some("GET");
        let binding = if is_get { Binding::Redirect } else { Binding::Post };
        let place = Where { label: Some(format!("request {number}")), binding, at: None };
        let pairs = pairs_of(&self.post).into_iter().chain(pairs_of(&self.get));
        let mut found = of_pairs(pairs);
        if found.is_empty() {
            found = of_pairs(lists_of(&self.body).into_iter());
        }
        if found.is_empty() {
            found = form::carried(&url);
        }
        // Parameters told one by one are no longer as they were sent.
        let detached = form::carried(&url).into_iter().find_map(|carried| carried.detached);
        // An export may have its parameters masked and the decoded message not.
        let decoded = self.saml.0.filter(|text| text.trim_start().starts_with('<'));
        for carried in found {
            let detached = carried.detached.or_else(|| detached.clone());
            let carried = Carried { address: address.clone(), detached, ..carried };
            match &decoded {
                Some(text) if base64::decode(&carried.value).is_err() => {
                    sink.take_decoded(carried, text.clone(), &place);
                }
                _ => sink.take_response(carried, &place),
            }
        }
    }
}

/// `[["name", "value"], …]`.
fn pairs_of(value: &Value) -> Vec<(String, String)> {
    let pairs = value.as_array().into_iter().flatten().filter_map(|pair| {
        let [name, value] = pair.as_array()?.as_slice() else { return None };
        Some((name.as_str()?.to_owned(), value.as_str()?.to_owned()))
    });
    pairs.collect()
}

/// `{"name": ["value", …]}`.
fn lists_of(value: &Value) -> Vec<(String, String)> {
    let lists = value.as_object().into_iter().flatten();
    let pairs = lists.flat_map(|(name, values)| {
        let values = values.as_array().into_iter().flatten();
        values.filter_map(move |value| Some((name.clone(), value.as_str()?.to_owned())))
    });
    pairs.collect()
}

/// A string, or nothing where something else stands.
#[derive(Default)]
struct Text(Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(Some(text.to_owned())))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Text, E> {
        Ok(Text(Some(text)))
    }

    fn visit_unit<E: Error>(self) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Text, A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
}
