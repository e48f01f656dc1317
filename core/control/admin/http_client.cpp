#include "admin/http_client.h"

#include <httplib.h>

#include "base/random.h"

namespace patchbay::admin {

namespace {

std::string error_text(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
      return "could not connect";
    case httplib::Error::ConnectionTimeout:
      return "could not connect in time";
    case httplib::Error::SSLConnection:
      return "no TLS connection could be made";
    case httplib::Error::SSLServerVerification:
      return "the server's certificate is not trusted (--cacert)";
    case httplib::Error::SSLLoadingCerts:
      return "the certificates to trust could not be read";
    default:
      return "no answer (" + httplib::to_string(error) + ")";
  }
}

httplib::Request request_of(const HttpClientRequest& request) {
  httplib::Request sent;
  sent.method = request.method;
  sent.path = request.target;
  for (const auto& [name, value] : request.headers) sent.headers.emplace(name, value);
  if (request.upload_name.empty()) {
    sent.body = request.body;
    if (!request.content_type.empty() && !request.body.empty())
      sent.headers.emplace("Content-Type", request.content_type);
    return sent;
  }
  // Nobody can have put it into the file: it is as new as the call.
  base::SystemRandom random;
  const std::string boundary = "patchbay-" + std::to_string(random.next()) + std::to_string(random.next());
  sent.headers.emplace("Content-Type", "multipart/form-data; boundary=" + boundary);
  sent.body = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"plugin\"; filename=\"" +
              request.upload_name + "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + request.body + "\r\n--" +
              boundary + "--\r\n";
  return sent;
}

}  // namespace

base::Result<HttpClientResponse, std::string> send_http_request(const HttpClientRequest& request) {
  httplib::Client client(request.url);
  if (!client.is_valid())
    return base::fail("\"" + request.url + "\" is no address of a server: http://host:port is one");
  client.set_connection_timeout(request.timeout_s);
  client.set_read_timeout(request.timeout_s);
  client.set_write_timeout(request.timeout_s);
  client.enable_server_certificate_verification(true);
  if (!request.ca_file.empty()) client.set_ca_cert_path(request.ca_file);
  const httplib::Result result = client.send(request_of(request));
  if (!result) return base::fail(request.url + ": " + error_text(result.error()));
  return HttpClientResponse{result->status, result->get_header_value("Content-Type"), result->body};
}

}  // namespace patchbay::admin
