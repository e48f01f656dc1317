#include "ctl/ctl_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/escaped_text.h"

namespace patchbay::ctl {

namespace {

using Json = nlohmann::json;

std::string escaped(std::string_view text) {
  std::string out;
  base::append_escaped(out, text);
  return out;
}

std::string cell_text(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return escaped(value.get_ref<const std::string&>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return value.dump();
}

/// "status.running" below `row`; null where it is not.
const Json& member_of(const Json& row, std::string_view path) {
  static const Json kNothing;
  const Json* at = &row;
  if (row.is_object() && row.contains(std::string(path)))
    return row[std::string(path)];  // names with dots are the API's own
  while (!path.empty()) {
    const size_t dot = std::min(path.find('.'), path.size());
    const std::string name(path.substr(0, dot));
    if (!at->is_object() || !at->contains(name)) return kNothing;
    at = &(*at)[name];
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return *at;
}

/// Columns of a terminal that a UTF-8 text takes, nearly: its code points.
size_t width_of(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string line_text(const std::vector<std::string>& cells, const std::vector<size_t>& widths) {
  std::string line;
  for (size_t column = 0; column < cells.size(); ++column) {
    line += cells[column];
    if (column + 1 < cells.size()) line.append(widths[column] - width_of(cells[column]) + 2, ' ');
  }
  while (line.ends_with(' ')) line.pop_back();
  return line + "\n";
}

void append_members(std::string& text, const Json& value, const std::string& indent);

void append_value(std::string& text, const std::string& indent, const std::string& name, const Json& value) {
  const bool nested = (value.is_object() && !value.empty()) ||
                      (value.is_array() &&
                       std::any_of(value.begin(), value.end(), [](const Json& item) { return item.is_structured(); }));
  text += indent + name + ":";
  if (!nested) {
    std::string cell;
    if (value.is_array()) {
      for (const Json& item : value) cell += (cell.empty() ? "" : ", ") + cell_text(item);
    } else {
      cell = cell_text(value);
    }
    text += (cell.empty() ? "" : " " + cell) + "\n";
    return;
  }
  text += "\n";
  append_members(text, value, indent + "  ");
}

void append_members(std::string& text, const Json& value, const std::string& indent) {
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) append_value(text, indent, escaped(name), member);
  } else if (value.is_array()) {
    for (const Json& item : value) {
      if (item.is_structured()) {
        append_members(text, item, indent);
        text += "\n";
      } else {
        text += indent + cell_text(item) + "\n";
      }
    }
  } else {
    text += indent + cell_text(value) + "\n";
  }
}

}  // namespace

std::string table_text(const Json& rows, std::span<const CtlColumn> columns) {
  std::vector<std::vector<std::string>> lines(1);
  for (const CtlColumn& column : columns) lines[0].emplace_back(column.heading);
  for (const Json& row : rows) {
    std::vector<std::string>& cells = lines.emplace_back();
    for (const CtlColumn& column : columns) cells.push_back(cell_text(member_of(row, column.member)));
  }
  std::vector<size_t> widths(columns.size());
  for (const auto& cells : lines) {
    for (size_t column = 0; column < cells.size(); ++column)
      widths[column] = std::max(widths[column], width_of(cells[column]));
  }
  std::string text;
  for (const auto& cells : lines) text += line_text(cells, widths);
  return text;
}

std::string lines_text(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    base::append_escaped(shown, text.substr(0, end));
    shown += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return shown;
}

std::string members_text(const Json& value) {
  std::string text;
  append_members(text, value, "");
  return text;
}

}  // namespace patchbay::ctl
