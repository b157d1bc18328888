//! Reads the code and message out of an answer that is an error, for every protocol.
//!
//! The official protocols do this for JSON and restXml only; without a code from awsQuery and
//! ec2Query, throttling would never be noticed. So all of it is done here, the same way.

use crate::model::Protocol;
use aws_smithy_runtime_api::http::Headers;
use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};
use serde_json::Value;

/// What a service said was wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} (HTTP status {status}): {message}")]
pub(crate) struct ServiceError {
    pub code: String,
    pub message: String,
    pub status: u16,
    pub request_id: Option<String>,
}

#[derive(Default)]
struct Found {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
}

/// Never fails: a body that tells nothing (the HTML page of a proxy, or none at all) still gives a
/// code made of the status.
pub(crate) fn read(protocol: Protocol, status: u16, headers: &Headers, body: &[u8]) -> ServiceError {
    let found = if protocol.is_xml() { from_xml(body) } else { from_json(headers, body) };
    ServiceError {
        code: found.code.unwrap_or_else(|| format!("Http{status}")),
        message: found
            .message
            .unwrap_or_else(|| format!("the service answered with HTTP status {status} and did not say why")),
        status,
        request_id: found.request_id.or_else(|| {
            ["x-amzn-requestid", "x-amz-request-id"]
                .iter()
                .find_map(|name| headers.get(*name))
                .map(str::to_string)
        }),
    }
}

fn from_json(headers: &Headers, body: &[u8]) -> Found {
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let text = |names: &[&str]| names.iter().find_map(|name| body.get(name)).and_then(Value::as_str);
    // A service that once spoke awsQuery tells in this header the code that its callers know.
    let code = headers
        .get("x-amzn-query-error")
        .and_then(|value| value.split(';').next())
        .or_else(|| headers.get("x-amzn-errortype"))
        .or_else(|| text(&["code", "Code", "__type"]))
        .map(bare_code)
        .filter(|code| !code.is_empty());
    Found {
        code,
        message: text(&["message", "Message", "errorMessage"]).map(str::to_string),
        request_id: None,
    }
}

/// `com.amazonaws.kms#NotFoundException:http://…` is `NotFoundException`.
fn bare_code(text: &str) -> String {
    let text = text.rsplit('#').next().unwrap_or(text);
    text.split(':').next().unwrap_or(text).trim().to_string()
}

fn from_xml(body: &[u8]) -> Found {
    let mut found = Found::default();
    if let Ok(text) = std::str::from_utf8(body) {
        let mut document = Document::new(text);
        if let Ok(mut root) = document.root_element() {
            let is_error = root.start_el().local() == "Error";
            walk(&mut root, is_error, 0, &mut found);
        }
    }
    found
}

