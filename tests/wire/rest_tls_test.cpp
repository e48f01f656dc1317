// The REST API over TLS: curl and `patchbay ctl` with an authority of their own, a certificate that is replaced while
// the broker runs, and requests that come faster than their answers.
#include <csignal>
#include <filesystem>

#include <catch2/catch.hpp>

#include "wire/rest_client.h"
#include "wire/support/broker.h"
#include "wire/support/certificates.h"

namespace patchbay::wire {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kPassword = "Operator-2026!";
constexpr int kCertificateNotTrusted = 60;  // of curl
constexpr int kEmptyReply = 52;

struct SecureApi {
  SecureApi() {
    install(authority.issue("localhost"));
    broker = std::make_unique<Broker>(
        Words{"api.bind=127.0.0.1:" + std::to_string(port), "api.admin_password=" + std::string(kPassword),
              "api.certfile=\"" + certificate_file + "\"", "api.keyfile=\"" + key_file + "\""});
  }
  void install(const Certificate& certificate) const {
    const auto over = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(certificate.certificate_file, certificate_file, over);
    std::filesystem::copy_file(certificate.key_file, key_file, over);
    std::filesystem::permissions(key_file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  [[nodiscard]] std::string url(const std::string& path) const {
    return "https://localhost:" + std::to_string(port) + path;
  }
  Finished curl(Words options, const std::string& path) const {
    Words command = {"curl", "-sS", "-i", "--max-time", "10"};
    command.insert(command.end(), options.begin(), options.end());
    command.push_back(url(path));
    return run(std::move(command));
  }
  [[nodiscard]] Words trusting() const { return {"--cacert", authority.certificate_file()}; }
  [[nodiscard]] std::string token() const {
    Words options = trusting();
    const Json body = {{"username", "admin"}, {"password", kPassword}};
    for (const std::string& word : Words{"-H", "Content-Type: application/json", "-d", body.dump()})
      options.push_back(word);
    const std::string output = curl(options, "/api/v5/login").output;
    return Json::parse(output.substr(output.find("\r\n\r\n") + 4)).at("token").get<std::string>();
  }

  TemporaryFolder folder;
  CertificateAuthority authority{folder};
  uint16_t port = free_port();
  std::string certificate_file = folder.path("api.pem");
  std::string key_file = folder.path("api.key");
  std::unique_ptr<Broker> broker;
};

/// Sends a request with a body above 64 KiB and a second one in one go, and tells the status lines of what comes back.
constexpr const char* kPipeliner = R"py(
import json, socket, ssl, sys
port, authority, token = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl.create_default_context(cafile=authority)
head = "Host: localhost\r\nAuthorization: Bearer " + token + "\r\n"
for size in (70000, 66000, 65537 + 16384, 100):
    body = json.dumps({"topic": "t", "payload": "x" * size})
    first = ("POST /api/v5/publish HTTP/1.1\r\n" + head + "Content-Type: application/json\r\nContent-Length: " +
             str(len(body)) + "\r\n\r\n" + body)
    second = "GET /api/v5/mqtt/delayed HTTP/1.1\r\n" + head + "\r\n"
    with context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=5), server_hostname="localhost") as s:
        s.sendall((first + second + second).encode())
        answers = b""
        while answers.count(b"HTTP/1.1 ") < 3 or not answers.endswith(b"}"):
            part = s.recv(65536)
            if not part:
                break
            answers += part
        print([part[:3] for part in answers.decode().split("HTTP/1.1 ")[1:]])
)py";

}  // namespace

TEST_CASE("rest tls: curl that trusts the authority gets in, one that does not and one without TLS get nothing") {
  SecureApi api;
  const Finished trusted = api.curl(api.trusting(), "/status");
  INFO(trusted.output << trusted.error);
  CHECK(trusted.exit_code == 0);
  CHECK(trusted.output.starts_with("HTTP/1.1 200"));
  CHECK(trusted.output.find("trict-") != std::string::npos);  // Strict-Transport-Security
  CHECK(api.curl({}, "/status").exit_code == kCertificateNotTrusted);
  const Finished plain = run({"curl", "-sS", "--max-time", "5", "http://127.0.0.1:" + std::to_string(api.port)});
  CHECK((plain.exit_code == kEmptyReply || plain.exit_code == 56));
  Words with_token = api.trusting();
  with_token.insert(with_token.end(), {"-H", "Authorization: Bearer " + api.token()});
  CHECK(api.curl(with_token, "/api/v5/clients").output.starts_with("HTTP/1.1 200"));
  const Words old = {"--tlsv1.0", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0", "-k"};
  CHECK(api.curl(old, "/status").exit_code != 0);
}

TEST_CASE("rest tls: ctl finds the API by itself, when it is told whom to trust") {
  const SecureApi api;
  const std::string data = api.broker->folder().path("data");
  const Finished trusted =
      run({Broker::program(), "ctl", "--data", data, "--cacert", api.authority.certificate_file(), "status"});
  INFO(trusted.output << trusted.error);
  CHECK(trusted.exit_code == 0);
  CHECK(trusted.output.find("running") != std::string::npos);
  const Finished distrusting = run({Broker::program(), "ctl", "--data", data, "status"});
  CHECK(distrusting.exit_code == 1);
  CHECK(distrusting.error.find("not trusted") != std::string::npos);
}

TEST_CASE("rest tls: a new certificate is shown after SIGHUP") {
  SecureApi api;
  const auto shown = [&] {
    const Finished done = run({"openssl", "s_client", "-connect", "127.0.0.1:" + std::to_string(api.port)});
    return done.output.substr(0, done.output.find("Server certificate"));
  };
  CHECK(shown().find("CN = localhost") != std::string::npos);
  api.install(api.authority.issue("renewed.example"));
  bool renewed = false;
  api.broker->signal(SIGHUP);
  for (int attempt = 0; attempt < 50 && !renewed; ++attempt)
    renewed = shown().find("renewed.example") != std::string::npos;
  CHECK(renewed);
}

TEST_CASE("rest tls: requests that come behind a large body are answered without waiting for more") {
  const SecureApi api;
  const Finished done =
      run({"python3", "-c", kPipeliner, std::to_string(api.port), api.authority.certificate_file(), api.token()});
  INFO(done.output << done.error);
  CHECK(done.exit_code == 0);
  std::string expected;
  for (int i = 0; i < 4; ++i) expected += "['202', '200', '200']\n";
  CHECK(done.output == expected);
}

}  // namespace patchbay::wire
