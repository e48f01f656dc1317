#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/json.h"

namespace patchbay::admin {

enum class Role : uint8_t { viewer, publisher, administrator };

/// Who makes a request, once authenticated.
struct Caller {
  enum class By : uint8_t { nobody, token, api_key, local };

  By by = By::nobody;
  std::string name;  ///< of the user or the key; "ctl" for the token file of the data directory
  Role role = Role::viewer;
  std::set<std::string> scopes;  ///< of a key; empty: all
};

/// One part of a multipart/form-data body.
struct UploadedPart {
  std::string name;
  std::string file_name;  ///< as the client says: never used as a path
  std::string content_type;
  std::string content;
};

/// A request that has been authenticated, matched with its route, and checked against the route's schemas: handlers
/// only see what the schema lets through. [any thread of the server]
struct ApiRequest {
  std::string method;                                               ///< "GET"
  std::string path;                                                 ///< decoded, without "/api/v5": "/clients/c1"
  std::map<std::string, std::string, std::less<>> path_parameters;  ///< decoded: {"clientid": "c1"}
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in the order sent; a name may come repeatedly
  std::string query_text;                                  ///< as sent
  Json body;                                               ///< null where there is none
  std::string body_text;                                   ///< as sent, where the route takes another form than JSON
  std::string content_type;
  std::vector<UploadedPart> parts;
  Caller caller;
  std::string peer_address;  ///< "127.0.0.1"
  std::string accept;        ///< the header

  /// The value of a path parameter, which the route declares.
  [[nodiscard]] const std::string& path_parameter(std::string_view name) const {
    return path_parameters.find(name)->second;
  }
  /// The first value of a query parameter.
  [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const;
  /// All values of one that may be repeated.
  [[nodiscard]] std::vector<std::string> query_values(std::string_view name) const;
  /// A number that the schema has checked.
  [[nodiscard]] std::optional<uint64_t> query_number(std::string_view name) const;
  [[nodiscard]] bool query_flag(std::string_view name, bool otherwise) const;
};

}  // namespace patchbay::admin
