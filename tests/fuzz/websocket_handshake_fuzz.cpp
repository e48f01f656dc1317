// The opening request: an answer never depends on what follows it, an incomplete request stays incomplete until its
// end, and whatever is answered is one well-formed HTTP response without anything of the client's in it.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz/fuzz_target.h"
#include "net/websocket_handshake.h"

namespace patchbay::net {
namespace {

constexpr size_t kLimit = 1024;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "websocket_handshake_fuzz: %s\n", what);
  std::abort();
}

void check(const std::string& bytes, const WebSocketOptions& options) {
  using Status = WebSocketHandshake::Status;
  const WebSocketHandshake answer = answer_websocket_request(bytes, options, kLimit);
  if (answer.status == Status::incomplete) {
    require(bytes.size() < kLimit, "waits for more than the limit");
    return;
  }
  require(answer.request_size <= bytes.size(), "takes more than there is");
  require(answer.response.starts_with("HTTP/1.1 ") && answer.response.ends_with("\r\n\r\n"), "no HTTP response");
  require(answer.response.find("\r\n\r\n") + 4 == answer.response.size(), "more than one response");
  const bool accepted = answer.response.starts_with("HTTP/1.1 101 ");
  require(accepted == (answer.status == Status::accepted), "status and response disagree");
  if (!accepted) return;  // a refusal takes whatever has come
  require(answer.request_size <= kLimit, "accepts a request over the limit");
  const WebSocketHandshake again = answer_websocket_request(bytes.substr(0, answer.request_size), options, kLimit);
  require(again.status == answer.status && again.response == answer.response, "depends on what follows");
  const std::string shorter = bytes.substr(0, answer.request_size - 1);
  require(answer_websocket_request(shorter, options, kLimit).status == Status::incomplete, "answers half a request");
}

}  // namespace
}  // namespace patchbay::net

namespace patchbay::fuzz {

std::vector<std::vector<uint8_t>> fuzz_seeds() {
  const std::string common = "Host: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n";
  const std::string rest =
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://a.example\r\n"
      "Sec-WebSocket-Protocol: mqtt, mqttv3.1\r\n\r\n";
  const std::string texts[] = {"GET /mqtt HTTP/1.1\r\n" + common + rest + "frames",
                               "GET /mqtt?a=b HTTP/1.1\r\n" + common + rest, "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                               "POST /mqtt HTTP/1.1\r\n\r\n", "\x10\x0c"};
  std::vector<std::vector<uint8_t>> seeds;
  for (const std::string& text : texts) seeds.emplace_back(text.begin(), text.end());
  return seeds;
}

}  // namespace patchbay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace patchbay::net;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  WebSocketOptions options;
  check(bytes, options);
  options.check_origin = true;
  options.origins = {"https://a.example"};
  options.fail_if_no_subprotocol = false;
  check(bytes, options);
  return 0;
}
