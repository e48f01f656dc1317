#include "support/vector_reader.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace patchbay::test_support {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

std::vector<std::string> split_words(std::string_view text) {
  std::istringstream stream{std::string(text)};
  return {std::istream_iterator<std::string>(stream), {}};
}

// Reads blocks line by line; knows which list an indented line belongs to.
class Parser {
 public:
  std::vector<PacketVector> parse(std::string_view text) {
    std::istringstream stream{std::string(text)};
    for (std::string line; std::getline(stream, line);) {
      ++line_number_;
      take_line(line);
    }
    end_block();
    return std::move(vectors_);
  }

 private:
  enum class List { none, hex, fields };

  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error("line " + std::to_string(line_number_) + ": " + why);
  }

  void take_line(const std::string& line) {
    if (trim(line).empty()) return end_block();
    if (line.front() == '#') return;
    if (line.front() != ' ') return take_key(line);
    if (list_ == List::hex) return append_bytes(line, current_.bytes);
    if (list_ == List::fields) return current_.fields.emplace_back(trim(line)), void();
    fail("an indented line belongs to no list");
  }

  void take_key(std::string_view line) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) fail("no key");
    const std::string_view key = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    list_ = key == "hex" ? List::hex : key == "is" ? List::fields : List::none;
    if (key == "name") {
      current_.name = value;
    } else if (key == "clause") {
      current_.clauses = split_words(value);
    } else if (key == "version") {
      current_.version = version_of(value);
    } else if (key == "from") {
      current_.sender = sender_of(value);
    } else if (key == "encodes") {
      append_bytes(value, current_.encoded);
    } else if (key == "error") {
      take_error(value);
    } else if (list_ == List::none) {
      fail("unknown key " + std::string(key));
    }
    has_result_ = has_result_ || key == "is" || key == "error";
  }

  void take_error(std::string_view value) {
    const std::vector<std::string> words = split_words(value);
    if (words.size() != 2) fail("an error is a reason and a clause");
    current_.error_reason = words[0];
    current_.error_clause = words[1];
  }

  mqtt::ProtocolVersion version_of(std::string_view value) const {
    if (value == "3.1") return mqtt::ProtocolVersion::v3_1;
    if (value == "3.1.1") return mqtt::ProtocolVersion::v3_1_1;
    if (value == "5") return mqtt::ProtocolVersion::v5;
    fail("unknown version");
  }

  mqtt::Sender sender_of(std::string_view value) const {
    if (value == "client") return mqtt::Sender::client;
    if (value == "server") return mqtt::Sender::server;
    fail("unknown sender");
  }

  void append_bytes(std::string_view text, std::vector<uint8_t>& bytes) const {
    for (size_t at = 0; at < text.size();) {
      if (text[at] == '#') return;
      if (text[at] == ' ') {
        ++at;
      } else if (text[at] == '"') {
        at = append_text(text, at + 1, bytes);
      } else {
        bytes.push_back(byte_at(text, at));
        at += 2;
      }
    }
  }

  size_t append_text(std::string_view text, size_t at, std::vector<uint8_t>& bytes) const {
    const size_t end = text.find('"', at);
    if (end == std::string_view::npos) fail("a text without its end");
    bytes.insert(bytes.end(), text.begin() + static_cast<ptrdiff_t>(at), text.begin() + static_cast<ptrdiff_t>(end));
    return end + 1;
  }

  uint8_t byte_at(std::string_view text, size_t at) const {
    const std::string digits(text.substr(at, 2));
    if (digits.size() != 2 || !std::ranges::all_of(digits, [](unsigned char c) { return std::isxdigit(c); })) {
      fail("not a byte: " + digits);
    }
    return static_cast<uint8_t>(std::stoi(digits, nullptr, 16));
  }

  void end_block() {
    list_ = List::none;
    if (current_.name.empty() && current_.bytes.empty()) return;
    if (current_.name.empty() || current_.bytes.empty() || !has_result_)
      fail("a packet needs name, hex, and is or error");
    if (current_.encoded.empty()) current_.encoded = current_.bytes;
    vectors_.push_back(std::move(current_));
    current_ = {};
    has_result_ = false;
  }

  std::vector<PacketVector> vectors_;
  PacketVector current_;
  List list_ = List::none;
  bool has_result_ = false;
  int line_number_ = 0;
};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::vector<PacketVector> parse_packet_vectors(std::string_view text) {
  return Parser().parse(text);
}

std::vector<PacketVector> load_packet_vectors() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(PATCHBAY_SOURCE_DIR "/tests/vectors")) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  std::vector<PacketVector> all;
  for (const auto& path : paths) {
    try {
      std::ranges::move(parse_packet_vectors(read_file(path)), std::back_inserter(all));
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(path.filename().string() + ", " + error.what());
    }
  }
  return all;
}

}  // namespace patchbay::test_support
