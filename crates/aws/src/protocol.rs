//! The official protocols, and the one that the official crates lack: ec2Query.

use crate::model::{Protocol, Service};
use aws_smithy_json::protocol::aws_json_rpc::AwsJsonRpcProtocol;
use aws_smithy_json::protocol::aws_rest_json_1::AwsRestJsonProtocol;
use aws_smithy_query::protocol::AwsQueryProtocol;
use aws_smithy_runtime_api::http::{Request, Response};
use aws_smithy_schema::codec::Codec;
use aws_smithy_schema::protocol::{ClientProtocolInner, SharedClientProtocol};
use aws_smithy_schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer};
use aws_smithy_schema::{Schema, ShapeId, shape_id};
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::endpoint::Endpoint;
use aws_smithy_xml::codec::{XmlCodec, XmlCodecSettings};
use aws_smithy_xml::decode::Document;
use aws_smithy_xml::protocol::aws_rest_xml::AwsRestXmlProtocol;

pub(crate) fn of(service: &Service) -> SharedClientProtocol {
    match service.protocol {
        Protocol::AwsJson10 => {
            SharedClientProtocol::new(AwsJsonRpcProtocol::aws_json_1_0().with_target_prefix(service.target))
        }
        Protocol::AwsJson11 => {
            SharedClientProtocol::new(AwsJsonRpcProtocol::aws_json_1_1().with_target_prefix(service.target))
        }
        Protocol::RestJson => SharedClientProtocol::new(AwsRestJsonProtocol::new()),
        Protocol::RestXml => SharedClientProtocol::new(AwsRestXmlProtocol::new()),
        Protocol::Query => SharedClientProtocol::new(AwsQueryProtocol::new()),
        Protocol::Ec2 => SharedClientProtocol::new(Ec2Query::new()),
    }
}

/// The XML codec takes anything for an answer in which everything is missing: the page of a proxy
/// would read as "there are no buckets". So what cannot be an answer is refused before it is read.
///
/// `only_headers`: the answer says nothing in its body, so that one without a body may be of any kind.
pub(crate) fn check(protocol: Protocol, response: &Response, only_headers: bool) -> Result<(), SerdeError> {
    if !protocol.is_xml() {
        return Ok(());
    }
    let body = response.body().bytes().unwrap_or_default();
    let is_html = response.headers().get("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    let is_html = is_html && !(only_headers && body.trim_ascii().is_empty());
    if protocol == Protocol::RestXml {
        // an answer may have no body, and a policy's body is JSON
        return if is_html || root(body).is_some_and(|name| name.eq_ignore_ascii_case("html")) {
            Err(SerdeError::invalid_input("an HTML page instead of an answer"))
        } else {
            Ok(())
        };
    }
    let name = root(body).ok_or_else(|| SerdeError::invalid_input("no XML document"))?;
    if !name.ends_with("Response") {
        return Err(SerdeError::invalid_input(format!("a document `{name}` instead of an answer")));
    }
    let end = body.trim_ascii_end();
    if end.ends_with(format!("{name}>").as_bytes()) || end.ends_with(b"/>") {
        Ok(())
    } else {
        Err(SerdeError::invalid_input("an answer that breaks off"))
    }
}

/// The name of a document's outermost element.
fn root(body: &[u8]) -> Option<String> {
    let mut document = Document::new(std::str::from_utf8(body).ok()?);
    Some(document.root_element().ok()?.start_el().local().to_string())
}

const EC2_QUERY: ShapeId<'static> = shape_id!("aws.protocols", "ec2Query");

/// ec2Query: the request is awsQuery's, with names and flattening that the schemas carry; the answer
/// has no `...Result` element around what it says.
#[derive(Debug)]
struct Ec2Query {
    query: AwsQueryProtocol,
    codec: XmlCodec,
}

impl Ec2Query {
    fn new() -> Self {
        let settings = XmlCodecSettings::builder().default_timestamp_format(Format::DateTime).build();
        Self { query: AwsQueryProtocol::new(), codec: XmlCodec::new(settings) }
    }
}

impl ClientProtocolInner for Ec2Query {
    type Request = Request;
    type Response = Response;

    fn protocol_id(&self) -> &ShapeId<'static> {
        &EC2_QUERY
    }

    fn serialize_request(
        &self,
        input: &dyn SerializableStruct,
        schema: &Schema<'_>,
        endpoint: &str,
        config: &ConfigBag,
    ) -> Result<Request, SerdeError> {
        ClientProtocolInner::serialize_request(&self.query, input, schema, endpoint, config)
    }

    fn deserialize_response<'a>(
        &self,
        response: &'a Response,
        _schema: &Schema<'_>,
        _config: &'a ConfigBag,
    ) -> Result<Box<dyn ShapeDeserializer + 'a>, SerdeError> {
        let body = response.body().bytes().ok_or_else(|| SerdeError::custom("the body was not read"))?;
        Ok(Box::new(self.codec.create_deserializer(body)))
    }

    fn update_endpoint(
        &self,
        request: &mut Request,
        endpoint: &Endpoint,
        config: &ConfigBag,
    ) -> Result<(), SerdeError> {
        ClientProtocolInner::update_endpoint(&self.query, request, endpoint, config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    #[test]
    fn a_page_is_no_answer_but_nothing_at_all_is_one_where_nothing_is_said() {
        let check = |body: &'static str, only_headers| {
            let mut response = Response::new(StatusCode::try_from(200).unwrap(), SdkBody::from(body));
            response.headers_mut().insert("content-type", "text/html; charset=utf-8");
            super::check(Protocol::RestXml, &response, only_headers)
        };
        assert!(check("", true).is_ok());
        assert!(check("", false).is_err());
        assert!(check("<html>sign in to the network</html>", true).is_err());
    }
}