/// Looks for `Error` at the root (S3), in it (awsQuery, restXml) or in its `Errors` (ec2Query).
fn walk(element: &mut ScopedDecoder<'_, '_>, in_error: bool, depth: usize, found: &mut Found) {
    while let Some(mut tag) = element.next_tag() {
        let name = tag.start_el().local().to_string();
        match name.as_str() {
            "Code" | "Message" | "message" if in_error => {
                let Ok(text) = try_data(&mut tag) else { continue };
                let text = text.trim();
                let slot = if name == "Code" { &mut found.code } else { &mut found.message };
                if slot.is_none() && !text.is_empty() {
                    *slot = Some(text.to_string());
                }
            }
            "RequestId" | "RequestID" => {
                if let Ok(text) = try_data(&mut tag) {
                    found.request_id.get_or_insert_with(|| text.trim().to_string());
                }
            }
            "Error" if !in_error => walk(&mut tag, true, depth, found),
            "Errors" if !in_error && depth < 2 => walk(&mut tag, false, depth + 1, found),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(protocol: Protocol, body: &str) -> ServiceError {
        read(protocol, 400, &Headers::new(), body.as_bytes())
    }

    fn json(headers: &[(&'static str, &'static str)], body: &str) -> ServiceError {
        let mut all = Headers::new();
        for (name, value) in headers {
            all.insert(*name, *value);
        }
        read(Protocol::AwsJson11, 400, &all, body.as_bytes())
    }

    #[test]
    fn query_error_has_code_message_and_request_id() {
        let error = xml(
            Protocol::Query,
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
             <Code>Throttling</Code><Message>Rate &lt;exceeded&gt;</Message></Error><RequestId>r1</RequestId></ErrorResponse>",
        );
        assert_eq!((error.code.as_str(), error.message.as_str()), ("Throttling", "Rate <exceeded>"));
        assert_eq!(error.request_id.as_deref(), Some("r1"));
    }

    #[test]
    fn ec2_error_is_found_inside_errors() {
        let error = xml(
            Protocol::Ec2,
            "<?xml version=\"1.0\"?><Response><Errors><Error><Code>RequestLimitExceeded</Code>\
             <Message>slow</Message></Error></Errors><RequestID>r2</RequestID></Response>",
        );
        assert_eq!((error.code.as_str(), error.request_id.as_deref()), ("RequestLimitExceeded", Some("r2")));
    }

    #[test]
    fn s3_error_is_the_root() {
        let error = xml(
            Protocol::RestXml,
            "<Error><Code>NoSuchBucketPolicy</Code><Message>none</Message><BucketName>b</BucketName><RequestId>r3</RequestId></Error>",
        );
        assert_eq!((error.code.as_str(), error.request_id.as_deref()), ("NoSuchBucketPolicy", Some("r3")));
    }

    #[test]
    fn wrapped_rest_xml_error_is_found() {
        let error = xml(
            Protocol::RestXml,
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
        );
        assert_eq!(error.code, "AccessDenied");
    }

    #[test]
    fn text_that_looks_like_an_error_element_is_not_one() {
        let error = xml(
            Protocol::Query,
            "<ErrorResponse><Note>&lt;Error&gt;&lt;Code&gt;Wrong&lt;/Code&gt;&lt;/Error&gt;</Note>\
             <!-- <Error><Code>Comment</Code></Error> --><Error><Code>Right</Code></Error></ErrorResponse>",
        );
        assert_eq!(error.code, "Right");
    }

    #[test]
    fn json_code_comes_from_header_or_body_without_namespace() {
        assert_eq!(
            json(&[], r#"{"__type":"com.amazonaws.kms#NotFoundException","message":"m"}"#).code,
            "NotFoundException"
        );
        assert_eq!(
            json(&[("x-amzn-errortype", "ResourceNotFoundException:http://a/b")], "{}").code,
            "ResourceNotFoundException"
        );
        let error = json(&[("x-amzn-requestid", "r4")], r#"{"code":"ThrottlingException","Message":"slow"}"#);
        assert_eq!((error.code.as_str(), error.message.as_str()), ("ThrottlingException", "slow"));
        assert_eq!(error.request_id.as_deref(), Some("r4"));
    }

    #[test]
    fn query_compatible_service_tells_the_query_code() {
        let headers = [("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender")];
        let error = json(&headers, r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"m"}"#);
        assert_eq!(error.code, "AWS.SimpleQueueService.NonExistentQueue");
    }

    #[test]
    fn html_page_or_empty_body_gives_the_status_as_code() {
        for protocol in
            [Protocol::AwsJson10, Protocol::RestJson, Protocol::RestXml, Protocol::Query, Protocol::Ec2]
        {
            for body in [
                "<html><body><h1>502 Bad Gateway</h1><p>oops",
                "",
                "<!DOCTYPE html><html></html>",
                "\u{0}\u{1}",
            ] {
                let error = read(protocol, 502, &Headers::new(), body.as_bytes());
                assert_eq!(error.code, "Http502", "{protocol:?} {body:?}");
                assert!(error.message.contains("502"));
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_body_is_survived(body in r#"([<>/&;"{}:a-z ]|Error|Code|Errors|!\[CDATA\[|]]){0,40}"#) {
            for protocol in [Protocol::AwsJson10, Protocol::RestXml, Protocol::Query, Protocol::Ec2] {
                proptest::prop_assert!(!read(protocol, 500, &Headers::new(), body.as_bytes()).code.is_empty());
            }
        }
    }
}
