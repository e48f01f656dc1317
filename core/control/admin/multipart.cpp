#include "admin/multipart.h"

#include <algorithm>

#include "admin/text_case.h"

namespace patchbay::admin {

namespace {

/// Where the parameter that begins at `begin` ends: a semicolon inside of quotes ends nothing.
size_t parameter_end(std::string_view header, size_t begin) {
  bool quoted = false;
  for (size_t index = begin; index < header.size(); ++index) {
    if (quoted && header[index] == '\\') {
      ++index;
    } else if (header[index] == '"') {
      quoted = !quoted;
    } else if (!quoted && header[index] == ';') {
      return index;
    }
  }
  return header.size();
}

std::string unquoted(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string(value);
  std::string text;
  for (size_t index = 1; index + 1 < value.size(); ++index) {
    if (value[index] == '\\' && index + 2 < value.size()) ++index;
    text += value[index];
  }
  return text;
}

bool read_part_head(std::string_view head, UploadedPart& part) {
  while (!head.empty()) {
    const size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (equal_ignoring_case(line.substr(0, colon), "content-type")) part.content_type = value;
    if (!equal_ignoring_case(line.substr(0, colon), "content-disposition")) continue;
    part.name = header_parameter(value, "name");
    part.file_name = header_parameter(value, "filename");
  }
  return !part.name.empty();
}

}  // namespace

std::string header_parameter(std::string_view header, std::string_view name) {
  size_t begin = parameter_end(header, 0);
  while (begin < header.size()) {
    const size_t end = parameter_end(header, begin + 1);
    const std::string_view parameter = trimmed(header.substr(begin + 1, end - begin - 1));
    const size_t equals = parameter.find('=');
    if (equals != std::string_view::npos && equal_ignoring_case(trimmed(parameter.substr(0, equals)), name))
      return unquoted(trimmed(parameter.substr(equals + 1)));
    begin = end;
  }
  return {};
}

base::Result<std::vector<UploadedPart>, std::string> parse_multipart(std::string_view content_type,
                                                                     std::string_view body) {
  const std::string boundary = header_parameter(content_type, "boundary");
  if (boundary.empty() || boundary.size() > 70) return base::fail(std::string("the type has no boundary"));
  const std::string delimiter = "\r\n--" + boundary;
  if (!body.starts_with(std::string_view(delimiter).substr(2)))
    return base::fail(std::string("the body does not begin with its boundary"));
  body.remove_prefix(delimiter.size() - 2);
  std::vector<UploadedPart> parts;
  while (!body.starts_with("--")) {
    if (!body.starts_with("\r\n")) return base::fail(std::string("a boundary is not followed by a line end"));
    body.remove_prefix(2);
    const size_t head_end = body.substr(0, kPartHeadBytesMax).find("\r\n\r\n");
    if (head_end == std::string_view::npos) return base::fail(std::string("the head of a part has no end"));
    const size_t content = head_end + 4;
    const size_t end = body.find(delimiter, head_end + 2);
    if (end == std::string_view::npos || end < head_end + 2) return base::fail(std::string("a part has no end"));
    if (parts.size() == kPartsMax) return base::fail(std::string("there are too many parts"));
    UploadedPart part;
    if (!read_part_head(body.substr(0, head_end), part)) return base::fail(std::string("a part has no name"));
    part.content = end > content ? std::string(body.substr(content, end - content)) : std::string();
    parts.push_back(std::move(part));
    body.remove_prefix(end + delimiter.size());
  }
  return parts;
}

}  // namespace patchbay::admin
