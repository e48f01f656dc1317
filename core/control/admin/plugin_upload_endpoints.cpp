// How files come in: allowed on the host, uploaded once, and either a new plugin or a new version of one that runs.
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "admin/error_codes.h"
#include "admin/plugin_json.h"
#include "admin/schema.h"
#include "admin/secrets.h"
#include "admin/upload_grants.h"
#include "package/durable_file.h"
#include "package/settings_store.h"
#include "package/sha256.h"
#include "plugin_host/plugin_host.h"

namespace patchbay::admin {

namespace {

using plugin_host::Done;
using plugin_host::InstallRequest;
using plugin_host::Outcome;

constexpr const char* kPart = "plugin";
constexpr std::string_view kSuffix = ".so";

/// A file that was uploaded, as long as it is looked at; the plugin host keeps a copy of its own.
class UploadedFile {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<UploadedFile>, std::string> write(const NodeAccess& node,
                                                                                      const std::string& content) {
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::absolute(node.data_dir) / "plugins" / "uploads";
    std::filesystem::create_directories(folder, error);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    auto file = std::make_unique<UploadedFile>(folder / (random_text(24) + std::string(kSuffix)));
    const auto written = package::write_durably(file->path(), content);
    if (!written) return base::fail(written.error());
    return file;
  }
  explicit UploadedFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~UploadedFile() {
    std::error_code error;
    std::filesystem::remove(path_, error);
  }
  UploadedFile(const UploadedFile&) = delete;
  UploadedFile& operator=(const UploadedFile&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string sha256_of(const std::string& content) {
  package::Sha256 hash;
  hash.add(content.data(), content.size());
  return hash.finish();
}

const UploadedPart* uploaded_part(const ApiRequest& request) {
  for (const UploadedPart& part : request.parts) {
    if (part.name == kPart) return &part;
  }
  return nullptr;
}

ApiResponse no_part() {
  return ApiResponse::error(400, code::kBadFormData, "the form has no part \"plugin\" with the file");
}

/// The name in the query, or that of the file without its ending.
std::string instance_of(const ApiRequest& request, const UploadedPart& part) {
  if (auto name = request.query_value("name")) return *name;
  std::string name = part.file_name;
  if (name.ends_with(kSuffix)) name.resize(name.size() - kSuffix.size());
  return name;
}

ApiResponse not_allowed(const std::string& name, const std::string& sha256) {
  return ApiResponse::error(
      403, code::kForbidden,
      "this file has not been allowed; on the broker's host: patchbay ctl plugins allow " + name + " " + sha256);
}

/// Takes the part's file into the host's folder, as the file of the instance where one is named. The sentence is its
/// path.
Outcome take_in(const NodeAccess& node, const UploadedPart& part, const UploadGrant& grant, bool as_new) {
  const auto file = UploadedFile::write(node, part.content);
  if (!file) return Outcome::refused(file.error());
  InstallRequest request{(*file)->path(), grant.sha256, {}, {}};
  if (as_new) {
    request.instance = grant.instance;
    request.permissions = grant.permissions;
  }
  return plugin_host::wait_for([&](Done done) { node.plugins.install(request, std::move(done)); });
}

ApiResponse allow(UploadGrants& grants, const ApiRequest& request) {
  if (request.caller.by != Caller::By::local) {
    return ApiResponse::error(
        403, code::kForbidden,
        "native code is allowed on the broker's host only: patchbay ctl plugins allow NAME SHA256");
  }
  const std::string name = request.body.at("name").get<std::string>();
  const std::string sha256 = request.body.at("sha256").get<std::string>();
  if (!package::is_instance_name(name))
    return ApiResponse::error(400, code::kBadRequest, "/name: allowed are letters, digits, -, _ and ., at most 64");
  if (!package::is_sha256_text(sha256))
    return ApiResponse::error(400, code::kBadRequest, "/sha256: expected 64 hexadecimal digits");
  grants.allow(name, sha256, request.body.value("permissions", std::vector<std::string>{}));
  return ApiResponse::no_content();
}

ApiResponse install(const NodeAccess& node, UploadGrants& grants, const ApiRequest& request) {
  const UploadedPart* const part = uploaded_part(request);
  if (part == nullptr) return no_part();
  const std::string name = instance_of(request, *part);
  const std::string sha256 = sha256_of(part->content);
  const auto status = node.plugins.status(name);
  if (status && status->state == plugin_host::PluginState::started)
    return ApiResponse::error(400, code::kAlreadyInstalled, "'" + name + "' runs; upgrade it, or stop it first");
  const auto grant = grants.take(name, sha256);
  if (!grant) return not_allowed(name, sha256);
  const Outcome outcome = take_in(node, *part, *grant, true);
  return outcome.ok ? ApiResponse::no_content() : refused(code::kBadPluginInfo, outcome);
}

ApiResponse upgrade(const NodeAccess& node, UploadGrants& grants, const ApiRequest& request) {
  const std::string& name = request.path_parameter("name");
  const auto status = find_plugin(node, name);
  if (!status) return no_such_plugin(name);
  const UploadedPart* const part = uploaded_part(request);
  if (part == nullptr) return no_part();
  const std::string sha256 = sha256_of(part->content);
  const auto grant = grants.take(status->name, sha256);
  if (!grant) return not_allowed(status->name, sha256);
  const Outcome taken = take_in(node, *part, *grant, false);
  if (!taken.ok) return refused(code::kBadPluginInfo, taken);
  const Outcome outcome = plugin_host::wait_for(
      [&](Done done) { node.plugins.upgrade(status->name, taken.sentence, sha256, std::move(done)); });
  return outcome.ok ? ApiResponse::json(outcome_json(outcome)) : refused(code::kUpdateFailed, outcome);
}

ApiResponse remove(const NodeAccess& node, const ApiRequest& request) {
  const std::string& name = request.path_parameter("name");
  const auto status = find_plugin(node, name);
  if (!status) return no_such_plugin(name);
  const Outcome stopped =
      plugin_host::wait_for([&](Done done) { node.plugins.disable(status->name, std::move(done)); });
  if (!stopped.ok) return refused(code::kParamError, stopped);
  const Outcome gone = plugin_host::wait_for([&](Done done) { node.plugins.forget(status->name, std::move(done)); });
  return gone.ok ? ApiResponse::no_content() : refused(code::kParamError, gone);
}

Route upload_route(std::string path, std::string summary) {
  Route route = plugin_route("POST", std::move(path), Access::write, std::move(summary));
  route.body_type = "multipart/form-data";
  return route;
}

}  // namespace

void add_plugin_upload_routes(RouteTable& routes, const NodeAccess& node) {
  const auto grants = std::make_shared<UploadGrants>(node.clock);
  Route allowing =
      plugin_route("POST", "/plugins/allow", Access::write,
                   "Lets one file be uploaded once, within five minutes; only for the token of the broker's own host.");
  allowing.body_schema = schema::object({{"name", schema::text(1, 64, "Name of the plugin.")},
                                         {"sha256", schema::text(64, 64, "SHA-256 of its file, in hex.")},
                                         {"permissions", schema::array(schema::string(), 64)}},
                                        {"name", "sha256"});
  allowing.responses = {{204, nullptr}};
  allowing.handler = [grants](const ApiRequest& request) { return allow(*grants, request); };
  routes.add(std::move(allowing));

  Route installing =
      upload_route("/plugins/install",
                   "Takes in a file that has been allowed: the part \"plugin\" of the form. Nothing of it runs yet.");
  installing.query = {{"name", schema::text(1, 64), "Name of the plugin; that of the file when left out."}};
  installing.responses = {{204, nullptr}};
  installing.handler = [&node, grants](const ApiRequest& request) { return install(node, *grants, request); };
  routes.add(std::move(installing));

  Route upgrading = upload_route(
      "/plugins/{name}/upgrade",
      "Runs a new version, uploaded in the part \"plugin\", in place of the one that runs; goes back to it when "
      "the new one does badly within its soak time.");
  upgrading.responses = {{200, outcome_schema()}};
  upgrading.handler = [&node, grants](const ApiRequest& request) { return upgrade(node, *grants, request); };
  routes.add(std::move(upgrading));

  Route removing =
      plugin_route("DELETE", "/plugins/{name}", Access::write, "Stops it and removes its file; its settings are kept.");
  removing.responses = {{204, nullptr}};
  removing.handler = [&node](const ApiRequest& request) { return remove(node, request); };
  routes.add(std::move(removing));
}

}  // namespace patchbay::admin
