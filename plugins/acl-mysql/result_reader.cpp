#include "result_reader.h"

#include <memory>
#include <utility>

namespace patchbay::acl_mysql {

namespace {

constexpr unsigned long kUsualValue = 512;

struct Free {
  void operator()(MYSQL_RES* result) const { ::mysql_free_result(result); }
};

}  // namespace

ResultReader::End ResultReader::read(std::uint32_t maximum_rows, Rows& rows, std::string& error) {
  if (!read_names(rows)) {
    error = "the query gives no rows: a SELECT is expected";
    return End::too_much;
  }
  if (!bind()) return End::failed;
  for (;;) {
    const int code = ::mysql_stmt_fetch(&statement_);
    if (code == MYSQL_NO_DATA) return End::complete;
    if (code != 0 && code != MYSQL_DATA_TRUNCATED) return End::failed;
    if (rows.rows.size() == maximum_rows) {
      error = "the query gives more than " + std::to_string(maximum_rows) + (maximum_rows == 1 ? " row" : " rows");
      return End::too_much;
    }
    if (const End end = take_row(rows, error); end != End::complete) return end;
  }
}

bool ResultReader::read_names(Rows& rows) {
  const std::unique_ptr<MYSQL_RES, Free> metadata(::mysql_stmt_result_metadata(&statement_));
  if (!metadata) return false;
  const unsigned count = ::mysql_num_fields(metadata.get());
  const MYSQL_FIELD* fields = ::mysql_fetch_fields(metadata.get());
  for (unsigned index = 0; index < count; ++index) {
    std::string& name = rows.columns.emplace_back(fields[index].name, fields[index].name_length);
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  columns_.resize(count);
  return true;
}

bool ResultReader::bind() {
  binds_.resize(columns_.size());
  for (size_t index = 0; index < columns_.size(); ++index) {
    Column& column = columns_[index];
    column.buffer.resize(kUsualValue);
    MYSQL_BIND& bind = binds_[index];
    bind = {};
    bind.buffer_type = MYSQL_TYPE_STRING;
    bind.buffer = column.buffer.data();
    bind.buffer_length = kUsualValue;
    bind.length = &column.length;
    bind.is_null = &column.null;
  }
  return ::mysql_stmt_bind_result(&statement_, binds_.data()) == 0;
}

ResultReader::End ResultReader::take_row(Rows& rows, std::string& error) {
  std::vector<Value>& row = rows.rows.emplace_back();
  row.reserve(columns_.size());
  for (size_t index = 0; index < columns_.size(); ++index) {
    const Column& column = columns_[index];
    if (column.null != 0) {
      row.emplace_back(std::nullopt);
    } else if (column.length <= kUsualValue) {
      row.emplace_back(std::string(column.buffer.data(), column.length));
    } else if (column.length > kMaximumValue) {
      error = "column " + rows.columns[index] + " has more than " + std::to_string(kMaximumValue) + " bytes";
      return End::too_much;
    } else if (std::string whole; read_whole(index, whole)) {
      row.emplace_back(std::move(whole));
    } else {
      return End::failed;
    }
  }
  return End::complete;
}

bool ResultReader::read_whole(size_t index, std::string& value) {
  value.resize(columns_[index].length);
  unsigned long length = 0;
  my_bool null = 0;
  MYSQL_BIND bind{};
  bind.buffer_type = MYSQL_TYPE_STRING;
  bind.buffer = value.data();
  bind.buffer_length = value.size();
  bind.length = &length;
  bind.is_null = &null;
  return ::mysql_stmt_fetch_column(&statement_, &bind, static_cast<unsigned>(index), 0) == 0;
}

}  // namespace patchbay::acl_mysql
